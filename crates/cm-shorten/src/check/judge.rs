//! What a visit says of a target. In: the way from it, and what earlier checks found. Out: ok, moved, dead or unsure, and
//! why in words.
//!
//! Wrong alarms are worse than late ones: a server that says no to programs (401, 403, 429), has a bad day (5xx, time-outs,
//! certificates) or sends everybody to its front page says nothing about the page. Only 404, 410 and a name that is gone
//! count, and these only when they stay.

use crate::ways::{End, Way, same_host};
use cm_net::Kind;
use std::fmt;
use url::Url;

const HOUR_MS: i64 = 3_600_000;
/// How much time lies between the first and the last 404 or 410 of a dead page: less than a day, for a daily run.
pub const GONE_FOR_MS: i64 = 20 * HOUR_MS;
/// The same for a name that does not resolve: name servers have bad weekends.
pub const NAMELESS_FOR_MS: i64 = 68 * HOUR_MS;
/// The reason of a name that does not resolve begins so.
const NAMELESS: &str = "the name does not resolve";

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It was not to be had twice, with time in between.
    Dead,
    /// It has moved for good.
    Moved,
    /// Nobody can say.
    Unsure,
    /// It answers.
    Ok,
}

impl State {
    /// In lower case, as lines and tables have it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Moved => "moved",
            State::Dead => "dead",
            State::Unsure => "unsure",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub state: State,
    /// Of the last answer.
    pub status: Option<u16>,
    /// Where it has moved.
    pub moved_to: Option<String>,
    /// In words.
    pub reason: String,
}

/// What an earlier check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// When, ms.
    pub at_ms: i64,
    /// `ok`, `moved`, `dead` or `unsure`.
    pub state: String,
    /// Of the answer.
    pub status: Option<i64>,
    /// Why.
    pub reason: String,
}

fn found(state: State, status: Option<u16>, reason: impl Into<String>) -> Finding {
    Finding { state, status, moved_to: None, reason: reason.into() }
}

/// Judges a visit; `earlier` with the newest first.
pub fn judge(page: &str, way: &Way, earlier: &[Earlier], now_ms: i64) -> Finding {
    match &way.end {
        End::Answered { status, .. } if (200..300).contains(status) => arrived(page, way, *status),
        End::Answered { status: status @ (404 | 410), .. } => {
            let is_gone = |earlier: &Earlier| matches!(earlier.status, Some(404 | 410));
            match first_gone(earlier, is_gone).filter(|first| now_ms - first >= GONE_FOR_MS) {
                Some(_) => found(State::Dead, Some(*status), format!("it answers {status}, and did before")),
                None => found(
                    State::Unsure,
                    Some(*status),
                    format!("it answers {status}; dead if it still does a day later"),
                ),
            }
        }
        End::Answered { status, .. } => found(State::Unsure, Some(*status), said(*status)),
        End::Failed(Kind::Dns, _) => {
            let is_gone = |earlier: &Earlier| earlier.reason.starts_with(NAMELESS);
            match first_gone(earlier, is_gone).filter(|first| now_ms - first >= NAMELESS_FOR_MS) {
                Some(_) => found(State::Dead, None, format!("{NAMELESS}, and did not before")),
                None => found(
                    State::Unsure,
                    None,
                    format!("{NAMELESS}; dead if it still does not three days later"),
                ),
            }
        }
        End::Failed(_, why) | End::Refused(why) | End::Lost(why) => found(State::Unsure, None, why.clone()),
        End::Unasked => found(State::Unsure, None, "it was not asked"),
    }
}

/// When it was first found gone, if nothing was found there since: a front page or a page to sign in, which leave it
/// unsure, are an answer too.
fn first_gone(earlier: &[Earlier], is_gone: impl Fn(&Earlier) -> bool) -> Option<i64> {
    let is_there = |earlier: &Earlier| {
        matches!(earlier.state.as_str(), "ok" | "moved")
            || earlier.status.is_some_and(|status| (200..300).contains(&status))
    };
    let since = earlier.iter().take_while(|earlier| !is_there(earlier));
    since.filter(|earlier| is_gone(earlier)).map(|earlier| earlier.at_ms).last()
}

fn said(status: u16) -> String {
    match status {
        401 | 402 | 403 | 407 | 451 => format!("it answers {status}: not for programs, perhaps for people"),
        408 | 425 | 429 => format!("it answers {status}: it was asked too often or too early"),
        500..600 => format!("it answers {status}: trouble of its own"),
        _ => format!("it answers {status}"),
    }
}

/// An answer was there: at its own place, or at another that says whether the page is.
fn arrived(page: &str, way: &Way, status: u16) -> Finding {
    let (Some(place), Ok(from)) = (way.place(), Url::parse(page)) else {
        return found(State::Ok, Some(status), "it answers");
    };
    let Ok(to) = Url::parse(place) else {
        return found(State::Unsure, Some(status), "it leads to no address");
    };
    if same_place(&from, &to) {
        return found(State::Ok, Some(status), "it answers");
    }
    let shown = crate::target::shown(place);
    if is_front(&to) && !is_front(&from) {
        return found(
            State::Unsure,
            Some(status),
            format!("it leads to the front page {shown}: perhaps the page is gone"),
        );
    }
    if asks_for_a_person(&to) && !asks_for_a_person(&from) {
        return found(
            State::Unsure,
            Some(status),
            format!("it leads to {shown}, where people sign in or agree"),
        );
    }
    if says_no(&to) && !says_no(&from) {
        return found(State::Unsure, Some(status), format!("it leads to {shown}: perhaps the page is gone"));
    }
    match way.hops.iter().all(|hop| matches!(hop.status, 301 | 308)) {
        true => Finding {
            moved_to: Some(place.to_owned()),
            ..found(State::Moved, Some(status), "it has moved for good")
        },
        false => found(State::Ok, Some(status), format!("it leads on to {shown} for now")),
    }
}

/// http and https, `www.` or not, a slash at the end or not: no reason to change a link that works.
fn same_place(a: &Url, b: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    same_host(a, b) && a.port() == b.port() && path(a) == path(b) && a.query() == b.query()
}

/// A front page, of a language perhaps.
fn is_front(url: &Url) -> bool {
    let path = url.path().trim_matches('/').to_ascii_lowercase();
    let is_language =
        path.len() == 2 || (path.len() == 5 && matches!(path.as_bytes().get(2), Some(b'-' | b'_')));
    path.is_empty()
        || is_language
        || matches!(path.as_str(), "index.html" | "index.php" | "home" | "default.aspx")
}

fn asks_for_a_person(url: &Url) -> bool {
    const WORDS: [&str; 9] =
        ["login", "log-in", "signin", "sign-in", "sso", "oauth", "consent", "captcha", "paywall"];
    let path = url.path().to_ascii_lowercase();
    path.split(['/', '.', '_']).any(|part| WORDS.contains(&part))
        || url.host_str().is_some_and(|host| host.split('.').any(|label| WORDS.contains(&label)))
}

/// A page that says by its name that there is none (a soft 404): it answers 2xx all the same.
fn says_no(url: &Url) -> bool {
    const NAMES: [&str; 8] =
        ["404", "404-not-found", "410", "error", "not-found", "notfound", "page-not-found", "pagenotfound"];
    let name = |part: &str| part.split('.').next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    url.path().split('/').any(|part| NAMES.contains(&name(part).as_str()))
}

/// Several pages of a site that all moved to one place did not move: that is how a site says that it has none of them.
pub fn doubt_the_same_place(findings: &mut [(String, Finding)]) {
    let places: Vec<Option<String>> = findings.iter().map(|(_, finding)| finding.moved_to.clone()).collect();
    for (_, finding) in findings {
        let Some(place) = &finding.moved_to else { continue };
        let count = places.iter().filter(|other| other.as_ref() == Some(place)).count();
        if count > 1 {
            let reason = format!(
                "{count} pages of the site lead to {}: perhaps they are gone",
                crate::target::shown(place)
            );
            *finding = found(State::Unsure, finding.status, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::Hop;

    fn way(hops: &[(u16, &str)], end: End) -> Way {
        Way {
            hops: hops.iter().map(|(status, to)| Hop { status: *status, to: (*to).to_owned() }).collect(),
            end,
        }
    }

    fn answered(status: u16) -> End {
        End::Answered { status, retry_after: None }
    }

    fn earlier(hours_ago: i64, state: &str, status: Option<i64>, reason: &str) -> Earlier {
        Earlier { at_ms: -hours_ago * HOUR_MS, state: state.to_owned(), status, reason: reason.to_owned() }
    }

    const PAGE: &str = "https://a.example/shop/shoes?id=7";

    #[test]
    fn answers_and_redirects() {
        for (hops, end, state) in [
            (&[][..], answered(200), State::Ok),
            (&[], answered(204), State::Ok),
            (&[(301, "https://www.a.example/shop/shoes/?id=7")], answered(200), State::Ok),
            (&[(301, "https://a.example/new/shoes")], answered(200), State::Moved),
            (&[(301, "https://b.example/x"), (308, "https://b.example/y")], answered(200), State::Moved),
            (&[(301, "https://b.example/x"), (302, "https://b.example/y")], answered(200), State::Ok),
            (&[(302, "https://a.example/shop/today")], answered(200), State::Ok),
            (&[(301, "https://a.example/")], answered(200), State::Unsure),
            (&[(302, "https://a.example/de/")], answered(200), State::Unsure),
            (&[(302, "https://a.example/login?next=/shop")], answered(200), State::Unsure),
            (&[(302, "https://consent.b.example/?to=x")], answered(200), State::Unsure),
            (&[(301, "https://a.example/404.html")], answered(200), State::Unsure),
            (&[(302, "https://a.example/de/Page_Not_Found?from=x")], answered(200), State::Unsure),
            (&[(301, "https://a.example/how-to-fix-error-404")], answered(200), State::Moved),
            (&[(301, "https://a.example/new")], answered(404), State::Unsure),
            (&[], answered(401), State::Unsure),
            (&[], answered(403), State::Unsure),
            (&[], answered(404), State::Unsure),
            (&[], answered(429), State::Unsure),
            (&[], answered(503), State::Unsure),
            (&[], answered(999), State::Unsure),
            (&[], End::Failed(Kind::Tls, "no".to_owned()), State::Unsure),
            (&[], End::Failed(Kind::Timeout, "no".to_owned()), State::Unsure),
            (&[], End::Failed(Kind::Dns, "no".to_owned()), State::Unsure),
            (&[], End::Lost("circle".to_owned()), State::Unsure),
        ] {
            let finding = judge(PAGE, &way(hops, end.clone()), &[], 0);
            assert_eq!(finding.state, state, "{hops:?} {end:?}: {}", finding.reason);
            assert_eq!(finding.moved_to.is_some(), state == State::Moved);
        }
    }

    #[test]
    fn a_page_is_dead_when_it_stays_gone() {
        let gone = |hours: i64| earlier(hours, "unsure", Some(404), "");
        let blocked = earlier(10, "unsure", Some(403), "");
        let well = earlier(12, "ok", Some(200), "");
        for (history, state) in [
            (vec![gone(19)], State::Unsure),
            (vec![gone(20)], State::Dead),
            (vec![gone(1), blocked.clone(), gone(24)], State::Dead),
            (vec![gone(1), well, gone(24)], State::Unsure),
            (vec![gone(1), earlier(12, "unsure", Some(200), "the front page"), gone(24)], State::Unsure),
            (vec![blocked], State::Unsure),
            (vec![earlier(24, "dead", Some(410), "")], State::Dead),
        ] {
            assert_eq!(judge(PAGE, &way(&[], answered(410)), &history, 0).state, state, "{history:?}");
        }
    }

    #[test]
    fn a_name_has_longer() {
        let no_name = way(&[], End::Failed(Kind::Dns, "x".to_owned()));
        let first = judge(PAGE, &no_name, &[], 0);
        let before = |hours| [earlier(hours, "unsure", None, &first.reason)];
        assert_eq!(judge(PAGE, &no_name, &before(24), 0).state, State::Unsure);
        assert_eq!(judge(PAGE, &no_name, &before(72), 0).state, State::Dead);
        assert_eq!(judge(PAGE, &way(&[], answered(404)), &before(72), 0).state, State::Unsure);
    }

    #[test]
    fn pages_that_all_lead_to_one_place_have_not_moved() {
        let moved =
            |to: &str| Finding { moved_to: Some(to.to_owned()), ..found(State::Moved, Some(200), "") };
        let mut findings = vec![
            ("1".to_owned(), moved("https://a.example/sorry")),
            ("2".to_owned(), moved("https://a.example/sorry")),
            ("3".to_owned(), moved("https://a.example/three")),
        ];
        doubt_the_same_place(&mut findings);
        let states: Vec<State> = findings.iter().map(|(_, finding)| finding.state).collect();
        assert_eq!(states, [State::Unsure, State::Unsure, State::Moved]);
        assert!(findings[0].1.moved_to.is_none());
    }
}
