//! What of the configuration a running server obeys; read again when it is told to (SIGHUP).

use super::api::Tokens;
use super::forwarded::Proxies;
use crate::countries::Countries;
use crate::settings::Settings;
use crate::target::{self, Guard};
use cm_cli::{Failure, Session};
use hyper::header::HeaderValue;
use std::sync::Arc;

/// How the server behaves.
pub struct Manner {
    /// Whose word on addresses is taken.
    pub proxies: Proxies,
    /// Where `/` leads.
    pub landing: Option<HeaderValue>,
    /// Who may use the API; absent where there is none.
    pub tokens: Option<Tokens>,
    /// The table of networks.
    pub countries: Option<Arc<Countries>>,
    /// The rest.
    pub settings: Settings,
    /// The session with the configuration that this is of; absent at the start, where it is the server's own.
    pub session: Option<Session>,
}

impl std::fmt::Debug for Manner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manner").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Manner {
    /// Reads it; what is wrong in it is told as at the start.
    pub fn read(session: &Session) -> Result<Manner, Failure> {
        let settings = Settings::read(session)?;
        let landing = settings.landing.as_deref().map(|url| landing(url, &settings)).transpose()?;
        let tokens = Tokens::read(&settings.api, &settings.file)?;
        let (proxies, countries) = (Proxies::read(&settings.proxies)?, Countries::of_settings(&settings)?);
        Ok(Manner { proxies, landing, tokens, countries, settings, session: None })
    }

    /// Reads it again, from the files as they stand now. A command that gives a token may take its time, and a table of
    /// networks is large: answers, and the signal to stop, do not wait for them.
    pub async fn reread(session: &Session) -> anyhow::Result<Manner> {
        let fresh = session.reread()?;
        let reading = tokio::task::spawn_blocking(move || {
            let manner = Manner::read(&fresh)?;
            Ok(Manner { session: Some(fresh), ..manner })
        });
        reading.await?
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
