//! Hashtags in running text, and tags as hashtags are compared.

use crate::token::Tokens;
use cm_text::{HashtagRule, Link, find_hashtags};

/// A hashtag where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashtag {
    /// The first byte: that of its `#`.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    bare: String,
    /// Where that differs.
    marked: Option<String>,
}

impl Hashtag {
    /// The folded name, with its diacritics or without.
    pub fn folded(&self, keep_diacritics: bool) -> &str {
        self.marked.as_deref().filter(|_| keep_diacritics).unwrap_or(&self.bare)
    }
}

/// The hashtags of a text; none in its links.
pub fn hashtags(text: &str, links: &[Link], rule: HashtagRule) -> Vec<Hashtag> {
    let found = find_hashtags(text, links, rule).into_iter().map(|tag| {
        let tokens = Tokens::of(&text[tag.name..tag.end]);
        let (bare, marked) = (whole_tag(&tokens, false), whole_tag(&tokens, true));
        let marked = (marked != bare).then_some(marked);
        Hashtag { start: tag.start, end: tag.end, bare, marked }
    });
    found.filter(|tag| !tag.bare.is_empty()).collect()
}

/// The rule that holds where an item comes from: what stands before the colon of `mastodon:acme` names the network.
pub fn rule_of(source: Option<&str>) -> HashtagRule {
    match source.and_then(|source| source.split(':').next()) {
        Some("mastodon") => HashtagRule::Mastodon,
        Some("bluesky") => HashtagRule::Bluesky,
        _ => HashtagRule::TwitterText,
    }
}

/// A tag as a hashtag would write it: `Specialty Coffee` is `specialtycoffee`.
pub fn whole_tag(tokens: &Tokens, keep_diacritics: bool) -> String {
    let mut whole = String::new();
    let mut position = None;
    for token in tokens.iter().filter(|token| position.replace(token.position) != Some(token.position)) {
        whole.push_str(token.folded(keep_diacritics));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashtag_is_compared_as_a_tag_is() {
        let text = "#Crème_Brûlée #咖啡店 #__x__ #メ～テレ #ＡＣＭＥ";
        let found = hashtags(text, &[], HashtagRule::TwitterText);
        let names: Vec<_> = found.iter().map(|tag| tag.folded(false)).collect();
        assert_eq!(names, ["creme_brulee", "咖啡店", "x", "メテレ", "acme"]);
        assert_eq!(found[0].folded(true), "crème_brûlée");
        assert_eq!(&text[found[1].start..found[1].end], "#咖啡店");
    }

    #[test]
    fn the_source_names_the_rule() {
        assert_eq!(rule_of(Some("mastodon:acme")), HashtagRule::Mastodon);
        assert_eq!(rule_of(Some("bluesky:acme")), HashtagRule::Bluesky);
        assert_eq!(rule_of(Some("https://acme.example/feed")), HashtagRule::TwitterText);
        assert_eq!(rule_of(None), HashtagRule::TwitterText);
    }
}
