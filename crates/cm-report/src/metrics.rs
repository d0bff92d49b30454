//! Every metric of the report: its name in JSON, its title, and what `explain` says of it. One home for each.

/// What a metric is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// A share of 1.
    Share,
    /// What goals are worth, in whatever goals.toml means.
    Worth,
}

impl Unit {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Seconds => "seconds",
            Unit::Share => "share",
            Unit::Worth => "worth",
        }
    }
}

/// Whether more of it is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is good.
    More,
    /// Less is good.
    Less,
    /// Neither.
    Neither,
}

/// A metric.
#[derive(Debug)]
pub struct Definition {
    /// Its name in JSON and CSV.
    pub name: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Which way is good.
    pub better: Better,
    /// Whether anything above 0 wants a person.
    pub alarm: bool,
    /// What it is.
    pub definition: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// Where the formula comes from.
    pub source: &'static str,
    /// What goes in.
    pub inputs: &'static str,
    /// What does not.
    pub left_out: &'static str,
}

macro_rules! metrics {
    ($($constant:ident: $name:literal, $title:literal, $unit:ident, $better:ident, $alarm:literal,
        $definition:literal, $formula:literal, $source:literal, $inputs:literal, $left_out:literal;)*) => {
        $(
            #[doc = $definition]
            pub const $constant: Definition = Definition {
                name: $name, title: $title, unit: Unit::$unit, better: Better::$better, alarm: $alarm,
                definition: $definition, formula: $formula, source: $source, inputs: $inputs, left_out: $left_out,
            };
        )*
        /// All of them, in the order of the report.
        pub const ALL: &[&Definition] = &[$(&$constant),*];
    };
}

metrics! {
    WAITING: "waiting", "people waiting", Count, Less, false,
        "Items that need an answer and have none now",
        "count of items in the answer lane that are open, put off or assigned",
        "own", "report_items_v1, records with _cm_inbox; records without it: comments, replies, mentions, messages, reviews",
        "closed or muted items; of records that no inbox has seen, those from before the compared period";
    WAITING_OVERDUE: "waiting_overdue", "waiting too long", Count, Less, true,
        "People who have waited longer than `[report] answer_within` (24h)",
        "count of waiting items with now - published > answer_within",
        "own", "as waiting", "as waiting";
    OLDEST_WAITING_S: "oldest_waiting_s", "longest wait", Seconds, Less, false,
        "How long the one who has waited longest has waited",
        "now - min(published) over waiting items; taken in, where published is unknown",
        "own", "as waiting", "as waiting";
    ASKED: "asked", "wanted an answer", Count, Neither, false,
        "Comments, replies, mentions, messages and reviews of the period, questions or not",
        "count of items in the answer lane published in the period",
        "own", "as waiting", "items of our own accounts; spam and what was deleted, unless it was answered";
    ANSWERED: "answered", "answered", Count, More, false,
        "Those that have an answer by now",
        "count of asked with a reply of ours in the thread that can be seen, or a published post that answers them and was not seen to be held or deleted there",
        "own", "as asked; report_posts_v1 and histories for the replies", "replies that are still queued";
    CLOSED_UNANSWERED: "closed_unanswered", "closed without an answer", Count, Neither, false,
        "Those that a person closed without an answer",
        "count of asked in state done or muted to which no answer was seen",
        "own", "as asked", "nothing";
    RESPONSE_MEDIAN_S: "response_median_s", "median time to answer", Seconds, Less, false,
        "The time by which half of those who ask have an answer, estimated with those who still wait; unknown while too few waits are long enough to tell",
        "smallest t with S(t) <= 0.5; S by Kaplan and Meier, who still waits counting as waiting at least so long",
        "Kaplan and Meier 1958", "as asked: first answer - published, the answer being our own reply where it stands, else the post that cm-schedule published", "items closed without an answer; answers of which nobody knows when";
    RESPONSE_P90_S: "response_p90_s", "90 % answered within", Seconds, Less, false,
        "The time by which nine in ten of those who ask have an answer, estimated with those who still wait; unknown while too few waits are long enough to tell",
        "smallest t with S(t) <= 0.1",
        "Kaplan and Meier 1958", "as response_median_s", "as response_median_s";
    RESPONSE_RATE: "response_rate", "answered in time", Share, More, false,
        "Of those who were answered or whose time is up, the share that was answered within `[report] answer_within` (24h)",
        "answered within / (answered + waiting at least that long); interval: 95 % score interval",
        "Wilson 1927", "as asked", "who still waits and asked less than answer_within ago; items closed without an answer";
    POSTS_PUBLISHED: "posts_published", "posts published", Count, More, false,
        "Posts and replies that went out in the period",
        "count of posts with published in the period",
        "own", "report_posts_v1, histories", "actions; posts taken back before they went";
    REPLIES_PUBLISHED: "replies_published", "of them replies", Count, Neither, false,
        "Replies that went out in the period",
        "count of posts that answer an item, with published in the period",
        "own", "report_posts_v1, histories", "replies that were written elsewhere";
    ACTIONS_DONE: "actions_done", "moderated or liked", Count, Neither, false,
        "What was approved, marked as spam, put into the trash, liked or boosted in the period",
        "count of actions with published in the period",
        "own", "report_posts_v1, histories", "what was done elsewhere";
    POSTS_QUEUED: "posts_queued", "posts queued", Count, Neither, false,
        "Posts that wait for their time now",
        "count of posts in state queued, sending or draft",
        "own", "report_posts_v1, histories", "nothing";
    POSTS_ATTENTION: "posts_attention", "posts that need a person", Count, Less, true,
        "Posts that nothing will go on with until a person looks",
        "posts_unsure + posts_failed + posts_missed + posts_overdue",
        "own", "report_posts_v1, histories", "nothing";
    POSTS_UNSURE: "posts_unsure", "unsure", Count, Less, true,
        "Posts of which nobody knows whether they went out",
        "count of posts in state unsure", "own", "report_posts_v1, histories", "nothing";
    POSTS_FAILED: "posts_failed", "failed", Count, Less, true,
        "Posts that a network refused",
        "count of posts in state failed", "own", "report_posts_v1, histories", "nothing";
    POSTS_MISSED: "posts_missed", "missed", Count, Less, true,
        "Posts whose time passed while nothing ran",
        "count of posts in state missed", "own", "report_posts_v1, histories", "nothing";
    POSTS_OVERDUE: "posts_overdue", "overdue", Count, Less, true,
        "Posts that are still queued an hour after they were due",
        "count of queued posts with now - due > 1 h",
        "own", "report_posts_v1, histories", "posts that are being sent";
    CLICKS_PEOPLE: "clicks_people", "clicks by people", Count, More, false,
        "Clicks on our short links by people",
        "count of clicks of class human in the period",
        "own", "report_clicks_v1, click logs", "previews and robots, counted apart; equal clicks of a second input";
    CLICKS_PREVIEWS: "clicks_previews", "link previews", Count, Neither, false,
        "Fetches of our short links by networks and messengers that show a preview",
        "count of clicks of class preview in the period",
        "own", "report_clicks_v1, click logs", "equal clicks of a second input";
    CLICKS_ROBOTS: "clicks_robots", "clicks by robots", Count, Neither, false,
        "Fetches of our short links by other robots",
        "count of clicks of class bot in the period",
        "own", "report_clicks_v1, click logs", "equal clicks of a second input";
    VISITS: "visits", "visits", Count, More, false,
        "What one visitor does on a site without a pause of 30 minutes",
        "count of runs of pages or goals of one visitor on one day, no gap longer than 30 min",
        "common practice", "web logs: GET requests answered with a page, and requests that meet a goal; where a visit came from is told by the utm_source of its first request, else by its referrer; our own pages, and no referrer, are direct",
        "robots, link previews, pictures, scripts, feeds, errors";
    VISITORS: "visitors", "daily visitors", Count, More, false,
        "Visitors, each counted once a day: who comes on two days counts twice",
        "count of distinct hash(address, user agent, day) under a key that is thrown away with the run",
        "common practice", "as visits; behind a proxy the forwarded address where the log has it",
        "as visits; people behind one address with one browser are one";
    PAGE_VIEWS: "page_views", "page views", Count, More, false,
        "Pages shown to people",
        "count of GET requests answered 200, 203 or 304 whose path is a page",
        "common practice", "web logs", "as visits";
    SOURCES_RISING: "sources_rising", "sources rising", Count, Neither, false,
        "Sources that sent more people on the last whole day than chance explains",
        "p = P(NB >= t), mean (H + 0.5) x site's day without the source / site's history without it, dispersion max(pooled, shrunk) + 1/(H + 0.5); Benjamini-Hochberg at q = 0.05; and t >= 5 and lift >= 1.5",
        "negative binomial; Benjamini and Hochberg 1995", "visits by source, as visits has it (people's clicks where there is no web log), the 28 days before, weekdays against weekdays and weekends against weekends",
        "fewer than 4 such days with traffic: nothing is tested";
    SOURCES_NEW: "sources_new", "new sources", Count, Neither, false,
        "Sources of the last whole day that sent nobody in the 28 days before",
        "count of sources with H = 0 on all of the 28 days",
        "own", "as sources_rising", "as sources_rising";
    CONVERSIONS: "conversions", "conversions", Count, More, false,
        "Visits that met a goal, once per goal",
        "sum over goals of visits that met it", "own", "web logs, goals.toml; their sources are those of visits",
        "goals by event: they stand in analytics exports, which are not read yet";
    CONVERSION_RATE: "conversion_rate", "conversion rate", Share, More, false,
        "The share of visits that met any goal",
        "visits with a goal / visits; interval: 95 % score interval", "Wilson 1927", "as conversions", "as conversions";
    CONVERSION_VALUE: "conversion_value", "worth of conversions", Worth, More, false,
        "What the conversions are worth",
        "sum over goals of conversions x value", "own", "as conversions", "goals without a value";
    MENTIONS: "mentions", "hits of saved searches", Count, Neither, false,
        "Items that a saved search found, once per search",
        "sum over searches of items published in the period",
        "own", "report_items_v1, records with _cm_scan", "mentions on a network that no saved search found: they want an answer; our own items; the same item met again";
    ITEMS: "items", "items read", Count, Neither, false,
        "Items of others published in the period",
        "count of distinct ids", "own", "report_items_v1, records", "our own items; items without any date";
    FEEDS_OK: "feeds_ok", "feeds that answer", Count, More, false,
        "Feeds and accounts that answered when last asked",
        "count of sources in state ok", "own", "report_sources_v1", "nothing";
    FEEDS_FAILING: "feeds_failing", "feeds with trouble", Count, Less, true,
        "Feeds and accounts that fail or are gone",
        "count of sources in any state but ok, new and cooling", "own", "report_sources_v1",
        "feeds that only cool down or were not asked yet";
    LINKS_DEAD: "links_dead", "links that lead nowhere", Count, Less, true,
        "Short links whose page was found gone twice, with time in between",
        "count of links whose last check is dead", "own", "report_link_checks_v1", "links that were never checked";
    LINKS_MOVED: "links_moved", "links whose page has moved", Count, Less, false,
        "Short links whose page has moved for good",
        "count of links whose last check is moved", "own", "report_link_checks_v1", "as links_dead";
    LINKS_UNSURE: "links_unsure", "links nobody can vouch for", Count, Neither, false,
        "Short links whose page did not let itself be checked: 403, 429, 5xx, time-outs, the front page instead",
        "count of links whose last check is unsure", "own", "report_link_checks_v1", "as links_dead";
    LINKS_OK: "links_ok", "links that answer", Count, More, false,
        "Short links whose page answers",
        "count of links whose last check is ok", "own", "report_link_checks_v1", "as links_dead";
    ROBOT_REQUESTS: "robot_requests", "requests by robots", Count, Neither, false,
        "Requests of robots, monitors, libraries and feed readers",
        "count of requests in the period whose user agent is a robot's", "own", "web logs", "logs without user agents";
    PREVIEW_REQUESTS: "preview_requests", "requests by link previews", Count, Neither, false,
        "Requests of networks and messengers that show a preview",
        "count of requests in the period whose user agent is a preview's", "own", "web logs", "logs without user agents";
    OTHER_REQUESTS: "other_requests", "other requests by people", Count, Neither, false,
        "Requests of people that are neither a page nor a goal: pictures, scripts, errors",
        "count in the period", "own", "web logs", "nothing";
    REQUESTS_OUTSIDE: "requests_outside", "requests outside the time", Count, Neither, false,
        "Requests that no part of the report looks at",
        "count before the history and after the period", "own", "web logs", "nothing";
    REPEATS: "repeats", "met again", Count, Neither, false,
        "Items, posts, clicks and requests that an earlier input had already",
        "count of equal ids, clicks or lines", "own", "all inputs", "nothing";
    UNREAD_LINES: "unread_lines", "lines that could not be read", Count, Less, false,
        "Lines of web logs that could not be read",
        "count", "own", "web logs", "bad records, which are said one by one";
}

/// A metric by its name.
pub fn named(name: &str) -> Option<&'static Definition> {
    ALL.iter().copied().find(|definition| definition.name == name)
}
