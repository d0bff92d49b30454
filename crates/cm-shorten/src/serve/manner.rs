//! What of the configuration a running server obeys; read again when it is told to (SIGHUP).

use super::api::Tokens;
use super::forwarded::Proxies;
use crate::settings::Settings;
use crate::target::{self, Guard};
use cm_cli::{Config, Failure};
use hyper::header::HeaderValue;

/// How the server behaves.
#[derive(Debug)]
pub struct Manner {
    /// Whose word on addresses is taken.
    pub proxies: Proxies,
    /// Where `/` leads.
    pub landing: Option<HeaderValue>,
    /// Who may use the API; absent where there is none.
    pub tokens: Option<Tokens>,
    /// The rest.
    pub settings: Settings,
}

impl Manner {
    /// Reads it; what is wrong in it is told as at the start.
    pub fn read(config: &Config, allow_private: bool) -> Result<Manner, Failure> {
        let settings = Settings::of(config, allow_private)?;
        let landing = settings.landing.as_deref().map(|url| landing(url, &settings)).transpose()?;
        let tokens = Tokens::read(&settings.api, &settings.file)?;
        Ok(Manner { proxies: Proxies::read(&settings.proxies)?, landing, tokens, settings })
    }
}

fn landing(url: &str, settings: &Settings) -> Result<HeaderValue, Failure> {
    let wrong = |why: String| Failure::config(format!("[shorten] landing {}: {why}", target::shown(url)));
    // Whoever runs the server may send its visitors where they like, but not round in circles.
    let guard = Guard { allow_private: true, ..settings.guard.clone() };
    guard.check(url).map_err(|why| wrong(why.to_string()))?;
    let location = target::location(url).and_then(|text| HeaderValue::try_from(text).ok());
    location.ok_or_else(|| wrong("it is not a web address".to_owned()))
}
