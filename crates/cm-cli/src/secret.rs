//! Secrets by reference: a file that only its owner can read, or a command. Never from the arguments.

use crate::Failure;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A secret. Debug and Display print `***`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: String) -> Secret {
        Secret(text.into())
    }

    /// The secret itself: only where it is put on the wire.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The first line of a file that neither group nor others can read.
    pub fn from_file(path: &Path) -> Result<Secret, Failure> {
        let shown = path.display();
        let text = private_text("password_file", path)?;
        first_line(&text).ok_or_else(|| {
            Failure::credentials(format!(
                "password_file {shown} is empty: write the secret on its first line"
            ))
        })
    }

    /// All of a file that neither group nor others can read; `key` is the setting that names it.
    pub fn from_whole_file(key: &str, path: &Path) -> Result<Secret, Failure> {
        private_text(key, path).map(Secret::new)
    }

    /// The first line that a command prints; its arguments are a list and no shell is involved.
    pub fn from_command(argv: &[String]) -> Result<Secret, Failure> {
        let (program, rest) = argv
            .split_first()
            .ok_or_else(|| Failure::config("password_command is empty: give a program and its arguments"))?;
        let output = Command::new(program)
            .args(rest)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| Failure::credentials(format!("cannot run password_command {program}: {e}")))?;
        if !output.status.success() {
            return Err(Failure::credentials(format!(
                "password_command {program} failed: {}",
                output.status
            )));
        }
        first_line(&String::from_utf8_lossy(&output.stdout))
            .ok_or_else(|| Failure::credentials(format!("password_command {program} printed nothing")))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn private_text(key: &str, path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::credentials(format!("cannot read {key} {}: {e}", path.display())))?;
    refuse_open_file(key, path)?;
    Ok(text)
}

fn first_line(text: &str) -> Option<Secret> {
    text.lines()
        .next()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(|line| Secret::new(line.to_owned()))
}

#[cfg(unix)]
fn refuse_open_file(key: &str, path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(path).map(|m| m.mode()).unwrap_or(0);
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::credentials(format!(
        "{key} {shown} can be read by others (mode {:o}): chmod 600 {shown}",
        mode & 0o777
    )))
}

#[cfg(not(unix))]
fn refuse_open_file(_key: &str, _path: &Path) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_display_tell_nothing() {
        let secret = Secret::new("hunter2".into());
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "hunter2\nnext\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Secret::from_file(&path).unwrap_err().message.contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(Secret::from_file(&path).unwrap().expose(), "hunter2");
    }

    #[test]
    fn commands_run_without_a_shell() {
        let argv = ["printf".to_owned(), "a b;c\nd".to_owned()];
        assert_eq!(Secret::from_command(&argv).unwrap().expose(), "a b;c");
        assert!(Secret::from_command(&["false".to_owned()]).is_err());
    }
}
