//! User agents in three classes: a person, a link preview, a robot.

use crate::agent_table::{COMPATIBLE, INNOCENT, PLATFORMS, Place, TABLE};
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::OnceLock;

/// The class of a user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Agent {
    /// A person's browser or app.
    Human,
    /// A robot that fetches a page because a person posted or opened a link to it.
    Preview,
    /// Any other robot, library, monitor or feed reader.
    Bot,
}

impl Agent {
    /// `human`, `preview` or `bot`, as click lines carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Agent::Human => "human",
            Agent::Preview => "preview",
            Agent::Bot => "bot",
        }
    }
}

/// A class and the rule that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The class.
    pub agent: Agent,
    /// The name of the rule, for a person.
    pub rule: &'static str,
}

/// The most of a user agent that is looked at, in bytes.
const LOOKED_AT: usize = 2_048;

/// Classifies a `User-Agent` value (empty when there was none): by the words that previews and robots call themselves
/// (a preview's name wins), then by shapes that no browser has; anybody else is a person. The rule is the word, or the
/// shape in words.
pub fn classify(user_agent: &str) -> Verdict {
    let mut agent =
        user_agent.get(..user_agent.floor_char_boundary(LOOKED_AT)).unwrap_or_default().to_ascii_lowercase();
    let bare = is_bare(&agent);
    for word in INNOCENT {
        if agent.contains(word) {
            agent = agent.replace(word, " ");
        }
    }
    if let Some(verdict) = by_words(&agent) {
        return verdict;
    }
    match by_shape(&agent).or(bare.then_some("no browser or device named")) {
        Some(rule) => Verdict { agent: Agent::Bot, rule },
        None => Verdict { agent: Agent::Human, rule: "nothing of a robot" },
    }
}

/// All words of the table in one automaton, and what each pattern means.
struct Matcher {
    automaton: AhoCorasick,
    meanings: Vec<(Agent, Place, &'static str)>,
}

fn matcher() -> Option<&'static Matcher> {
    static MATCHER: OnceLock<Option<Matcher>> = OnceLock::new();
    let build = || {
        let meanings: Vec<_> =
            TABLE.iter().flat_map(|row| row.words.iter().map(|word| (row.agent, row.place, *word))).collect();
        let words = meanings.iter().map(|(_, _, word)| word);
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words).ok()?;
        Some(Matcher { automaton, meanings })
    };
    MATCHER.get_or_init(build).as_ref()
}

fn by_words(agent: &str) -> Option<Verdict> {
    let Matcher { automaton, meanings } = matcher()?;
    let mut found = None;
    for hit in automaton.find_overlapping_iter(agent) {
        let Some((class, place, rule)) = meanings.get(hit.pattern().as_usize()) else { continue };
        if stands(agent, hit.start(), hit.end(), *place) {
            let verdict = Verdict { agent: *class, rule };
            if *class == Agent::Preview {
                return Some(verdict);
            }
            found.get_or_insert(verdict);
        }
    }
    found
}

fn stands(agent: &str, start: usize, end: usize, place: Place) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| agent.as_bytes().get(at)).copied().unwrap_or(b' ');
    let (before, after) = (byte(start.checked_sub(1)), byte(Some(end)));
    match place {
        Place::Anywhere => true,
        Place::WordEnd => !after.is_ascii_alphabetic(),
        Place::Word => !before.is_ascii_alphanumeric() && !after.is_ascii_alphanumeric(),
        // An app that calls through the system's library names it; a person uses that.
        Place::Start => start == 0 && !agent.contains("cfnetwork"),
    }
}

fn by_shape(agent: &str) -> Option<&'static str> {
    let compatible = agent.split_once("compatible;").map(|(_, what)| what.trim_start());
    if agent.trim_matches([' ', '-']).is_empty() {
        Some("no user agent")
    } else if agent.split([' ', ';', ',', '(', ')']).any(is_mail_address) {
        Some("a mail address")
    } else if compatible.is_some_and(|what| !COMPATIBLE.iter().any(|browser| what.starts_with(browser)))
        && !["abrowse", "webpositive"].iter().any(|browser| agent.contains(browser))
    {
        Some("compatible with no browser")
    } else if agent.starts_with("mozilla") && !agent.contains('(') && !agent.contains("khtml") {
        Some("mozilla and no platform")
    } else {
        None
    }
}

/// One name, maybe with a version, that is no browser's or device's: `Example-Agent/1.0`.
fn is_bare(agent: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" ._/:+;-".contains(&b);
    agent.bytes().all(plain)
        && !agent.contains("mozilla")
        && !PLATFORMS.iter().any(|name| agent.contains(name))
}

/// `ops@crawler.example`, and not `android@111.0` or `en_IR@calendar=gregorian`.
fn is_mail_address(word: &str) -> bool {
    let Some((user, host)) = word.split_once('@') else { return false };
    !user.is_empty()
        && !word.contains('=')
        && host.starts_with(|c: char| c.is_ascii_alphabetic())
        && host
            .rsplit_once('.')
            .is_some_and(|(_, top)| top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn previews_robots_and_people_are_told_apart() {
        for (user_agent, agent, rule) in [
            (
                "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
                Agent::Preview,
                "facebookexternalhit",
            ),
            (
                "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
                Agent::Preview,
                "discordbot",
            ),
            ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Agent::Preview, "slackbot"),
            ("TelegramBot (like TwitterBot)", Agent::Preview, "telegrambot"),
            ("http.rb/5.1.1 (Mastodon/4.2.1; +https://social.example/)", Agent::Preview, "mastodon/"),
            (
                "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
                Agent::Preview,
                "cardyb",
            ),
            ("WhatsApp/2.23.20.0 A", Agent::Preview, "whatsapp"),
            (
                "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
                Agent::Preview,
                "linkedinbot",
            ),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Agent::Bot, "bot"),
            ("curl/8.5.0", Agent::Bot, "curl"),
            ("Mozilla/5.0 (compatible; Nobody-Knows/1.0)", Agent::Bot, "compatible with no browser"),
            ("Mozilla/5.0", Agent::Bot, "mozilla and no platform"),
            ("Example-Agent/1.0", Agent::Bot, "no browser or device named"),
            ("Visitor (ops@visits.example)", Agent::Bot, "a mail address"),
            ("", Agent::Bot, "no user agent"),
            ("-", Agent::Bot, "no user agent"),
            (
                "Mozilla/5.0 (Linux; Android 6.0; CUBOT MAX) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0 Mobile Safari/537.36",
                Agent::Human,
                "nothing of a robot",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Agent::Human,
                "nothing of a robot",
            ),
            ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)", Agent::Human, "nothing of a robot"),
            ("Lynx/2.9.0 libwww-FM/2.14", Agent::Human, "nothing of a robot"),
            ("Viber/12.8 CFNetwork/1121.2.2 Darwin/19.3.0", Agent::Human, "nothing of a robot"),
        ] {
            assert_eq!(classify(user_agent), Verdict { agent, rule }, "{user_agent}");
        }
    }

    #[test]
    fn the_table_is_in_lower_case_and_says_nothing_twice() {
        let words: Vec<&str> = TABLE.iter().flat_map(|row| row.words).copied().collect();
        let unique: std::collections::BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(unique.len(), words.len());
        for word in words.iter().chain(INNOCENT).chain(PLATFORMS).chain(COMPATIBLE) {
            assert_eq!(*word, word.to_ascii_lowercase());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_class(user_agent in "\\PC*|[a-zA-Z/(); @.]{0,80}") {
            let verdict = classify(&user_agent);
            prop_assert_eq!(verdict, classify(&user_agent.to_ascii_uppercase()));
        }
    }
}
