//! Accounts as the configuration describes them; which tool uses which member is that tool's business.

use crate::config::beside;
use crate::{Failure, Origin, Secret};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `[accounts."NETWORK:NAME"]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// `bluesky:acme`; set from the table's name.
    #[serde(skip)]
    pub name: String,
    /// The file that holds it; paths are relative to it.
    #[serde(skip)]
    file: PathBuf,
    /// The server, blog or hook.
    pub url: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// Where a `file:` account appends.
    path: Option<String>,
    /// The application that asks, where the network wants it named (OAuth `client_id`).
    pub client_id: Option<String>,
    /// What a run may spend on it where reading costs money, in US dollars.
    pub max_cost: Option<f64>,
    /// What a thing costs there by now, in US dollars: `post`, `user`, `media`.
    pub prices: BTreeMap<String, f64>,
    /// The version of the network's API to ask for, where it has several.
    pub api_version: Option<String>,
    password_file: Option<String>,
    password_command: Option<Vec<String>>,
    /// Times of day per weekday: `mon-fri`, `sat`, `daily`.
    pub slots: Option<BTreeMap<String, Vec<String>>>,
    /// Ranges of the day in which nothing goes out: `22:00-07:00`.
    pub quiet: Vec<String>,
    /// The least time between two posts: `45m`.
    pub min_gap: Option<String>,
    /// The receiver of a webhook promises to honour `Idempotency-Key` for ever.
    pub idempotent: bool,
}

impl Account {
    pub(crate) fn named(mut self, name: &str, origin: &Origin) -> Result<Account, Failure> {
        let Origin::File(file, line) = origin else { return Ok(Account { name: name.to_owned(), ..self }) };
        if !name.split_once(':').is_some_and(|(network, name)| !network.is_empty() && !name.is_empty()) {
            return Err(Failure::config(format!(
                "{origin}: an account is named NETWORK:NAME, such as \"file:drafts\", not {name:?}"
            )));
        }
        if self.password_file.is_some() && self.password_command.is_some() {
            return Err(Failure::config(format!(
                "{}:{line}: {name}: give password_file or password_command, not both",
                file.display()
            )));
        }
        self.name = name.to_owned();
        self.file = file.clone();
        Ok(self)
    }

    /// What stands before the colon.
    pub fn network(&self) -> &str {
        self.name.split_once(':').map_or("", |(network, _)| network)
    }

    /// The path of a `file:` account, relative to the configuration that names it.
    pub fn path(&self) -> Option<PathBuf> {
        self.path.as_deref().map(|path| beside(&self.file, path))
    }

    /// A secret is configured; it is not asked for, as that may run a program.
    pub fn has_password(&self) -> bool {
        let given = || std::env::var_os(self.variable()).is_some_and(|secret| !secret.is_empty());
        self.password_file.is_some() || self.password_command.is_some() || given()
    }

    /// The account's secret; `CM_PASSWORD_NETWORK_NAME` in the environment is the last resort.
    pub fn password(&self) -> Result<Secret, Failure> {
        if let Some(file) = &self.password_file {
            return Secret::from_file(&beside(&self.file, file));
        }
        if let Some(argv) = &self.password_command {
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
            *program = beside(&self.file, program).display().to_string();
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
        assert!(Account::default().named("drafts", &origin).is_err());
        let account = Account::default().named("file:drafts", &origin).unwrap();
        assert_eq!((account.network(), account.variable().as_str()), ("file", "CM_PASSWORD_FILE_DRAFTS"));
    }
}
