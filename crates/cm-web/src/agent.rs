//! User agents in three classes: a person, a link preview, a robot.

use crate::agent_table::{BROWSERS, COMPATIBLE, INNOCENT, PLATFORMS, Place, TABLE};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
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
    /// The rule, for a person: `link preview: twitterbot`, `program: curl/`, `no user agent`.
    pub rule: &'static str,
}

/// The rule for a person.
const NOTHING: &str = "nothing of a robot";

/// The most of a user agent that is looked at, in bytes.
const LOOKED_AT: usize = 2_048;

/// Classifies a `User-Agent` value (empty when there was none): by the words that previews and robots call themselves
/// (a preview's name wins), then by shapes that no browser has; anybody else is a person.
pub fn classify(user_agent: &str) -> Verdict {
    let given =
        user_agent.get(..user_agent.floor_char_boundary(LOOKED_AT)).unwrap_or_default().to_ascii_lowercase();
    let matcher = matcher();
    let innocent = matcher.map(|matcher| &matcher.innocent).filter(|innocent| innocent.is_match(&given));
    let agent = innocent.map(|innocent| innocent.replace_all(&given, &[" "; INNOCENT.len()]));
    let agent = agent.as_deref().unwrap_or(&given);
    if let Some(verdict) = matcher.and_then(|matcher| matcher.by_words(agent)) {
        return verdict;
    }
    match by_shape(agent).or_else(|| is_bare(&given).then_some("no browser or device named")) {
        Some(rule) => Verdict { agent: Agent::Bot, rule },
        None => Verdict { agent: Agent::Human, rule: NOTHING },
    }
}

/// All words of the table in one automaton, what each of its patterns means, and the words that are read over.
struct Matcher {
    automaton: AhoCorasick,
    meanings: Vec<(Agent, Place, String)>,
    innocent: AhoCorasick,
}

fn matcher() -> Option<&'static Matcher> {
    static MATCHER: OnceLock<Option<Matcher>> = OnceLock::new();
    MATCHER.get_or_init(|| Matcher::new().ok()).as_ref()
}

impl Matcher {
    fn new() -> Result<Matcher, BuildError> {
        let meanings = TABLE.iter().flat_map(|row| {
            row.words.iter().map(|word| (row.agent, row.place, format!("{}: {}", row.kind, word.trim())))
        });
        // Every click passes here: the table of a DFA is worth its memory.
        let dfa = |words: Vec<&str>| AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words);
        Ok(Matcher {
            meanings: meanings.collect(),
            automaton: dfa(TABLE.iter().flat_map(|row| row.words).copied().collect())?,
            innocent: dfa(INNOCENT.to_vec())?,
        })
    }

    fn by_words(&'static self, agent: &str) -> Option<Verdict> {
        let mut found = None;
        for hit in self.automaton.find_overlapping_iter(agent) {
            let Some((class, place, rule)) = self.meanings.get(hit.pattern().as_usize()) else { continue };
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
    if agent.trim_matches([' ', '-']).is_empty() {
        Some("no user agent")
    } else if agent.contains('@')
        && agent.split([' ', ';', ',', '(', ')', '\'', '"', '<', '>']).any(is_mail_address)
    {
        Some("a mail address")
    } else if is_compatible_with_nothing(agent) {
        Some("compatible with no browser")
    } else if agent.starts_with("mozilla") && !agent.contains('(') && !agent.contains("khtml") {
        Some("mozilla and no platform")
    } else {
        None
    }
}

/// `(compatible; Example/1.0)` where browsers name themselves and their platform; or in the place of `like Gecko`.
fn is_compatible_with_nothing(agent: &str) -> bool {
    let Some((before, what)) = agent.split_once("compatible;") else { return false };
    !COMPATIBLE.iter().any(|browser| what.trim_start().starts_with(browser))
        && (before.trim_end().ends_with("like gecko;") || !names_a_platform(agent))
}

/// One name, maybe with a version, that is no browser's or device's: `Example-Thing/1.0`.
fn is_bare(agent: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" ._/:+;-".contains(&b);
    let first = agent.split(['/', ' ']).next().unwrap_or_default();
    let is_browser = BROWSERS.contains(&first) && first.len() < agent.len();
    agent.bytes().all(plain) && !is_browser && !agent.contains("mozilla") && !names_a_platform(agent)
}

fn names_a_platform(agent: &str) -> bool {
    PLATFORMS.iter().any(|name| agent.contains(name))
}

/// `ops@crawler.example`, and not `android@111.0` or `en_IR@calendar=gregorian`.
pub(crate) fn is_mail_address(word: &str) -> bool {
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
                "link preview: facebookexternalhit",
            ),
            (
                "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
                Agent::Preview,
                "link preview: discordbot",
            ),
            (
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                Agent::Preview,
                "link preview: slackbot",
            ),
            ("TelegramBot (like TwitterBot)", Agent::Preview, "link preview: telegrambot"),
            (
                "http.rb/5.1.1 (Mastodon/4.2.1; +https://social.example/)",
                Agent::Preview,
                "link preview: mastodon/",
            ),
            (
                "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
                Agent::Preview,
                "link preview: cardyb",
            ),
            ("WhatsApp/2.23.20.0 A", Agent::Preview, "link preview: whatsapp"),
            (
                "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
                Agent::Preview,
                "link preview: linkedinbot",
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                Agent::Bot,
                "robot: bot",
            ),
            ("curl/8.5.0", Agent::Bot, "program: curl"),
            ("Mozilla/5.0 (compatible; Nobody-Knows/1.0)", Agent::Bot, "compatible with no browser"),
            ("Mozilla/5.0", Agent::Bot, "mozilla and no platform"),
            ("Example-Thing/1.0", Agent::Bot, "no browser or device named"),
            ("Visitor (ops@visits.example)", Agent::Bot, "a mail address"),
            ("", Agent::Bot, "no user agent"),
            ("-", Agent::Bot, "no user agent"),
            (
                "Mozilla/5.0 (Linux; Android 6.0; CUBOT MAX) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0 Mobile Safari/537.36",
                Agent::Human,
                NOTHING,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Agent::Human, NOTHING),
            ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)", Agent::Human, NOTHING),
            ("Lynx/2.9.0 libwww-FM/2.14", Agent::Human, NOTHING),
            ("Viber/12.8 CFNetwork/1121.2.2 Darwin/19.3.0", Agent::Human, NOTHING),
        ] {
            assert_eq!(classify(user_agent), Verdict { agent, rule }, "{user_agent}");
        }
    }

    #[test]
    fn people_in_apps_and_on_odd_devices_are_people() {
        for user_agent in PEOPLE.lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert_eq!(classify(user_agent).rule, NOTHING, "{user_agent}");
        }
    }

    /// In apps of networks and messengers, on televisions, consoles and old phones, through proxies that spare data, in
    /// text browsers.
    const PEOPLE: &str = "
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.38.109;FBBV/610384117;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5;FBSS/3;FBLC/en_US;FBOP/5]
        Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.1.0.47.106;]
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 335.1.8.26.85 (iPhone14,5; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 609775437)
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.0
        Mozilla/5.0 (Linux; Android 13; Pixel 7; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0 Mobile Safari/537.36 trill_340503 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/34.5.3 ByteLocale/en BytedanceWebview/d8a21c6
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29.7601
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/10.44
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Snapchat/12.91.0.37 (like Safari/8617.2.4.10.8, panda)
        Mozilla/5.0 (Linux; Android 12; M2101K6G; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.42.2460(0x28002A35) WeChat/arm64 Weixin NetType/WIFI Language/en
        Mozilla/5.0 (Linux; Android 13; SM-A536N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0 Mobile Safari/537.36;KAKAOTALK 2410740
        Mozilla/5.0 (Linux; Android 13; SM-A536N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0 Mobile Safari/537.36 NAVER(inapp; search; 1020; 11.24.1)
        Mozilla/5.0 (Linux; Android 13; SM-A536N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0 Mobile Safari/537.36 DaumApps/7.13.1 DaumDevice/mobile
        Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.39.90 Chrome/124.0.6367.243 Electron/30.1.2 Safari/537.36 Sonic Slack_SSB/4.39.90
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) discord/1.0.9152 Chrome/124.0.6367.243 Electron/30.1.0 Safari/537.36
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/318.0.633 Mobile/15E148 Safari/604.1
        Mozilla/5.0 (compatible; MSIE 9.0; Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0; HTC; Radar C110e)
        Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Embedded Web Browser from: http://bsalsa.com/; .NET CLR 2.0.50727)
        Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; Avant Browser [avantbrowser.com]; iOpus-I-M)
        Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36
        Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36 WebAppManager
        Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.225 Safari/537.36 CrKey/1.56.500000
        HbbTV/1.2.1 (;Panasonic;VIERA 2013;3.672;4101-0003 0002-0000;)
        Roku/DVP-12.0 (12.0.0.4182-CP)
        Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
        Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.20.5 NintendoBrowser/5.1.0.22474
        Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0.2564.82 Safari/537.36 Edge/20.02
        Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16
        Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5
        Mozilla/5.0 (Linux; Android 8.1.0; SM-J730G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 Mobile Safari/537.36 Puffin/10.3.0.51648AP
        Mozilla/5.0 (Linux; U; Android 11; en-US; CPH2269) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.2.1307 Mobile Safari/537.36
        Nokia5130c-2/2.0 (07.97) Profile/MIDP-2.1 Configuration/CLDC-1.1
        SonyEricssonK800i/R1KG Browser/NetFront/3.3 Profile/MIDP-2.0 Configuration/CLDC-1.1
        Vodafone/1.0/V904SH/SHJ001 Browser/VF-NetFront/3.3
        Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1d
        w3m/0.5.3+git20230121
        Links (2.29; Linux 6.1.0-18-amd64 x86_64; GNU C 12.2; text)
        ELinks/0.16.1.1 (textmode; Linux 6.1.0-18-amd64 x86_64; 204x55-2)
        NetSurf/3.11 (Linux; x86_64)
        Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15 Ddg/17.4.1
        Mozilla/5.0 (Linux; Android 10; CamScanner; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36 CamScanner/6.64
    ";

    #[test]
    fn the_table_is_in_lower_case_and_says_nothing_twice() {
        let words: Vec<&str> = TABLE.iter().flat_map(|row| row.words).copied().collect();
        let unique: std::collections::BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(unique.len(), words.len());
        for word in words.iter().chain(INNOCENT).chain(PLATFORMS).chain(BROWSERS).chain(COMPATIBLE) {
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
