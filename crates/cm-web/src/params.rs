//! The table of tracking parameters, a reason per row. A name that ends in `*` stands for every longer name that begins so;
//! names count in any case.
//!
//! What goes by default: campaign tags; names that at least two of three public lists (Brave, AdGuard, ClearURLs) agree on
//! and that no site is likely to need; ids that a platform's own manual says it appends for its own measuring. What a site
//! may need goes with `--aggressive` only. `ref` is never a row: too many sites mean a branch, a place or a person by it.

/// When a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// Named by one list only, or likely to mean something to some site.
    Aggressive,
    /// Who earns by the link.
    Affiliate,
}

/// Names that are tracking for one reason.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) when: When,
    /// The host patterns where the names mean this; everywhere when there are none.
    pub(crate) hosts: &'static [&'static str],
    /// Pages that need the names, known by a word (in lower case) of their host, path or query.
    pub(crate) needed_on: &'static [&'static str],
    /// Why they are removed, for a person.
    pub(crate) reason: &'static str,
    pub(crate) names: &'static [&'static str],
}

const fn everywhere(reason: &'static str, names: &'static [&'static str]) -> Row {
    Row { when: When::Always, hosts: &[], needed_on: &[], reason, names }
}

const fn on(hosts: &'static [&'static str], reason: &'static str, names: &'static [&'static str]) -> Row {
    Row { hosts, ..everywhere(reason, names) }
}

const fn aggressive(reason: &'static str, names: &'static [&'static str]) -> Row {
    Row { when: When::Aggressive, ..everywhere(reason, names) }
}

const fn affiliate(
    hosts: &'static [&'static str],
    reason: &'static str,
    names: &'static [&'static str],
) -> Row {
    Row { when: When::Affiliate, ..on(hosts, reason, names) }
}

const fn except(needed_on: &'static [&'static str], row: Row) -> Row {
    Row { needed_on, ..row }
}

#[rustfmt::skip] // a row a line
pub(crate) const TABLE: &[Row] = &[
    everywhere("campaign tag of web analytics (UTM)", &["utm_*"]),
    everywhere("campaign tag of Matomo", &["mtm_*", "matomo_campaign", "matomo_kwd", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium", "pk_content", "pk_cid", "pk_cpn", "pk_group", "pk_placement", "piwik_campaign", "piwik_kwd", "piwik_keyword"]),
    everywhere("internal campaign tag", &["itm_campaign", "itm_content", "itm_medium", "itm_source", "itm_term"]),
    everywhere("campaign tag of HubSpot ads", &["hsa_acc", "hsa_ad", "hsa_cam", "hsa_grp", "hsa_kw", "hsa_la", "hsa_mt", "hsa_net", "hsa_ol", "hsa_src", "hsa_tgt", "hsa_ver"]),
    everywhere("campaign tag of Mapp and Webtrekk", &["wt_mc", "wt_zmc"]),
    everywhere("campaign tag of Coremetrics", &["cm_mmc*"]),
    everywhere("campaign tag of DPG Media", &["dpg_campaign", "dpg_content", "dpg_medium", "dpg_source"]),
    everywhere("campaign tag that names the source", &["ga_source", "hmb_source", "nx_source", "otm_source"]),
    everywhere("click id of Google", &["gclid", "dclid", "wbraid", "gbraid", "gclsrc", "_gl", "srsltid"]),
    everywhere("click id of Facebook", &["fbclid", "fb_action_ids", "fb_action_types", "fb_comment_id", "fb_ref", "fb_source", "action_object_map", "action_ref_map", "action_type_map"]),
    everywhere("click id of X", &["twclid"]),
    everywhere("click id of Microsoft ads", &["msclkid"]),
    everywhere("click id of Yandex", &["yclid", "ysclid", "_openstat"]),
    everywhere("click id of an advertising or affiliate network", &["irclickid", "rb_clickid", "unicorn_click_id", "wickedid", "_branch_match_id"]),
    everywhere("campaign id of Adobe Analytics", &["s_cid"]),
    everywhere("referrer of Yahoo's consent page", &["guce_referrer", "guce_referrer_sig"]),
    everywhere("visitor id of HubSpot", &["__hsfp", "__hssc", "__hstc", "_hsenc", "hsCtaTracking"]),
    // Pages where a mail's receiver is what makes them work.
    except(&["/email/"], everywhere("receiver id of a mailing", &["h_sid", "h_slt"])),
    except(&["unsubscribe", "emailwebview"], everywhere("receiver id of a mailing", &["mc_cid", "mc_eid", "mkt_tok", "ck_subscriber_id", "ml_subscriber", "ml_subscriber_hash", "oly_anon_id", "oly_enc_id", "vero_id", "vero_conv", "_kx", "bsft_clkid", "bsft_uid"])),

    on(&["youtube.com", "youtu.be"], "share tracking of YouTube", &["si", "pp", "feature", "kw"]),
    on(&["instagram.com"], "share tracking of Instagram", &["igsh", "igshid"]),
    on(&["threads.net", "threads.com"], "share tracking of Threads", &["igsh", "igshid", "xmt", "slof"]),
    on(&["twitter.com", "x.com"], "share tracking of X", &["ref_src", "ref_url", "s", "t", "cn", "src", "cxt"]),
    on(&["facebook.com"], "share tracking of Facebook", &["__tn__", "__cft__*", "__xts__*", "mibextid", "sfnsn", "idorvanity", "eav", "paipv", "rdc", "rdr", "_rdr", "wtsid", "hc_*", "comment_tracking", "referral_code", "action_history"]),
    on(&["linkedin.com"], "click tracking of LinkedIn", &["trk", "trackingId", "refId", "lipi", "rcm", "trkInfo", "midToken", "midSig", "eBP", "originalSubdomain"]),
    on(&["reddit.com"], "share tracking of Reddit", &["share_id", "correlation_id", "ref_campaign", "ref_source", "rdt", "$deep_link", "$3p", "$original_url"]),
    on(&["tiktok.com"], "share tracking of TikTok", &["_t", "_r", "is_from_webapp", "sender_device", "web_id"]),
    on(&["spotify.com", "soundcloud.com"], "share tracking of the player", &["si"]),
    on(&["medium.com"], "click tracking of Medium", &["source"]),
    on(&["amazon.*"], "search and click tracking of Amazon", &["pf_rd_*", "pd_rd_*", "qid", "sr", "srs", "ref_", "crid", "sprefix", "linkCode", "creativeASIN", "ascsubtag", "camp", "creative", "content-id", "dib", "dib_tag", "dchild", "social_share", "starsLeft", "smid", "_encoding", "rnid", "cv_ct_*", "__mk_*"]),
    except(&["/s?", "/s/"], on(&["amazon.*"], "the search that led to a page of Amazon", &["keywords"])),
    on(&["google.*"], "search tracking of Google", &["ved", "ei", "sa", "usg", "sxsrf", "sca_esv", "sca_upv", "gs_*", "oq", "aqs", "sourceid", "rlz", "uact", "iflsig", "fbs", "cshid", "bi*", "sei"]),
    on(&["bing.com"], "search tracking of Bing", &["cvid", "sk", "sp", "sc", "qs", "qp", "form"]),
    on(&["etsy.com"], "click tracking of Etsy", &["click_key", "click_sum", "organic_search_click"]),
    on(&["ebay.*"], "click tracking of eBay", &["_trkparms", "_trksid"]),
    on(&["imdb.com"], "click tracking of IMDb", &["ref_"]),
    on(&["nytimes.com"], "share tracking of the New York Times", &["smid"]),
    on(&["github.com"], "receiver id of GitHub's mails", &["email_token", "email_source"]),
    on(&["bilibili.com", "b23.tv"], "share tracking of Bilibili", &["spm_id_from", "vd_source", "share_source", "share_medium", "share_plat", "share_session_id", "share_tag"]),
    on(&["apple.com"], "campaign tag of Apple Services", &["itscg", "itsct"]),
    on(&["twitch.tv"], "click tracking of Twitch", &["tt_medium", "tt_content"]),

    aggressive("campaign tag that sites also use for themselves", &["cmpid", "tracking_source", "xtor"]),
    aggressive("position of a click on Alibaba's sites", &["spm"]),
    aggressive("visitor id of Google Analytics", &["_ga"]),
    aggressive("search tracking of Google", &["gs_l"]),
    aggressive("experiment of Google's caches", &["usqp"]),
    aggressive("receiver id of Drip", &["__s"]),
    aggressive("a person's mail address", &["user_email_address"]),
    aggressive("mark of an advertisement (Russia)", &["erid"]),
    aggressive("click id of an affiliate network, which pays by it", &["awc", "admitad_uid", "sscid", "tduid", "ir_adid", "ir_campaignid", "ir_partnerid", "irgwc", "rtkcid", "external_click_id", "aiad_clid"]),
    aggressive("click or visitor id with a name that sites also use", &["cuid", "gci", "maf", "ymid"]),
    aggressive("posts of Echobox", &["Echobox"]),
    aggressive("visits of Insider", &["__io_lv", "_io_session_id"]),
    aggressive("impression id of X", &["__twitter_impression"]),
    aggressive("link id of beehiiv", &["_bhlid"]),
    aggressive("referrer of Branch", &["_branch_referrer"]),
    aggressive("receiver id of ClickDimensions", &["_clde", "_cldee"]),
    aggressive("campaign tag of a segmenting service", &["_sgm_action", "_sgm_campaign", "_sgm_source"]),
    aggressive("visitor id of an advertising network", &["_zucks_suid", "famad_xuid", "ebisAdID", "gps_adid"]),
    aggressive("tag of Adjust", &["adjust_adgroup", "adjust_campaign", "adjust_creative", "adjust_referrer", "adjust_tracker", "adjust_tracker_limit"]),
    aggressive("receiver id of Piano Analytics", &["at_recipient_id", "at_recipient_list"]),
    aggressive("receiver or message id of Blueshift", &["bsft_aaid", "bsft_eid", "bsft_ek", "bsft_mid"]),
    aggressive("click tracking of Coremetrics", &["cm_cr", "cm_me"]),
    aggressive("click tracking of Piano's recommendations", &["cx_click", "cx_recsOrder", "cx_recsWidget"]),
    aggressive("receiver id of Salesforce", &["et_rid"]),
    aggressive("count of Yahoo's consent page", &["guccounter"]),
    aggressive("click or message id of Mindbox", &["mindbox-click-id", "mindbox-message-key"]),
    aggressive("test of a Mailchimp campaign", &["mc_tc"]),
    aggressive("receiver id of a shop's mails", &["oft_c", "oft_ck", "oft_d", "oft_id", "oft_ids", "oft_k", "oft_lk", "oft_sk", "os_ehash", "ss_email_id", "vgo_ee", "bbeml"]),
    aggressive("visitor id of Matomo", &["pk_vid"]),
    aggressive("receiver id of Emarsys", &["sc_customer", "sc_eh", "sc_uid"]),
    aggressive("click id of Yandex Market", &["ymclid"]),
    aggressive("click or campaign id that one public list names", &["adfrom", "asgtbndr", "ceneo_spo", "oprtrack", "vc_lpp", "wtrid"]),

    affiliate(&["amazon.*"], "who earns by a link to Amazon", &["tag", "ascsubtag"]),
    affiliate(&["ebay.*"], "who earns by a link to eBay", &["campid", "customid", "mkcid", "mkevt", "mkrid", "toolid"]),
    affiliate(&["aliexpress.*"], "who earns by a link to AliExpress", &["aff_*"]),
    affiliate(&["apple.com"], "who earns by a link to Apple", &["at", "ct"]),
    affiliate(&["booking.com"], "who earns by a link to Booking.com", &["aid", "label"]),
    affiliate(&["natura.com.br"], "who earns by a link to Natura", &["consultoria"]),
    affiliate(&["humblebundle.com"], "who earns by a link to Humble Bundle", &["partner"]),
    affiliate(&[], "who earns by the link (Rakuten)", &["ranMID", "ranEAID", "ranSiteID"]),
];
