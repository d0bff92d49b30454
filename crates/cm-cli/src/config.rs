//! Settings and where they come from: flag > CM_* environment > ./cm.toml > $XDG_CONFIG_HOME/cm/config.toml >
//! /etc/cm/config.toml. `--config FILE` replaces every file. Relative paths are relative to the file that holds them.

use crate::config_file::{File, refuse_foreign};
use crate::redact::hide_password;
use crate::{Common, Failure};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

/// The settings that stand at the top of a file, with their environment names.
pub(crate) const TEXTS: [(&str, &str); 5] = [
    ("store", "CM_STORE"),
    ("time_zone", "CM_TIME_ZONE"),
    ("sources", "CM_SOURCES"),
    ("searches", "CM_SEARCHES"),
    ("archive", "CM_ARCHIVE"),
];

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A file and line.
    File(PathBuf, usize),
    /// Nobody said.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "--{name}"),
            Origin::Environment(name) => write!(f, "${name}"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A setting's value and origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As written.
    pub value: String,
    /// Where.
    pub origin: Origin,
}

impl Setting {
    /// The value as a path: relative to the file that holds it, else to the working directory. `~/` is the home in both
    /// cases, since no shell reads the environment of a crontab.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.origin {
            Origin::File(file, _) => beside(file, &self.value),
            _ => beside(Path::new(""), &self.value),
        }
    }
}

/// All the settings of a run.
#[derive(Debug, Default)]
pub struct Config {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<&'static str, Setting>,
    files: Vec<File>,
}

impl Config {
    /// Reads the files and the environment.
    pub fn load(common: &Common) -> Result<Config, Failure> {
        let mut config = Config::default();
        if let Some(store) = &common.store {
            config.flags.insert("store", store.clone());
        }
        for (key, variable) in TEXTS {
            let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) else { continue };
            // To pass over it would mean to take another store.
            let value =
                value.into_string().map_err(|_| Failure::config(format!("${variable} is not UTF-8")))?;
            config.environment.insert(key, Setting { value, origin: Origin::Environment(variable) });
        }
        let named = common
            .config
            .clone()
            .or_else(|| env::var_os("CM_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        match named {
            Some(path) => config.files.push(File::read(path)?),
            None => {
                for path in standard_paths() {
                    if path.is_file() {
                        refuse_foreign(&path)?;
                        config.files.push(File::read(path)?);
                    }
                }
            }
        }
        Ok(config)
    }

    /// A top-level setting such as `time_zone`.
    pub fn text(&self, key: &'static str) -> Result<Option<Setting>, Failure> {
        if let Some(value) = self.flags.get(key) {
            return Ok(Some(Setting { value: value.clone(), origin: Origin::Flag(key) }));
        }
        if let Some(setting) = self.environment.get(key) {
            return Ok(Some(setting.clone()));
        }
        for file in &self.files {
            if let Some(setting) = file.text(key)? {
                return Ok(Some(setting));
            }
        }
        Ok(None)
    }

    /// A top-level setting that names a file: relative to the file that holds it, or to the working directory.
    pub fn path(&self, key: &'static str) -> Result<Option<PathBuf>, Failure> {
        Ok(self.text(key)?.map(|setting| setting.path()))
    }

    /// A section such as `[shorten]`, from the first file that has it, as a type that denies unknown fields.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        Ok(self.section_at(name)?.map(|(section, _)| section))
    }

    /// The same, with the file that holds it, for paths relative to it.
    pub fn section_at<T: DeserializeOwned>(&self, name: &str) -> Result<Option<(T, PathBuf)>, Failure> {
        for file in &self.files {
            if let Some(section) = file.entry(name, |value, _| value.read::<T>())? {
                return Ok(Some((section?, file.path.clone())));
            }
        }
        Ok(None)
    }

    /// A section of named tables such as `[accounts."bluesky:acme"]`: per name, the first file that has it wins.
    pub fn tables<T: DeserializeOwned>(&self, name: &str) -> Result<BTreeMap<String, (T, Origin)>, Failure> {
        let mut all = BTreeMap::new();
        for file in &self.files {
            let entries = file.entry(name, |value, _| value.entries::<T>())?;
            for (key, table, line) in entries.transpose()?.unwrap_or_default() {
                all.entry(key).or_insert((table, Origin::File(file.path.clone(), line)));
            }
        }
        Ok(all)
    }

    /// Every setting with its origin, for `--show-config`.
    pub(crate) fn all(&self) -> Result<Vec<(String, String, String)>, Failure> {
        let mut rows = Vec::new();
        for (key, _) in TEXTS {
            if let Some(setting) = self.text(key)? {
                rows.push((key.to_owned(), hide_password(&setting.value), setting.origin.to_string()));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for file in &self.files {
            for (key, value, line) in file.leaves()? {
                if TEXTS.iter().all(|(text, _)| *text != key) && seen.insert(key.clone()) {
                    rows.push((key, value, format!("{}:{line}", file.path.display())));
                }
            }
        }
        Ok(rows)
    }
}

/// A path that a file names, relative to that file; `~/` is the home.
pub fn beside(file: &Path, value: &str) -> PathBuf {
    let value = match (value.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(value),
    };
    file.parent().unwrap_or(Path::new("")).join(value)
}

/// `./cm.toml`, the user's and the machine's file, nearest first.
fn standard_paths() -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("cm.toml")];
    let home = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    paths.extend(home.map(|home| home.join("cm/config.toml")));
    paths.push(PathBuf::from("/etc/cm/config.toml"));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Shorten {
        domain: Option<String>,
    }

    fn config(text: &str) -> Result<Config, Failure> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cm.toml");
        std::fs::write(&path, text).unwrap();
        Ok(Config { files: vec![File::read(path)?], ..Config::default() })
    }

    #[test]
    fn values_know_their_line_and_paths_their_file() {
        let config = config("time_zone = \"Europe/Berlin\"\n\nsources = \"a/sources.toml\"\n").unwrap();
        let zone = config.text("time_zone").unwrap().unwrap();
        assert_eq!(zone.value, "Europe/Berlin");
        assert!(zone.origin.to_string().ends_with("cm.toml:1"));
        let path = config.path("sources").unwrap().unwrap();
        assert!(path.is_absolute() && path.ends_with("a/sources.toml"));
    }

    #[test]
    fn paths_are_relative_to_what_names_them() {
        let path = |value: &str, origin| Setting { value: value.into(), origin }.path();
        let file = Origin::File("/etc/cm/config.toml".into(), 1);
        assert_eq!(path("a/b", file.clone()), Path::new("/etc/cm/a/b"));
        assert_eq!(path("/a", file), Path::new("/a"));
        assert_eq!(path("a/b", Origin::Environment("CM_STORE")), Path::new("a/b"));
        let home = env::var_os("HOME").map(PathBuf::from).unwrap_or("~".into());
        assert_eq!(path("~/x", Origin::Environment("CM_STORE")), home.join("x"));
    }

    #[test]
    fn sections_are_checked_by_their_reader_only() {
        let text = "[shorten]\ndomian = \"x\"\n[utm.social]\nanything = 1\n";
        let error = config(text).unwrap().section::<Shorten>("shorten").unwrap_err();
        assert!(
            error.message.ends_with("cm.toml:2: unknown key \"domian\" (did you mean \"domain\"?)"),
            "{error}"
        );
        assert_eq!(config(text).unwrap().section::<Shorten>("report").unwrap(), None);
    }

    #[test]
    fn an_unknown_top_level_name_is_an_error() {
        let error = config("[acounts.\"file:x\"]\npath = \"y\"\n").unwrap_err();
        assert!(error.message.contains("did you mean \"accounts\"?"), "{error}");
    }

    #[test]
    fn named_tables() {
        let config =
            config("[accounts.\"a:b\"]\ndomain = \"1\"\n[accounts.\"c:d\"]\ndomain = \"2\"\n").unwrap();
        let tables = config.tables::<Shorten>("accounts").unwrap();
        assert_eq!(tables.len(), 2);
        assert_eq!(tables["c:d"].0.domain.as_deref(), Some("2"));
        assert!(matches!(tables["c:d"].1, Origin::File(_, 3)));
    }

    #[test]
    fn secrets_in_addresses_are_not_shown() {
        let config = config("[accounts.\"webhook:t\"]\nurl = \"https://h.example/T0/secret\"\n").unwrap();
        let shown = format!("{:?}", config.all().unwrap());
        assert!(shown.contains("h.example") && !shown.contains("secret"), "{shown}");
    }
}
