//! Where an account's secret is: the file or command that the configuration names, else the environment. Nothing is read
//! and no program is run before the secret is asked for.

use crate::config::beside;
use crate::{Failure, Origin, Secret};
use std::path::{Path, PathBuf};

/// Where a secret is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretSource {
    /// Whose it is: `bluesky:acme`.
    pub name: String,
    /// The file that names it; paths are relative to it.
    pub beside: PathBuf,
    /// `password_file`.
    pub file: Option<String>,
    /// `password_command`.
    pub command: Option<Vec<String>>,
}

impl SecretSource {
    /// Checks the name (`NETWORK:NAME`) and that not both ways are given.
    pub fn read(
        name: &str,
        origin: &Origin,
        file: Option<String>,
        command: Option<Vec<String>>,
    ) -> Result<SecretSource, Failure> {
        let Origin::File(path, line) = origin else {
            return Ok(SecretSource { name: name.to_owned(), ..SecretSource::default() });
        };
        if !name.split_once(':').is_some_and(|(network, name)| !network.is_empty() && !name.is_empty()) {
            return Err(Failure::config(format!(
                "{origin}: an account is named NETWORK:NAME, such as \"file:drafts\", not {name:?}"
            )));
        }
        if file.is_some() && command.is_some() {
            return Err(Failure::config(format!(
                "{}:{line}: {name}: give password_file or password_command, not both",
                path.display()
            )));
        }
        Ok(SecretSource { name: name.to_owned(), beside: path.clone(), file, command })
    }

    /// A secret is configured; it is not asked for, as that may run a program.
    pub fn is_given(&self) -> bool {
        let given = || std::env::var_os(self.variable()).is_some_and(|secret| !secret.is_empty());
        self.file.is_some() || self.command.is_some() || given()
    }

    /// The secret; `CM_PASSWORD_NETWORK_NAME` in the environment is the last resort.
    pub fn ask(&self) -> Result<Secret, Failure> {
        if let Some(file) = &self.file {
            return Secret::from_file(&beside(&self.beside, file));
        }
        if let Some(argv) = &self.command {
            return Secret::from_command(&self.command_beside(argv));
        }
        let variable = self.variable();
        let given = std::env::var(&variable).ok().filter(|secret| !secret.is_empty());
        given.map(Secret::new).ok_or_else(|| {
            Failure::credentials(format!(
                "{}: no password_file or password_command (and no ${variable})",
                self.name
            ))
        })
    }

    /// A program named by a relative path stands beside the configuration; a bare name is looked up in PATH.
    fn command_beside(&self, argv: &[String]) -> Vec<String> {
        let mut argv = argv.to_vec();
        if let Some(program) =
            argv.first_mut().filter(|program| program.contains('/') && !Path::new(program).is_absolute())
        {
            *program = beside(&self.beside, program).display().to_string();
        }
        argv
    }

    fn variable(&self) -> String {
        let name: String = self
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        format!("CM_PASSWORD_{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let origin = Origin::File("cm.toml".into(), 3);
        assert!(SecretSource::read("drafts", &origin, None, None).is_err());
        let both = SecretSource::read("file:x", &origin, Some("f".into()), Some(vec!["p".into()]));
        assert!(both.unwrap_err().message.contains("not both"));
        let source = SecretSource::read("is.gd:pub-1", &origin, None, None).unwrap();
        assert_eq!(source.variable(), "CM_PASSWORD_IS_GD_PUB_1");
    }
}
