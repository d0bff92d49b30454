//! Addresses in the protocol of Rest.li 2.0 (<https://linkedin.github.io/rest.li/spec/protocol>, "URL encoding"): brackets and commas
//! of lists stand as they are, those inside of values are escaped. In: values. Out: paths and queries.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Everything but what RFC 3986 leaves alone.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value, such as a URN, in a path or a query.
pub(super) fn value(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// An address below a base; the query stands as it is given.
pub(super) fn address(base: &Url, path: &str, query: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(Some(query));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_and_values_are_escaped() {
        let base = "https://api.linkedin.com/".parse().unwrap();
        let path = format!("rest/socialActions/{}/comments", value("urn:li:comment:(urn:li:activity:1,2)"));
        let url = address(
            &base,
            &path,
            &format!("actions=List(A,B)&organizationalEntity={}", value("urn:li:organization:42")),
        );
        assert_eq!(
            url.as_str(),
            "https://api.linkedin.com/rest/socialActions/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29/comments\
             ?actions=List(A,B)&organizationalEntity=urn%3Ali%3Aorganization%3A42"
        );
    }
}
