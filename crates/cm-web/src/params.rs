//! The table of tracking parameters, a reason per row. A name that ends in `*` stands for every name that begins so.

use crate::host;

/// Names that are tracking for one reason.
pub(crate) struct Row {
    /// The host patterns where the names mean this; everywhere when there are none.
    hosts: &'static [&'static str],
    /// Why they are removed, for a person.
    reason: &'static str,
    names: &'static [&'static str],
}

const EVERYWHERE: &[&str] = &[];

/// Pages where the identity of a mail's receiver is what makes the page work.
const MAIL_PAGES: &[&str] = &["unsubscribe", "emailwebview"];

#[rustfmt::skip] // names by the line, not one a line
const TABLE: &[Row] = &[
    Row { hosts: EVERYWHERE, reason: "campaign tag of web analytics (UTM)", names: &["utm_*"] },
    Row { hosts: EVERYWHERE, reason: "campaign tag of Matomo", names: &["mtm_*", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium", "pk_content", "pk_cid"] },
    Row { hosts: EVERYWHERE, reason: "internal campaign tag", names: &["itm_campaign", "itm_content", "itm_medium", "itm_source", "itm_term"] },
    Row { hosts: EVERYWHERE, reason: "campaign tag of HubSpot ads", names: &["hsa_acc", "hsa_ad", "hsa_cam", "hsa_grp", "hsa_kw", "hsa_la", "hsa_mt", "hsa_net", "hsa_ol", "hsa_src", "hsa_tgt", "hsa_ver"] },
    Row { hosts: EVERYWHERE, reason: "campaign tag of Mapp and Webtrekk", names: &["wt_mc", "wt_zmc"] },
    Row { hosts: EVERYWHERE, reason: "click id of Google", names: &["gclid", "dclid", "wbraid", "gbraid", "gclsrc", "_gl", "srsltid"] },
    Row { hosts: EVERYWHERE, reason: "click id of Facebook", names: &["fbclid", "fb_action_ids", "fb_action_types", "fb_comment_id", "fb_ref", "fb_source", "action_object_map", "action_ref_map", "action_type_map"] },
    Row { hosts: EVERYWHERE, reason: "click id of X", names: &["twclid"] },
    Row { hosts: EVERYWHERE, reason: "click id of Microsoft ads", names: &["msclkid"] },
    Row { hosts: EVERYWHERE, reason: "click id of Yandex", names: &["yclid", "ysclid", "_openstat"] },
    Row { hosts: EVERYWHERE, reason: "click id of an advertising or affiliate network", names: &["irclickid", "rb_clickid", "unicorn_click_id", "wickedid", "s_cid", "_branch_match_id"] },
    Row { hosts: EVERYWHERE, reason: "referrer of Yahoo's consent page", names: &["guce_referrer", "guce_referrer_sig"] },
    Row { hosts: EVERYWHERE, reason: "visitor id of HubSpot", names: &["__hsfp", "__hssc", "__hstc", "_hsenc", "hsCtaTracking"] },
    Row { hosts: EVERYWHERE, reason: "receiver id of a mailing", names: &["mc_eid", "mkt_tok", "ck_subscriber_id", "ml_subscriber", "ml_subscriber_hash", "oly_anon_id", "oly_enc_id", "vero_id", "vero_conv", "_kx", "bsft_clkid", "bsft_uid"] },
    Row { hosts: &["youtube.com", "youtu.be"], reason: "share tracking of YouTube", names: &["si", "pp", "feature", "kw"] },
    Row { hosts: &["instagram.com"], reason: "share tracking of Instagram", names: &["igsh", "igshid"] },
    Row { hosts: &["twitter.com", "x.com"], reason: "share tracking of X", names: &["ref_src", "ref_url", "s", "t", "cn", "src", "cxt"] },
    Row { hosts: &["facebook.com"], reason: "share tracking of Facebook", names: &["__tn__", "__cft__*", "__xts__*", "mibextid", "sfnsn", "idorvanity", "eav", "paipv", "rdc", "rdr", "_rdr", "wtsid", "hc_*", "comment_tracking", "referral_code", "action_history"] },
    Row { hosts: &["linkedin.com"], reason: "click tracking of LinkedIn", names: &["trk", "trackingId", "refId", "lipi", "rcm", "trkInfo", "midToken", "midSig", "eBP", "originalSubdomain"] },
    Row { hosts: &["reddit.com"], reason: "share tracking of Reddit", names: &["share_id", "correlation_id", "ref_campaign", "ref_source", "rdt", "$deep_link", "$3p", "$original_url"] },
    Row { hosts: &["tiktok.com"], reason: "share tracking of TikTok", names: &["_t", "_r", "is_from_webapp", "sender_device", "web_id"] },
    Row { hosts: &["spotify.com"], reason: "share tracking of Spotify", names: &["si"] },
    Row { hosts: &["medium.com"], reason: "click tracking of Medium", names: &["source"] },
    Row { hosts: &["amazon.*"], reason: "search and click tracking of Amazon", names: &["pf_rd_*", "pd_rd_*", "qid", "sr", "srs", "ref_", "crid", "sprefix", "keywords", "linkCode", "creativeASIN", "ascsubtag", "camp", "creative", "content-id", "dib", "dib_tag", "dchild", "social_share", "starsLeft", "smid", "_encoding", "rnid", "cv_ct_*", "__mk_*"] },
    Row { hosts: &["google.*"], reason: "search tracking of Google", names: &["ved", "ei", "sa", "usg", "sxsrf", "sca_esv", "sca_upv", "gs_*", "oq", "aqs", "sourceid", "rlz", "uact", "iflsig", "fbs", "cshid", "bi*", "sei"] },
    Row { hosts: &["bing.com"], reason: "search tracking of Bing", names: &["cvid", "sk", "sp", "sc", "qs", "qp", "form"] },
    Row { hosts: &["etsy.com"], reason: "click tracking of Etsy", names: &["click_key", "click_sum", "organic_search_click"] },
    Row { hosts: &["nytimes.com"], reason: "share tracking of the New York Times", names: &["smid"] },
    Row { hosts: &["github.com"], reason: "receiver id of GitHub's mails", names: &["email_token", "email_source"] },
];

/// Why the parameter `name` (as written in the address) is tracking on that host and path; `None` when it is not.
pub(crate) fn reason(host: &str, path: &str, name: &str) -> Option<&'static str> {
    let name = host::decode(name)?;
    let row =
        TABLE.iter().find(|row| row.applies(host) && row.names.iter().any(|known| is_named(&name, known)))?;
    let on_mail_page = || {
        let path = path.to_ascii_lowercase();
        MAIL_PAGES.iter().any(|page| path.contains(page))
    };
    (!(row.reason.contains("receiver") && on_mail_page())).then_some(row.reason)
}

impl Row {
    fn applies(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|pattern| matches_scope(host, pattern))
    }
}

/// A pattern `name.*` names the shop or search page itself, not the services beside it (`docs.google.com`).
fn matches_scope(host: &str, pattern: &str) -> bool {
    let bare = host.strip_prefix("www.").unwrap_or(host);
    match pattern.strip_suffix(".*") {
        Some(name) => host::matches(host, pattern) && bare.split('.').next() == Some(name),
        None => host::matches(host, pattern),
    }
}

fn is_named(name: &str, known: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => {
            name.len() > start.len() && name.get(..start.len()).is_some_and(|n| n.eq_ignore_ascii_case(start))
        }
        None => name == known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tracking_where_they_are_known_to_be() {
        assert!(reason("any.example", "/", "utm_social-type").is_some());
        assert!(reason("any.example", "/", "UTM_Source").is_some());
        assert!(reason("any.example", "/", "utm%5Fsource").is_some());
        assert!(reason("www.youtube.com", "/watch", "si").is_some());
        assert!(reason("any.example", "/", "mkt_tok").is_some());
        for (host, path, name) in [
            ("any.example", "/", "si"),
            ("any.example", "/", "ref"),
            ("any.example", "/", "utm_"),
            ("docs.google.com", "/document", "ei"),
            ("any.example", "/Unsubscribe", "mkt_tok"),
        ] {
            assert_eq!(reason(host, path, name), None, "{host}{path} {name}");
        }
    }
}
