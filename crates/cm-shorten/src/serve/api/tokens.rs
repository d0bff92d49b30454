//! Who may use the API: `[shorten.api]`, and the tokens that it names, each by reference. A token itself is nowhere after
//! this: what is compared are hashes, in constant time.

use cm_cli::{Failure, Secret, beside};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use subtle::ConstantTimeEq;

/// Shorter tokens can be guessed.
const SHORTEST: usize = 20;
/// Requests a minute when nobody says.
const PER_MINUTE: u32 = 60;

/// `[shorten.api]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    per_minute: Option<u32>,
    tokens: BTreeMap<String, Reference>,
}

/// `[shorten.api.tokens.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Reference {
    password_file: Option<String>,
    password_command: Option<Vec<String>>,
}

/// The tokens.
#[derive(Debug)]
pub struct Tokens {
    known: Vec<(String, [u8; 32])>,
    /// Requests a minute, of each token and from each address.
    pub per_minute: u32,
}

impl Tokens {
    /// Fetches the tokens that a section names, relative to its file; `None` where there are none: then there is no API.
    pub fn read(section: &Section, file: &Path) -> Result<Option<Tokens>, Failure> {
        if section.tokens.is_empty() {
            return Ok(None);
        }
        let per_minute = section.per_minute.unwrap_or(PER_MINUTE);
        if per_minute == 0 {
            return Err(Failure::config("[shorten.api] per_minute: write a number from 1 on"));
        }
        let one = |(name, reference): (&String, &Reference)| {
            let secret = reference.secret(name, file)?;
            if secret.expose().len() < SHORTEST {
                return Err(Failure::credentials(format!(
                    "[shorten.api.tokens.{name}]: a token has at least {SHORTEST} characters, such as those of \
                     openssl rand -hex 32"
                )));
            }
            Ok((name.clone(), digest(secret.expose().as_bytes())))
        };
        let known = section.tokens.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Tokens { known, per_minute }))
    }

    /// The name of the token in an `Authorization` header (RFC 6750, 2.1).
    pub fn name(&self, authorization: &[u8]) -> Option<&str> {
        let (scheme, token) = authorization.split_at_checked("Bearer ".len())?;
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return None;
        }
        let given = digest(token.trim_ascii());
        // Every one is compared, whichever it is.
        self.known.iter().fold(None, |found, (name, known)| {
            if bool::from(known.ct_eq(&given)) { Some(name.as_str()) } else { found }
        })
    }
}

impl Reference {
    fn secret(&self, name: &str, file: &Path) -> Result<Secret, Failure> {
        match (&self.password_file, &self.password_command) {
            (Some(path), None) => Secret::from_file(&beside(file, path)),
            (None, Some(argv)) => Secret::from_command(argv),
            _ => Err(Failure::config(format!(
                "[shorten.api.tokens.{name}]: give password_file or password_command, one of them"
            ))),
        }
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let known = vec![("site".to_owned(), digest(b"0123456789abcdef0123"))];
        Tokens { known, per_minute: 1 }
    }

    #[test]
    fn a_token_is_known_by_its_name() {
        let tokens = tokens();
        for good in ["Bearer 0123456789abcdef0123", "bearer  0123456789abcdef0123 "] {
            assert_eq!(tokens.name(good.as_bytes()), Some("site"), "{good}");
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Basic 0123456789abcdef0123",
            "Bearer 0123456789abcdef012",
            "0123456789abcdef0123",
        ] {
            assert_eq!(tokens.name(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn short_tokens_and_references_that_are_none_are_refused() {
        let section = |argv: &[&str]| Section {
            tokens: BTreeMap::from([(
                "site".to_owned(),
                Reference {
                    password_command: Some(argv.iter().map(|a| (*a).to_owned()).collect()),
                    password_file: None,
                },
            )]),
            per_minute: None,
        };
        let read = |section: &Section| Tokens::read(section, Path::new("cm.toml"));
        assert!(read(&Section::default()).unwrap().is_none());
        let told = read(&section(&["echo", "hush"])).unwrap_err().message;
        assert!(told.contains("at least 20") && !told.contains("hush"), "{told}");
        assert!(read(&section(&["echo", "0123456789abcdef0123"])).unwrap().is_some());
        let none =
            Section { tokens: BTreeMap::from([("site".to_owned(), Reference::default())]), per_minute: None };
        assert!(read(&none).is_err());
        assert!(!format!("{:?}", tokens()).contains("0123456789abcdef0123"));
    }
}
