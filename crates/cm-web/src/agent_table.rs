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
    /// What names itself so, in a word or two: the verdict's rule begins with it.
    pub(crate) kind: &'static str,
    pub(crate) words: &'static [&'static str],
}

const fn words(agent: Agent, place: Place, kind: &'static str, words: &'static [&'static str]) -> Words {
    Words { agent, place, kind, words }
}

#[rustfmt::skip] // words by the line, not one a line
pub(crate) const TABLE: &[Words] = &[
    // Networks, messengers and mail services that fetch a page or picture for a person who posted or opened its link.
    words(Agent::Preview, Place::Anywhere, "link preview", &[
        "facebookexternalhit", "facebot", "meta-externalfetcher", "twitterbot", "slackbot", "slack-imgproxy",
        "discordbot", "telegrambot", "mastodon/", "linkedinbot", "cardyb", "blueskypreview", "skypeuripreview",
        "bingpreview", "microsoftpreview", "iframely", "embedly", "embedder", "pinterestbot",
        "pinterest.com/bot", "redditbot", "vkshare", "vkrobot", "kakaotalk-scrap", "linespider", "line-poker",
        "zulip", "synapse", "misskey", "pleroma", "akkoma", "lemmy", "friendica", "pixelfed", "gotosocial",
        "peertube", "hubzilla", "iceshrimp", "firefish", "sharkey", "steamchaturllookup", "valve/steam",
        "mattermost", "rocket.chat", "notion/", "onebox", "discourse/", "richlink", "linkpreview",
        "link-preview", "link preview", "urlpreview", "url preview", "unfurl", "opengraph", "addthis",
        "quora-bot", "tweetmemebot", "newsharecounts", "hatena", "jetslide", "flipboardproxy", "keybasebot",
        "everyonesocialbot", "loomlybot", "xing bot", "googleimageproxy", "yahoomailproxy", "fastmailua",
        "image fetcher", "github-camo", "googlemessages", "google-pagerenderer", "linkexpander", "linkexpanding",
        "nuzzel", "bitlybot", "snapchatads", "trellobot", "viberbot", "wire/link", "threadsbot",
        "developers.google.com/+/web/snippet",
    ]),
    words(Agent::Preview, Place::Start, "link preview", &[
        "whatsapp", "bluesky", "tumblr", "disqus", "snapchat", "facebookexternalua", "facebookcatalog",
    ]),
    // Addresses: no browser says where it is described.
    words(Agent::Bot, Place::Anywhere, "address", &[
        "http://", "https://", "www.",
    ]),
    words(Agent::Bot, Place::WordEnd, "address", &[
        ".com", ".org", ".io",
    ]),
    // What robots call themselves.
    words(Agent::Bot, Place::Anywhere, "robot", &[
        "crawl", "slurp", "robot", "scrape", "headless", "synthetic", "sitemap", "google-", "-google",
        "googleother", "googleweblight", "mediapartners", "search console", "seo-", "-seo", "serp", "semrush",
        "ahrefs", "linktiger", "linkcheck", "meta-external", "chatgpt", "claude", "openai", "perplexity",
        "manus-user", "newsai", "devin/", "sindup", "outbrain", "cloudflare", "favicon", "thumbnail", "thumbor",
        "url to", "archive.org", "ia_archiver", "nutch", "scrapy", "heritrix", "retriever", "webcollage",
        "daum", "dmbrowser", "virtuoso", "transcoder", "search engine", "screenshot", "webkit2png",
        "ask jeeves",
    ]),
    words(Agent::Bot, Place::WordEnd, "robot", &[
        "bot", "bots", "spider", "fetch", "fetcher", "scan", "scanner", "scanning", "scraper", "monitor",
        "monitoring", "check", "checker", "validator", "verifier", "preview", "proxy", "archiver", "extractor",
        "analyzer", "analyser", "prober", "probe", "downloader", "harvester", "indexer", "auditor", "audit",
        "exporter", "grabber", "grab", "webhook", "webhooks", "subscribers", "watcher", "classifier", "parser",
        "radar", "inspector", "inspect", "daemon", "advisor", "explore", "detector", "detect", "measure",
        "insights", "survey", "collector", "finder", "lookup", "leadgen", "owler",
    ]),
    words(Agent::Bot, Place::Start, "robot", &[
        "duckduckgo/", "coccoc/", "air.ai", "newspaper", "biglotron", "amazon cloudfront", "emailwolf",
    ]),
    // Libraries and tools, and browsers that programs drive.
    words(Agent::Bot, Place::Anywhere, "program", &[
        "python", "libwww-perl", "lwp-", "lwp network", "wget", "curl/", "libcurl", "pycurl", "guzzle", "axios",
        "node-fetch", "okhttp", "go-http", "go 1.", "java/", "jersey/", "grpc", "http-client", "http client",
        "webclient", "rest-client", "httpie", "postman", "insomnia", "phantomjs", "selenium", "puppeteer",
        "playwright", "cypress/", "splash ", "httrack", "sitesucker", "webcopier", "igetter", "wechatdevtools",
        "testlocally", "pwabuilder", "collapsify", "sparkler", "keydrop", "wordpress", "firephp",
        "fakeuseragent", "fake_useragent", "anonymous,", "electron-fetch", "<class ", "libwww-mechanize",
        "indy library",
    ]),
    words(Agent::Bot, Place::Word, "program", &[
        "perl", "library", "agent",
    ]),
    words(Agent::Bot, Place::WordEnd, "program", &[
        "httpclient", "urllib", "httplib", "libfetch",
    ]),
    words(Agent::Bot, Place::Start, "program", &[
        "go/", "ruby", "php/", "curl", "colly", "jetty/", "apache/", "microsoft bits", "svn", "custom",
        "client/", "rest", "openai/",
    ]),
    // Who watches over sites: speed, reach, safety, markets.
    words(Agent::Bot, Place::Anywhere, "monitor", &[
        "page speed", "pagespeed", "lighthouse", "ptst/", "gtmetrix", "speedcurve", "dareboost", "dejaclick",
        "pageburst", "criticalcss", "pingdom", "statuscake", "catchpoint", "gomez", "datadog", "newrelic",
        "new relic", "nagios", "zabbix", "prometheus", "ruxit", "rigor", "ghost inspector", "site24x7", "24x7",
        "uptime", "thousandeyes", "keycdn", "azure-logic", "ips-agent", "nmap", "masscan", "zgrab", "nikto",
        "fuzz", "burpcollaborator", "watchtowr", "securityheaders", "hardenize", "foregenix", "cybaa", "clamav",
        " dcv", "sectigo", "whatcms", "wappalyzer", "w3c_", "mobileok", "siteimprove", "silktide", "onetrust",
        "cookiehub", "marketgoo", "morningscore", "optimizer", "netvigie", "webmon", "hotjar", "xenu ",
        "sitelock", "neustar", "iplabel", "functionize", "infrawatch", "bluecoat drtr",
    ]),
    // Readers of feeds and podcasts.
    words(Agent::Bot, Place::Anywhere, "feed reader", &[
        "feeder", "feedly", "feedbin", "newsblur", "readkit", "newsnow", "blogtrottr", "akregator", "rssowl",
        "liferea", "netnewswire", "newsboat", "inoreader", "miniflux", "freshrss", "podcast/", "castopod",
        "downcast", "overcast", "swcd",
    ]),
    words(Agent::Bot, Place::WordEnd, "feed reader", &[
        "feed", "feeds",
    ]),
    words(Agent::Bot, Place::Word, "feed reader", &[
        "rss", "xml",
    ]),
    words(Agent::Bot, Place::Start, "feed reader", &[
        "castro",
    ]),
];

/// Words of people's browsers, apps and devices in which a robot's word is found: they are read over.
#[rustfmt::skip]
pub(crate) const INNOCENT: &[&str] = &[
    // Phones: Cubot, HTC Radar.
    "cubot", "htc; radar", "htc_radar", "htc radar",
    // Apps and browsers, and the addresses that they carry.
    "mozacfetch", "camscan", "daumapps", "daumdevice", "webcrawler toolbar", "ask.com", "http://www.qtweb.net", "avantbrowser.com",
    "http://bsalsa.com", "www.bsalsa.com", "http://www.avantbrowser", "www.avantbrowser", "http://www.maxthon",
];

/// What people's browsers and devices name: an agent that names none of them, nor Mozilla, is no browser.
#[rustfmt::skip]
pub(crate) const PLATFORMS: &[&str] = &[
    "android", "iphone", "ipad", "ios", "windows", "linux", "mac", "darwin", "cfnetwork", "midp", "cldc", "nokia",
    "opera", "browser", "symbian", "symbos", "series60", "blackberry", "docomo", "kddi", "ucweb", "playstation",
    "nintendo", "xbox", "profile/", "samsung", "lg-", "lge-", "sec-sgh", "sie-", "mobile", "tv", "webkit", "gecko",
    "mot-", "x11", "player", "netfront", "obigo", "teleca", "openwave", "up.link", "mmp/", "amiga", "morphos", "ps4",
    "ps5", "sonyericsson", "semc-", "roku", "msie", "explorer", "firefox", "links", "googleapp", "lightpanda",
    "pinterest", "mosaic", "kindle", "wap", "j2me", "brew", "mozac", "kaios", "tizen", "bada", "maemo", "meego",
    "webos", "sailfish", "playbook", "palmos", "haiku", "beos", "freebsd", "openbsd", "netbsd", "sunos", "risc os",
    "threadx", "mocor", "maui", "vodafone", "j-phone", "softbank", "alcatel", "htc", "zte-", "huawei", "sanyo", "sharp-",
    "sagem", "panasonic", "philips", "motorola", "lenovo", "audiovox", "kyocera", "palm", "ericsson", "danger hiptop",
];

/// The names with which people's browsers of all times begin, where they name nothing else.
#[rustfmt::skip]
pub(crate) const BROWSERS: &[&str] = &[
    "amaya", "amigavoyager", "antfresco", "arachne", "arora", "avant", "basilisk", "biyubi", "blazer", "bonecho",
    "brave", "bunjalloo", "camino", "charon", "chimera", "conkeror", "cyberdog", "cyberfox", "ddg", "deepnet", "dillo",
    "dolphin", "dooble", "duckduckgo", "ecosia", "edbrowse", "edge", "elinks", "emacs-w3m", "emacs-w3", "epiphany",
    "falkon", "fennec", "firebird", "floorp", "galeon", "helium", "hotjava", "hv3", "ibrowse", "icab", "icecat", "icedragon",
    "iceweasel", "iris", "k-meleon", "k-ninja", "kazehakase", "kmeleon", "konqueror", "ladybird", "librewolf", "lolifox",
    "lunascape", "lynx", "maxthon", "midori", "minefield", "minimo", "mullvad", "netpositive", "netrik", "netscape",
    "netsurf", "ninetails", "nook", "offbyone", "omniweb", "oregano", "orca", "palemoon", "pale", "palmscape", "phoenix",
    "puffin", "qtweb", "qupzilla", "qutebrowser", "rekonq", "retawq", "rockmelt", "safari", "seamonkey", "servo",
    "shiira", "silk", "skyfire", "sleipnir", "sunrise", "surf", "swiftfox", "tenfourfox", "uzbl", "vivaldi", "vms_mosaic",
    "w3m", "waterfox", "webpositive", "wyzo", "xiino", "zen",
];

/// What follows `compatible;` in people's browsers that name no platform.
pub(crate) const COMPATIBLE: &[&str] = &[
    "msie",
    "mspie",
    "konqueror",
    "icab",
    "ibrowse",
    "opera",
    "kun",
    "ms-office",
    "amzn-user",
    "lucidworks",
];
