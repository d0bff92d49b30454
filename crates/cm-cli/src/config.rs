//! Settings and where they come from: flag > CM_* environment > ./cm.toml > $XDG_CONFIG_HOME/cm/config.toml >
//! /etc/cm/config.toml. `--config FILE` replaces every file. Relative paths are relative to the file that holds them.

use crate::toml_file::{explain, line_of, unknown, unreadable};
use crate::{Common, Failure};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// The settings that stand at the top of a file, with their environment names.
const TEXTS: [(&str, &str); 5] = [
    ("store", "CM_STORE"),
    ("time_zone", "CM_TIME_ZONE"),
    ("sources", "CM_SOURCES"),
    ("searches", "CM_SEARCHES"),
    ("archive", "CM_ARCHIVE"),
];

/// The sections of a file; each tool checks its own.
const SECTIONS: [&str; 10] =
    ["accounts", "slots", "shorten", "utm", "replies", "fetch", "scan", "inbox", "schedule", "report"];

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

/// All the settings of a run.
#[derive(Debug, Default)]
pub struct Config {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<&'static str, Setting>,
    files: Vec<File>,
}

/// One file, checked for its top-level names.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
}

impl Config {
    /// Reads the files and the environment.
    pub fn load(common: &Common) -> Result<Config, Failure> {
        let mut config = Config::default();
        if let Some(store) = &common.store {
            config.flags.insert("store", store.clone());
        }
        for (key, variable) in TEXTS {
            if let Some(value) = env::var(variable).ok().filter(|value| !value.is_empty()) {
                config.environment.insert(key, Setting { value, origin: Origin::Environment(variable) });
            }
        }
        let named = common.config.clone().or_else(|| env::var_os("CM_CONFIG").map(PathBuf::from));
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
        Ok(self.text(key)?.map(|setting| match &setting.origin {
            Origin::File(file, _) => beside(file, &setting.value),
            _ => PathBuf::from(&setting.value),
        }))
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

/// A value of a file, with what is needed to name its errors.
struct Value<'a> {
    file: &'a File,
    value: toml::Spanned<DeValue<'a>>,
}

impl Value<'_> {
    fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let file = self.file;
        T::deserialize(ValueDeserializer::from(self.value)).map_err(|e| explain(&file.name(), &file.text, &e))
    }

    fn entries<T: DeserializeOwned>(self) -> Result<Vec<(String, T, usize)>, Failure> {
        let file = self.file;
        let span = self.value.span();
        let DeValue::Table(table) = self.value.into_inner() else {
            let line = line_of(&file.text, &span);
            return Err(Failure::config(format!("{}:{line}: expected tables here", file.name())));
        };
        table
            .into_iter()
            .map(|(key, value)| {
                let line = line_of(&file.text, &key.span());
                let name = key.into_inner().into_owned();
                Value { file, value }.read().map(|entry| (name, entry, line))
            })
            .collect()
    }
}

impl File {
    fn read(path: PathBuf) -> Result<File, Failure> {
        let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
        let file = File { path, text };
        file.check_names()?;
        Ok(file)
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn parse(&self) -> Result<DeTable<'_>, Failure> {
        DeTable::parse(&self.text)
            .map(toml::Spanned::into_inner)
            .map_err(|e| explain(&self.name(), &self.text, &e))
    }

    fn check_names(&self) -> Result<(), Failure> {
        let known: Vec<&str> = TEXTS.iter().map(|(key, _)| *key).chain(SECTIONS).collect();
        for key in self.parse()?.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let line = line_of(&self.text, &key.span());
                let what = unknown("key", key.get_ref(), &known);
                return Err(Failure::config(format!("{}:{line}: {what}", self.name())));
            }
        }
        Ok(())
    }

    /// Hands a top-level entry and its line to `then`.
    fn entry<'a, T>(
        &'a self,
        name: &str,
        then: impl FnOnce(Value<'a>, usize) -> T,
    ) -> Result<Option<T>, Failure> {
        for (key, value) in self.parse()? {
            if key.get_ref() == name {
                let line = line_of(&self.text, &key.span());
                return Ok(Some(then(Value { file: self, value }, line)));
            }
        }
        Ok(None)
    }

    fn text(&self, key: &str) -> Result<Option<Setting>, Failure> {
        let found = self.entry(key, |value, line| value.read::<String>().map(|value| (value, line)))?;
        Ok(found
            .transpose()?
            .map(|(value, line)| Setting { value, origin: Origin::File(self.path.clone(), line) }))
    }

    /// Every leaf as dotted name, value as written and line.
    fn leaves(&self) -> Result<Vec<(String, String, usize)>, Failure> {
        let mut leaves = Vec::new();
        self.descend("", &self.parse()?, &mut leaves);
        Ok(leaves)
    }

    fn descend(&self, prefix: &str, table: &DeTable<'_>, leaves: &mut Vec<(String, String, usize)>) {
        for (key, value) in table {
            let name = if key.get_ref().contains(['.', ':']) {
                format!("{:?}", key.get_ref())
            } else {
                key.get_ref().to_string()
            };
            let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match value.get_ref() {
                DeValue::Table(inner) => self.descend(&name, inner, leaves),
                _ => {
                    let written = self.text.get(value.span()).unwrap_or_default().replace('\n', " ");
                    let written = if name.contains("webhook:") && name.ends_with(".url") {
                        host_only(&written)
                    } else {
                        hide_password(&written)
                    };
                    leaves.push((name, written, line_of(&self.text, &key.span())));
                }
            }
        }
    }
}

/// A path that a file names, relative to that file.
pub(crate) fn beside(file: &Path, value: &str) -> PathBuf {
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

/// A file that somebody else owns or can write may name a `password_command`: it is not obeyed.
#[cfg(unix)]
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    let shown = path.display();
    let me = rustix::process::geteuid().as_raw();
    if meta.uid() != me && meta.uid() != 0 {
        return Err(Failure::config(format!(
            "{shown} belongs to another user and is not obeyed: name it with --config if you trust it"
        )));
    }
    if meta.mode() & 0o022 != 0 {
        return Err(Failure::config(format!(
            "{shown} can be written by others (mode {:o}) and is not obeyed: chmod go-w {shown}",
            meta.mode() & 0o777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_foreign(_path: &Path) -> Result<(), Failure> {
    Ok(())
}

/// `postgres://user:***@host/db`.
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

/// The address of a webhook is its secret.
fn host_only(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            format!("{scheme}://{}/***", rest.split(['/', '?']).next().unwrap_or_default())
        }
        None => "***".to_owned(),
    }
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
        assert_eq!(hide_password("postgres://u:pw@h/d"), "postgres://u:***@h/d");
        let config = config("[accounts.\"webhook:t\"]\nurl = \"https://h.example/T0/secret\"\n").unwrap();
        let shown = format!("{:?}", config.all().unwrap());
        assert!(shown.contains("h.example") && !shown.contains("secret"), "{shown}");
    }
}
