//! The tokens of a session, as the vault keeps them.
//! In: what createSession and refreshSession answer, or what an earlier run kept. Out: tokens that belong to this account.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use url::Url;

/// A token with less time left than this is renewed before it is used.
const MARGIN: Duration = Duration::from_secs(60);

/// Whose tokens they are: others in the configuration, and the kept ones are nobody's.
pub(super) struct Owner {
    /// The server that the password goes to.
    pub(super) home: Url,
    /// Handle, DID or e-mail address.
    pub(super) user: String,
}

/// A session.
#[derive(Clone)]
pub(super) struct Tokens {
    /// The account's permanent name.
    pub(super) did: String,
    /// Its present name; `handle.invalid` where it does not hold.
    pub(super) handle: String,
    /// For every request, about two hours.
    pub(super) access: SecretString,
    /// For the next session, about two months; each is used once.
    pub(super) refresh: SecretString,
    /// Where requests go.
    pub(super) service: Url,
    /// When this process got them: from then on their age does not hang on how the clock is set.
    got: Option<Instant>,
}

impl Tokens {
    /// From an answer of the server at `home`; `None` when it is no session.
    pub(super) fn answered(answer: &Value, home: &Url) -> Option<Tokens> {
        let tokens = Tokens::read(answer, "accessJwt", "refreshJwt")?;
        let service = service(answer, home).unwrap_or_else(|| home.clone());
        Some(Tokens { service, got: Some(Instant::now()), ..tokens(home) })
    }

    /// From what an earlier run kept; `None` when that is another account's.
    pub(super) fn kept(text: &str, owner: &Owner) -> Option<Tokens> {
        let kept: Value = serde_json::from_str(text).ok()?;
        let same = kept["url"] == owner.home.as_str() && kept["user"] == owner.user.as_str();
        let tokens = Tokens::read(&kept, "access", "refresh").filter(|_| same)?;
        let service = kept["service"].as_str().and_then(|url| Url::parse(url).ok());
        let service = service.filter(|url| may_serve(url, &owner.home));
        Some(Tokens { service: service.unwrap_or_else(|| owner.home.clone()), ..tokens(&owner.home) })
    }

    /// As they are kept.
    pub(super) fn to_keep(&self, owner: &Owner) -> String {
        json!({
            "url": owner.home.as_str(), "user": owner.user, "did": self.did, "handle": self.handle,
            "service": self.service.as_str(),
            "access": self.access.expose_secret(), "refresh": self.refresh.expose_secret(),
        })
        .to_string()
    }

    /// With requests going where those of another session went.
    pub(super) fn at_the_service_of(self, other: &Tokens) -> Tokens {
        Tokens { service: other.service.clone(), ..self }
    }

    /// The same session for requests.
    pub(super) fn is(&self, other: &Tokens) -> bool {
        self.access.expose_secret() == other.access.expose_secret()
    }

    /// Whether the access token has to be renewed before it is used.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        let Some((from, until)) = times(&self.access) else { return false };
        let Some(got) = self.got else { return until <= now + MARGIN };
        let life = from.and_then(|from| (until - from).to_std().ok());
        life.is_some_and(|life| got.elapsed() + MARGIN.min(life / 2) >= life)
    }

    /// Until when the session can be renewed without the password.
    pub(super) fn renewable_until(&self) -> Option<DateTime<Utc>> {
        times(&self.refresh).map(|(_, until)| until)
    }

    fn read(from: &Value, access: &str, refresh: &str) -> Option<impl FnOnce(&Url) -> Tokens + use<>> {
        let text = |name: &str| from[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (did, handle) = (text("did").filter(|did| is_did(did))?, text("handle"));
        let (access, refresh) = (text(access)?, text(refresh)?);
        Some(move |home: &Url| Tokens {
            handle: handle.unwrap_or_else(|| did.clone()),
            did,
            access: access.into(),
            refresh: refresh.into(),
            service: home.clone(),
            got: None,
        })
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("did", &self.did).finish_non_exhaustive()
    }
}

/// The server that the account lives on, where the one that was asked (an entryway such as `bsky.social`) names it in the
/// DID document (<https://atproto.com/specs/did#did-documents>).
fn service(answer: &Value, home: &Url) -> Option<Url> {
    let services = answer.pointer("/didDoc/service")?.as_array()?;
    let named = services.iter().find(|service| {
        service["id"].as_str().is_some_and(|id| id.ends_with("#atproto_pds"))
            && service["type"] == "AtprotoPersonalDataServer"
    })?;
    let mut url = Url::parse(named["serviceEndpoint"].as_str()?).ok()?;
    url.set_path("/");
    Some(url).filter(|url| may_serve(url, home))
}

/// Tokens go over https, or to the very origin that the password goes to.
fn may_serve(url: &Url, home: &Url) -> bool {
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let named = matches!(url.host(), Some(url::Host::Domain(_)));
    url.origin() == home.origin() || (url.scheme() == "https" && named && plain)
}

/// <https://atproto.com/specs/did#at-protocol-did-identifier-syntax>
pub(super) fn is_did(text: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"._:%-".contains(&b);
    text.starts_with("did:") && text.len() <= 2048 && text.bytes().all(sound)
}

/// When a token was issued and until when it holds (RFC 7519, `iat` and `exp`). It is not verified: the server does that.
fn times(token: &SecretString) -> Option<(Option<DateTime<Utc>>, DateTime<Utc>)> {
    let claims = token.expose_secret().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&base64_url(claims)?).ok()?;
    let at = |name: &str| DateTime::from_timestamp(claims[name].as_i64()?, 0);
    Some((at("iat"), at("exp")?))
}

/// RFC 4648, 5; padding is not asked for.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn base64_url(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owner() -> Owner {
        Owner { home: "https://pds.example/".parse().unwrap(), user: "acme.example".to_owned() }
    }

    /// `{"iat":1795338000,"exp":1795345200}` between two other parts.
    const TOKEN: &str = "eyJ9.eyJpYXQiOjE3OTUzMzgwMDAsImV4cCI6MTc5NTM0NTIwMH0.c2ln";

    fn answer() -> Value {
        json!({"did": "did:plc:a", "handle": "acme.example", "accessJwt": TOKEN, "refreshJwt": TOKEN})
    }

    #[test]
    fn kept_tokens_come_back_to_their_account_only() {
        let tokens = Tokens::answered(&answer(), &owner().home).unwrap();
        let kept = tokens.to_keep(&owner());
        let back = Tokens::kept(&kept, &owner()).unwrap();
        assert!(back.is(&tokens) && back.did == "did:plc:a" && back.service == owner().home);
        assert!(Tokens::kept(&kept, &Owner { user: "other.example".to_owned(), ..owner() }).is_none());
        assert!(
            Tokens::kept(&kept, &Owner { home: "https://other.example/".parse().unwrap(), ..owner() })
                .is_none()
        );
        assert!(!format!("{tokens:?}").contains("eyJ"), "a token in Debug");
    }

    #[test]
    fn a_token_is_due_a_minute_before_its_end() {
        let kept =
            Tokens::kept(&Tokens::answered(&answer(), &owner().home).unwrap().to_keep(&owner()), &owner())
                .unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert!(!kept.is_due(at(1_795_345_139)));
        assert!(kept.is_due(at(1_795_345_140)));
        assert_eq!(kept.renewable_until(), Some(at(1_795_345_200)));
        let fresh = Tokens::answered(&answer(), &owner().home).unwrap();
        assert!(!fresh.is_due(at(1_900_000_000)), "just got: a clock that is set wrong does not age it");
    }

    #[test]
    fn only_https_or_the_same_origin_gets_tokens() {
        let at = |endpoint: &str| {
            let mut answer = answer();
            answer["didDoc"] = json!({"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}]});
            Tokens::answered(&answer, &owner().home).unwrap().service.to_string()
        };
        assert_eq!(at("https://morel.host.example"), "https://morel.host.example/");
        for other in [
            "http://morel.host.example",
            "https://10.0.0.1",
            "https://u:p@morel.example",
            "ftp://x.example",
            "no address",
        ] {
            assert_eq!(at(other), "https://pds.example/", "{other}");
        }
    }

    #[test]
    fn base64_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg", "f"),
            ("Zm8", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE", "fooba"),
        ] {
            assert_eq!(base64_url(text).unwrap(), bytes.as_bytes(), "{text}");
        }
        assert_eq!(base64_url("_-8"), Some(vec![0xff, 0xef]));
        assert_eq!(base64_url("a+b"), None);
    }

    proptest! {
        #[test]
        fn any_token_is_taken(token in "\\PC{0,60}", kept in "\\PC{0,60}") {
            let _ = times(&token.clone().into());
            let _ = Tokens::kept(&kept, &owner());
        }
    }
}
