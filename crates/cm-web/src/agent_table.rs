//! The words by which user agents are told apart. Our own list: what robots, previews and libraries call themselves.
//! All in lower case; a capital or small letter in the agent makes no difference.

use crate::Agent;

/// Where in the user agent a word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Anywhere.
    Anywhere,
    /// At the end of a word: no letter follows, so that `check` is not `checkout`.
    WordEnd,
    /// As a word of its own.
    Word,
    /// At the very beginning.
    Start,
}

/// Words with one meaning and place.
pub(crate) struct Words {
    pub(crate) agent: Agent,
    pub(crate) place: Place,
    pub(crate) words: &'static [&'static str],
}

#[rustfmt::skip] // words by the line, not one a line
pub(crate) const TABLE: &[Words] = &[
    // Networks, messengers and mail services that fetch a page or picture for a person who posted or opened its link.
    Words {
        agent: Agent::Preview,
        place: Place::Anywhere,
        words: &[
            "facebookexternalhit", "facebot", "meta-externalfetcher", "twitterbot", "slackbot", "slack-imgproxy",
            "discordbot", "telegrambot", "mastodon/", "linkedinbot", "cardyb", "blueskypreview", "skypeuripreview",
            "bingpreview", "microsoftpreview", "iframely", "embedly", "embedder", "pinterestbot", "pinterest.com/bot",
            "redditbot", "vkshare", "vkrobot", "kakaotalk-scrap", "linespider", "line-poker", "zulip", "synapse",
            "misskey", "pleroma", "akkoma", "lemmy", "friendica", "pixelfed", "gotosocial", "peertube", "hubzilla",
            "iceshrimp", "firefish", "sharkey", "steamchaturllookup", "valve/steam", "mattermost", "rocket.chat",
            "notion/", "onebox", "discourse/", "richlink", "linkpreview", "link-preview", "link preview", "urlpreview",
            "url preview", "unfurl", "opengraph", "addthis", "quora-bot", "tweetmemebot", "newsharecounts", "hatena",
            "jetslide", "flipboardproxy", "keybasebot", "everyonesocialbot", "loomlybot", "xing bot",
            "googleimageproxy", "yahoomailproxy", "fastmailua", "image fetcher", "github-camo", "googlemessages",
        ],
    },
    Words { agent: Agent::Preview, place: Place::Start, words: &["whatsapp", "bluesky", "tumblr", "disqus"] },
    // Libraries, tools, services and signs that no person's browser carries.
    Words {
        agent: Agent::Bot,
        place: Place::Anywhere,
        words: &[
            "crawl", "slurp", "robot", "http://", "https://", "www.", "scrape", "headless", "synthetic", "sitemap",
            "python", "libwww-perl", "lwp-", "lwp network", "wget", "curl/", "libcurl", "pycurl", "perl", "guzzle", "axios",
            "node-fetch", "okhttp", "go-http", "go 1.", "java/1", "java/8", "java/11", "java/17", "jersey/", "grpc",
            "http-client", "http client", "webclient", "rest-client", "httpie", "postman", "insomnia", "phantomjs",
            "selenium", "puppeteer", "playwright", "splash ", "nutch", "scrapy", "heritrix", "archive.org", "ia_archiver",
            "httrack", "sitesucker", "webcopier", "webcollage", "xenu ", "google-", "-google", "googleother",
            "googleweblight", "mediapartners", "search console", "page speed", "lighthouse", "ptst/", "gtmetrix",
            "pageburst", "criticalcss", "pingdom", "statuscake", "catchpoint", "gomez", "datadog", "newrelic", "nagios",
            "zabbix", "prometheus", "ruxit", "rigor", "ghost inspector", "site24x7", "uptime", "thousandeyes", "keycdn",
            "cloudflare", "azure-logic", "ips-agent", "nmap", "masscan", "zgrab", "nikto", "fuzz", "burpcollaborator",
            "watchtowr", "securityheaders", "hardenize", "foregenix", "cybaa", "clamav", " dcv", "sectigo", "whatcms",
            "w3c_", "mobileok", "siteimprove", "silktide", "onetrust", "cookiehub", "marketgoo", "morningscore", "sindup",
            "outbrain", "optimizer", "seo-", "-seo", "serp", "semrush", "ahrefs", "linktiger", "linkcheck", "daum",
            "dmbrowser", "meta-external", "chatgpt", "claude", "openai", "perplexity", "manus-user", "newsai", "devin/",
            "anonymous,", "xml", "favicon", "thumbnail", "thumbor", "url to", "feeder", "feedly", "feedbin", "newsblur",
            "readkit", "netvigie", "newsnow", "blogtrottr", "akregator", "rssowl", "liferea", "netnewswire", "newsboat",
            "inoreader", "miniflux", "freshrss", "podcast/", "castopod", "downcast", "overcast", "wordpress", "webmon",
            "hotjar", "swcd", "igetter", "wechatdevtools", "testlocally", "pwabuilder", "collapsify", "sparkler", "keydrop",
        ],
    },
    Words {
        agent: Agent::Bot,
        place: Place::WordEnd,
        words: &[
            "bot", "spider", "fetch", "fetcher", "scan", "scanner", "scanning", "scraper", "monitor", "monitoring", "check",
            "checker", "validator", "verifier", "preview", "proxy", "archiver", "feed", "feeds", "extractor", "analyzer",
            "analyser", "prober", "probe", "downloader", "harvester", "indexer", "auditor", "exporter", "grabber", "webhook",
            "webhooks", "httpclient", "subscribers", "watcher", "classifier", "parser", "radar", "inspector", "daemon",
            "advisor", "explore", ".com", ".org", ".io",
        ],
    },
    Words { agent: Agent::Bot, place: Place::Word, words: &["rss"] },
    Words {
        agent: Agent::Bot,
        place: Place::Start,
        words: &["duckduckgo/", "java/", "go/", "ruby", "php/", "castro", "curl", "colly", "newspaper", "coccoc/", "air.ai"],
    },
];

/// Words of people's browsers and devices in which a robot's word is found: they are read over.
pub(crate) const INNOCENT: &[&str] = &["cubot", "mozacfetch", "ask.com", "http://www.qtweb.net"];

/// What people's browsers and devices name: an agent that names none of them, nor Mozilla, is no browser.
#[rustfmt::skip]
pub(crate) const PLATFORMS: &[&str] = &[
    "android", "iphone", "ipad", "ios", "windows", "linux", "mac", "darwin", "cfnetwork", "midp", "nokia", "opera",
    "browser", "symbian", "blackberry", "docomo", "ucweb", "playstation", "profile/", "samsung", "lg-", "mobile", "tv",
    "webkit", "gecko", "mot-", "x11", "player", "netfront", "amiga", "ps4", "sonyericsson", "roku", "msie", "explorer",
    "firefox", "dillo", "links", "lynx", "w3m", "midori", "omniweb", "bonecho", "biyubi", "palmscape", "xiino", "ibrowse",
    "googleapp", "lightpanda", "ninetails", "pinterest", "mosaic", "netsurf", "konqueror", "epiphany", "galeon", "icab",
    "netpositive", "amaya", "seamonkey", "kindle", "nook", "wap", "j2me", "brew", "mozac", "ddg",
];

/// What follows `compatible;` in people's browsers.
pub(crate) const COMPATIBLE: &[&str] = &[
    "msie",
    "mspie",
    "konqueror",
    "icab",
    "ibrowse",
    "opera",
    "netfront",
    "linux",
    "polaris",
    "kun",
    "u;",
    "chrome",
    "trident",
    "ms-office",
    "amzn-user",
    "lucidworks",
    "windows",
    "android",
    "iphone",
];
