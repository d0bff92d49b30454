//! The table of redirect wrappers: host, path, and where the target stands. Those whose target stands in the address
//! itself; others (`t.co`, `bit.ly`) need the network.

/// Where a wrapper carries its target.
#[derive(Debug)]
pub(crate) enum Place {
    /// In the first of these parameters that holds an address, under one layer of percent escapes.
    Parameter(&'static [&'static str]),
    /// The same, under two layers.
    Twice(&'static str),
    /// In a parameter, without a scheme perhaps.
    Bare(&'static str),
    /// In a parameter, before the last `:`, which begins a signature.
    ParameterBeforeColon(&'static str),
    /// In a parameter, as `a1` and base64.
    Base64(&'static str),
    /// The whole query, as it is or under one layer.
    Query,
    /// What follows the path's start, without its scheme, which is this one.
    Path(&'static str),
    /// What follows the path's start and one more segment, percent-escaped.
    PathAfterSegment,
    /// The segment of the path that begins so, percent-escaped.
    Segment(&'static str),
    /// The address that follows this part of the path.
    PathAfter(&'static str),
    /// Packed into what follows the path's start.
    GoogleNews,
}

use Place::{
    Bare, Base64, GoogleNews, Parameter, ParameterBeforeColon, Path, PathAfter, PathAfterSegment, Query,
    Segment, Twice,
};

/// A wrapper.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) host: &'static str,
    /// With a `/` at its end what is below counts too; without, it is the whole path.
    pub(crate) path: &'static str,
    pub(crate) place: Place,
    /// Somebody earns by the click: taken off only when asked for.
    pub(crate) pays: bool,
}

const fn row(host: &'static str, path: &'static str, place: Place) -> Row {
    Row { host, path, place, pays: false }
}

/// A redirect of an affiliate network or an advertisement.
const fn pays(host: &'static str, path: &'static str, place: Place) -> Row {
    Row { host, path, place, pays: true }
}

#[rustfmt::skip] // a row a line
pub(crate) const TABLE: &[Row] = &[
    // Search engines
    row("google.*", "/url", Parameter(&["q", "url"])),
    row("google.*", "/amp/s/", Path("https://")),
    row("google.*", "/amp/", Path("http://")),
    row("google.*", "/interstitial", Parameter(&["url"])),
    row("plus.url.google.com", "/url", Parameter(&["q", "url"])),
    row("news.google.com", "/rss/articles/", GoogleNews),
    row("news.google.com", "/articles/", GoogleNews),
    row("googleweblight.com", "/", Parameter(&["lite_url"])),
    row("cdn.ampproject.org", "/c/s/", Path("https://")),
    row("cdn.ampproject.org", "/v/s/", Path("https://")),
    row("cdn.ampproject.org", "/c/", Path("http://")),
    row("cdn.ampproject.org", "/v/", Path("http://")),
    row("bing.com", "/ck/a", Base64("u")),
    row("duckduckgo.com", "/l/", Parameter(&["uddg"])),
    row("r.search.yahoo.com", "/", Segment("RU=")),
    // Networks
    row("l.facebook.com", "/l.php", Parameter(&["u"])),
    row("lm.facebook.com", "/l.php", Parameter(&["u"])),
    row("facebook.com", "/l.php", Parameter(&["u"])),
    row("facebook.com", "/flx/warn", Parameter(&["u"])),
    row("l.instagram.com", "/", Parameter(&["u"])),
    row("l.messenger.com", "/l.php", Parameter(&["u"])),
    row("l.threads.net", "/", Parameter(&["u"])),
    row("l.threads.com", "/", Parameter(&["u"])),
    row("l.wl.co", "/l", Parameter(&["u"])),
    row("x.com", "/i/redirect", Parameter(&["url"])),
    row("twitter.com", "/i/redirect", Parameter(&["url"])),
    row("youtube.com", "/redirect", Parameter(&["q"])),
    row("out.reddit.com", "/", Parameter(&["url"])),
    row("click.redditmail.com", "/", Parameter(&["url"])),
    row("t.umblr.com", "/redirect", Parameter(&["z"])),
    row("vk.com", "/away.php", Parameter(&["to"])),
    row("linkedin.com", "/redir/redirect", Parameter(&["url"])),
    row("linkedin.com", "/redir/suspicious-page", Parameter(&["url"])),
    row("linkedin.com", "/safety/go", Parameter(&["url"])),
    row("pinterest.*", "/offsite", Parameter(&["url"])),
    row("slack-redir.net", "/link", Parameter(&["url"])),
    row("medium.com", "/r", Parameter(&["url"])),
    row("link.zhihu.com", "/", Parameter(&["target"])),
    row("gate.sc", "/", Parameter(&["url"])),
    row("exit.sc", "/", Parameter(&["url"])),
    row("getpocket.com", "/redirect", Parameter(&["url"])),
    row("disq.us", "/url", ParameterBeforeColon("url")),
    row("steamcommunity.com", "/linkfilter/", Parameter(&["url", "u"])),
    row("curseforge.com", "/linkout", Twice("remoteUrl")),
    row("deviantart.com", "/users/outgoing", Query),
    row("deviantart.com", "/outgoing", Query),
    row("outgoing.prod.webservices.mozgcp.net", "/v1/", PathAfterSegment),
    row("outgoing.prod.mozaws.net", "/v1/", PathAfterSegment),
    // Services that hide where one came from, and scanners of mail
    row("href.li", "/", Query),
    row("anonym.to", "/", Query),
    row("nullrefer.com", "/", Query),
    row("safelinks.protection.outlook.com", "/", Parameter(&["url"])),

    pays("google.*", "/aclk", Parameter(&["adurl"])),
    pays("googleadservices.com", "/pagead/aclk", Parameter(&["adurl"])),
    pays("dartsearch.net", "/", Parameter(&["ds_dest_url"])),
    pays("awin1.com", "/", Parameter(&["ued", "p"])),
    pays("linksynergy.com", "/", Parameter(&["murl"])),
    pays("shareasale.com", "/", Bare("urllink")),
    pays("skimresources.com", "/", Parameter(&["url"])),
    pays("redirectingat.com", "/", Parameter(&["url"])),
    pays("viglink.com", "/", Parameter(&["u"])),
    pays("tradedoubler.com", "/", Parameter(&["url"])),
    pays("webgains.com", "/", Bare("wgtarget")),
    pays("digidip.net", "/", Parameter(&["url"])),
    pays("admitad.com", "/", Parameter(&["ulp"])),
    pays("partner-ads.com", "/", Parameter(&["htmlurl"])),
    pays("rover.ebay.com", "/", Parameter(&["mpre"])),
    pays("anrdoezrs.net", "/links/", PathAfter("/dlg/")),
    pays("prf.hn", "/click/", Segment("destination:")),
];
