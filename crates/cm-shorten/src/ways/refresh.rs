//! Pages with which shorteners lead on instead of a redirect. In: a page. Out: where it leads.
//!
//! t.co answers browsers with `<meta http-equiv="refresh">`, lnkd.in with a page that asks whether one wants to leave.

use url::Url;

/// How much of a page is looked at.
const LOOKED_AT: usize = 128 << 10;

/// Where a page leads by itself, or by its one link to another site.
pub fn leads_to(page: &Url, body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]);
    let tags = || text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    let refresh = tags().filter(|tag| is(tag, "meta")).find_map(|tag| {
        let kind = attribute(tag, "http-equiv")?;
        kind.eq_ignore_ascii_case("refresh")
            .then(|| attribute(tag, "content"))
            .flatten()
            .and_then(|c| target(&c))
    });
    let is_linkedin =
        page.host_str().is_some_and(|host| host == "lnkd.in" || host.ends_with(".linkedin.com"));
    refresh.or_else(|| {
        let leaving = |tag: &&str| {
            is(tag, "a")
                && attribute(tag, "data-tracking-control-name").is_some_and(|n| n.contains("external_url"))
        };
        is_linkedin.then(|| tags().find(leaving).and_then(|tag| attribute(tag, "href"))).flatten()
    })
}

fn is(tag: &str, name: &str) -> bool {
    tag.split(|c: char| c.is_ascii_whitespace() || c == '/')
        .next()
        .is_some_and(|n| n.eq_ignore_ascii_case(name))
}

/// An attribute of a tag, its character references of `&` and quotes taken off.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(name)?;
        from = at + name.len();
        let before = lower.as_bytes().get(at.checked_sub(1)?)?;
        let Some(rest) = tag.get(from..)?.trim_start().strip_prefix('=') else { continue };
        if !before.is_ascii_whitespace() && !matches!(before, b'"' | b'\'') {
            continue;
        }
        let rest = rest.trim_start();
        let value = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
            _ => rest.split_ascii_whitespace().next()?,
        };
        return Some(
            value.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&"),
        );
    }
}

/// The address in `0;URL=https://...` (HTML, 4.2.5.3), quotes or not.
fn target(content: &str) -> Option<String> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(url) if url.eq_ignore_ascii_case("url") => {
            rest[3..].trim_start().strip_prefix('=')?.trim_start()
        }
        _ => rest,
    };
    let bare = rest.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pages_that_lead_on() {
        for (host, page, place) in [
            (
                "t.co",
                "<head><noscript><META http-equiv=\"refresh\" content=\"0;URL=https://a.example/?x=1&amp;y=2\"></noscript>",
                Some("https://a.example/?x=1&y=2"),
            ),
            (
                "t.co",
                "<meta content='0; url=\"https://a.example/\"' http-equiv=refresh />",
                Some("https://a.example/"),
            ),
            ("t.co", "<meta http-equiv='refresh' content='5'>", None),
            ("t.co", "<meta name='refresh' content='0;url=https://a.example'>", None),
            (
                "lnkd.in",
                "<a class=x data-tracking-control-name=\"external_url_click\" href=\"https://a.example/p\">",
                Some("https://a.example/p"),
            ),
            (
                "other.example",
                "<a data-tracking-control-name=\"external_url_click\" href=\"https://a.example/p\">",
                None,
            ),
            ("t.co", "<meta http-equiv", None),
        ] {
            let url = format!("https://{host}/x").parse().unwrap();
            assert_eq!(leads_to(&url, page.as_bytes()).as_deref(), place, "{page}");
        }
    }

    proptest! {
        #[test]
        fn any_page_is_read(page in "(<meta |<a |http-equiv=|refresh|content=|href=|['\"=;>é ]|\\PC){0,30}") {
            let url = "https://lnkd.in/x".parse().unwrap();
            leads_to(&url, page.as_bytes());
        }
    }
}
