//! One configuration file: its top-level names checked, its entries handed out with their lines.

use crate::Failure;
use crate::config::{Origin, Setting, TEXTS};
use crate::redact::{hide_password, host_only};
use crate::toml_file::{explain, line_of, unknown, unreadable};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// The sections of a file; each tool checks its own.
const SECTIONS: [&str; 12] = [
    "accounts",
    "shorteners",
    "slots",
    "shorten",
    "clean",
    "utm",
    "replies",
    "fetch",
    "scan",
    "inbox",
    "schedule",
    "report",
];

/// One file, checked for its top-level names.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    text: String,
}

/// A value of a file, with what is needed to name its errors.
pub(crate) struct Value<'a> {
    file: &'a File,
    value: toml::Spanned<DeValue<'a>>,
}

impl Value<'_> {
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let file = self.file;
        T::deserialize(ValueDeserializer::from(self.value)).map_err(|e| explain(&file.name(), &file.text, &e))
    }

    pub(crate) fn entries<T: DeserializeOwned>(self) -> Result<Vec<(String, T, usize)>, Failure> {
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
    pub(crate) fn read(path: PathBuf) -> Result<File, Failure> {
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
    pub(crate) fn entry<'a, T>(
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

    pub(crate) fn text(&self, key: &str) -> Result<Option<Setting>, Failure> {
        let found = self.entry(key, |value, line| value.read::<String>().map(|value| (value, line)))?;
        Ok(found
            .transpose()?
            .map(|(value, line)| Setting { value, origin: Origin::File(self.path.clone(), line) }))
    }

    /// Every leaf as dotted name, value as written and line.
    pub(crate) fn leaves(&self) -> Result<Vec<(String, String, usize)>, Failure> {
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

/// A file that somebody else owns or can write may name a `password_command`: it is not obeyed.
#[cfg(unix)]
pub(crate) fn refuse_foreign(path: &Path) -> Result<(), Failure> {
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
pub(crate) fn refuse_foreign(_path: &Path) -> Result<(), Failure> {
    Ok(())
}
