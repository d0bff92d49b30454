//! A body of the API, read: what `add` is asked for on the command line, as JSON.

use crate::args::{Add, Backend, Naming, Redirect, Tagging};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The longest body, in bytes: a link and all that may be said of it.
pub const LONGEST: usize = 64 << 10;

/// The longest account and campaign, in bytes: both are kept with the link as they stand.
const LONGEST_NAME: usize = 300;

/// `POST /api/v1/links`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    url: String,
    slug: Option<String>,
    title: Option<String>,
    note: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    expires: Option<String>,
    max_clicks: Option<u32>,
    fallback: Option<String>,
    status: Option<u16>,
    max_age: Option<u32>,
    account: Option<String>,
    campaign: Option<String>,
    utm: Option<String>,
}

/// Reads a body; `Err` is one sentence for whoever sent it, which repeats nothing of it but names of members.
pub fn read(body: &[u8]) -> Result<Add, String> {
    let wish: Wish = serde_json::from_slice(body).map_err(|error| told(&error, body))?;
    if wish.max_clicks == Some(0) {
        return Err("max_clicks: write a number from 1 on".to_owned());
    }
    if wish.status.is_some_and(|status| ![301, 302, 307, 308].contains(&status)) {
        return Err("status: a redirect's status is 301, 302, 307 or 308".to_owned());
    }
    let is_name = |text: &String| text.len() <= LONGEST_NAME && !text.chars().any(char::is_control);
    if ![&wish.account, &wish.campaign].into_iter().flatten().all(is_name) {
        return Err(format!("account and campaign: at most {LONGEST_NAME} bytes, on one line"));
    }
    Ok(Add {
        url: wish.url,
        slug: wish.slug,
        expires: wish.expires,
        max_clicks: wish.max_clicks,
        fallback: wish.fallback,
        title: wish.title,
        // A server that fetches what it is told to is a tool for others.
        fetch_title: false,
        note: wish.note,
        tags: wish.tags,
        account: wish.account,
        redirect: Redirect { status: wish.status, max_age: wish.max_age },
        backend: Some(Backend::Embedded),
        tagging: Tagging { campaign: wish.campaign, utm: wish.utm, ..Tagging::default() },
        naming: Naming::default(),
    })
}

fn told(error: &serde_json::Error, body: &[u8]) -> String {
    let text = error.to_string();
    match error.classify() {
        // serde names the members that there are; a member that is none is its sender's own word.
        serde_json::error::Category::Data if text.starts_with("missing field") => {
            "url: which link?".to_owned()
        }
        serde_json::error::Category::Data if text.starts_with("unknown field") => {
            // The last one: before it stands what was sent.
            let known = text.rfind("expected").map_or("", |at| &text[at..]);
            // A word of a few letters can do no harm where it is shown; anything else is not repeated.
            let name = text.split('`').nth(1).filter(|name| name.len() <= 32);
            let is_word = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
            let name = name.filter(is_word).map(|name| format!("{name}: ")).unwrap_or_default();
            format!("{name}a member that is none: {}", known.split(" at line").next().unwrap_or_default())
        }
        serde_json::error::Category::Data if text.starts_with("duplicate field") => {
            format!("a member that stands twice, at column {}", error.column())
        }
        serde_json::error::Category::Data => mistyped(body),
        _ => format!("that is not JSON, from line {}, column {} on", error.line(), error.column()),
    }
}

/// Which member has another type than it should.
fn mistyped(body: &[u8]) -> String {
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return "write an object: {\"url\": \"https://...\"}".to_owned();
    };
    let does_not_fit = |(name, value): &(String, Value)| {
        let alone = json!({"url": "", name.as_str(): value});
        serde_json::from_value::<Wish>(alone)
            .is_err_and(|error| !error.to_string().starts_with("unknown field"))
    };
    let Some((name, _)) = members.into_iter().find(does_not_fit) else {
        return "a member of another type than it has".to_owned();
    };
    let what = match name.as_str() {
        "tags" => "a list of words",
        "max_clicks" | "max_age" | "status" => "a whole number, without quotes",
        _ => "a text",
    };
    format!("{name}: write {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wish_is_what_add_takes() {
        let add = read(br#"{"url":"https://a.example/","slug":"sale","tags":["a"],"max_clicks":5,"status":301,"campaign":"c"}"#).unwrap();
        assert_eq!(
            (add.url.as_str(), add.slug.as_deref(), add.max_clicks),
            ("https://a.example/", Some("sale"), Some(5))
        );
        assert_eq!(
            (add.redirect.status, add.tagging.campaign.as_deref(), add.fetch_title),
            (Some(301), Some("c"), false)
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_repeating_it() {
        for (body, why) in [
            ("", "not JSON"),
            ("{\"url\":", "not JSON"),
            ("[]", "write an object"),
            ("{}", "url: which link?"),
            ("{\"url\":1}", "url: write a text"),
            ("{\"url\":\"x\",\"tags\":\"a\"}", "tags: write a list of words"),
            ("{\"url\":\"x\",\"url\":\"y\"}", "stands twice"),
            ("{\"url\":1,\"<script>\":1}", "url: write a text"),
            ("{\"url\":\"x\",\"expected<\":1}", "a member that is none: expected one of `url`"),
            ("{\"url\":\"x\",\"<script>\":1}", "a member that is none: expected one of `url`, `slug`"),
            ("{\"url\":\"x\",\"slgu\":1}", "slgu: a member that is none: expected one of `url`, `slug`"),
            ("{\"url\":\"x\",\"max_clicks\":0}", "max_clicks"),
            ("{\"url\":\"x\",\"max_clicks\":-1}", "max_clicks: write a whole number"),
            ("{\"url\":\"x\",\"status\":200}", "status"),
            ("{\"url\":\"x\"} x", "not JSON"),
            ("{\"url\":\"x\",\"account\":\"a:\\u001b[1m\"}", "on one line"),
        ] {
            let told = read(body.as_bytes()).unwrap_err();
            assert!(told.contains(why) && !told.contains("<script>"), "{body}: {told}");
        }
        let deep = "[".repeat(50_000);
        assert!(read(format!("{{\"url\":{deep}").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_body_is_read(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }
    }
}
