//! Drafts: our own words about an item, and things to do with it, for cm-schedule. In: the item, the words. Out: a record.

use crate::entry::{account_of, display_name, headline, listed};
use cm_cli::Failure;
use cm_record::{Audience, Item, Meta, Parent, draft_id};

/// A draft that answers an item, as public as the item is: what was said in private is answered in private.
pub fn reply(parent: &Item, text: &str) -> Item {
    let meta = parent.meta();
    let to = parent_of(parent, &meta);
    let id = draft_id(&parent.id, &to.account, text);
    let cm = Meta {
        kind: Some("reply".into()),
        draft: true,
        in_reply_to: Some(parent.id.clone()),
        parent: Some(to),
        audience: meta.audience.or((meta.kind.as_deref() == Some("message")).then_some(Audience::Direct)),
        ..Meta::default()
    };
    let (content_text, language) = (Some(text.to_owned()), parent.language.clone());
    Item { id, content_text, language, cm: Some(cm), ..Item::default() }
}

/// A draft that shares a public item: the words (else its title), then its address. An item of unknown audience is
/// shared only when that is asked for.
pub fn share(item: &Item, text: Option<&str>, own_idea: bool, share_unknown: bool) -> Result<Item, Failure> {
    refuse_private(item.meta().audience, share_unknown)?;
    let text = match (text, &item.url) {
        (Some(text), Some(url)) if text.contains(url.as_str()) => text.to_owned(),
        (Some(text), Some(url)) => format!("{text} {url}"),
        (Some(text), None) => text.to_owned(),
        (None, _) if own_idea => crate::entry::text_of(item).into_owned(),
        (None, Some(url)) => format!("{} {url}", headline(item)),
        (None, None) => {
            return Err(Failure::usage("it has no page to point at: say something about it with -m"));
        }
    };
    let cm =
        Meta { kind: Some("note".into()), draft: true, audience: Some(Audience::Public), ..Meta::default() };
    Ok(Item {
        id: draft_id(&item.id, "", &text),
        url: item.url.clone(),
        content_text: Some(text),
        cm: Some(cm),
        ..Item::default()
    })
}

fn refuse_private(audience: Option<Audience>, share_unknown: bool) -> Result<(), Failure> {
    let who = match audience {
        Some(Audience::Public) => return Ok(()),
        None if share_unknown => return Ok(()),
        None => {
            return Err(Failure::usage(
                "its source does not say who may see it: look at it with cm-inbox open, then share it with --share-unknown",
            ));
        }
        Some(Audience::Unlisted) => "only for those who have its address",
        Some(Audience::Followers) => "only for its author's followers",
        Some(Audience::Direct) => "private",
    };
    Err(Failure::usage(format!("it is {who} and cannot be shared")))
}

/// Something to do with an item where it stands: `approve`, `spam`, `trash`, `like`, `boost`. Its title and address are
/// for who looks through the queue. Only what is certainly public is passed on.
pub fn action(about: &Item, action: &str) -> Result<Item, Failure> {
    let meta = about.meta();
    let to = parent_of(about, &meta);
    if to.account.is_empty() {
        return Err(Failure::usage(format!(
            "it came from a feed, where nothing can be done about it: fetch it through an account to {action} it"
        )));
    }
    if meta.deleted {
        return Err(Failure::usage("it was deleted where it stood: there is nothing to do about it"));
    }
    if action == "boost" && meta.audience != Some(Audience::Public) {
        return Err(Failure::usage("only what is public is passed on: it is not, or nobody says so"));
    }
    let cm = Meta {
        draft: true,
        in_reply_to: Some(about.id.clone()),
        action: Some(action.to_owned()),
        ..Meta::default()
    };
    Ok(Item {
        id: draft_id(&about.id, &to.account, &occasion(about, action)),
        url: about.url.clone(),
        title: Some(named(about, &meta)),
        content_text: Some(String::new()),
        cm: Some(Meta { parent: Some(to), ..cm }),
        ..Item::default()
    })
}

/// Whether no more is to be done about an item once this was: who was let through or liked still waits for an answer.
pub fn settles(action: &str) -> bool {
    !matches!(action, "approve" | "like")
}

/// What tells an action from another on the same item. What was approved, held again by somebody and fetched again can be
/// approved once more; asked for twice with the same knowledge it is one. One like is for ever.
fn occasion(about: &Item, action: &str) -> String {
    match &about.fetch {
        Some(fetch) if matches!(action, "approve" | "spam" | "trash") => {
            format!("{action}\u{1f}{}", fetch.at)
        }
        _ => action.to_owned(),
    }
}

/// `the comment of Ana (@ana): Does it ship?`; what was said in private stays unsaid.
fn named(item: &Item, meta: &Meta) -> String {
    let kind = meta.kind.as_deref().unwrap_or("item");
    let who = item.authors.first().and_then(display_name).map(|who| format!(" of {who}")).unwrap_or_default();
    match meta.audience {
        None | Some(Audience::Public) if kind != "message" => {
            format!("the {kind}{who}: {}", listed(item, kind))
        }
        _ => format!("the {kind}{who}"),
    }
}

/// Whom a draft answers; no account when the item came from a feed.
fn parent_of(item: &Item, meta: &Meta) -> Parent {
    let account = meta.source.as_deref().and_then(account_of).unwrap_or_default();
    let native = item.fetch.as_ref().and_then(|fetch| fetch.native_id.clone());
    Parent { id: item.id.clone(), account: account.to_owned(), native }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    fn item(line: &str) -> Item {
        Record::parse(line).unwrap().item().unwrap()
    }

    fn mention(audience: &str) -> Item {
        item(&format!(
            r#"{{"id":"https://fosstodon.example/users/ana/statuses/113012345678901234","url":"https://fosstodon.example/@ana/1",
            "content_text":"Their checkout is broken","language":"en","_cm":{{"version":1,"kind":"mention",
            "source":"mastodon:acme"{audience}}},"_cm_fetch":{{"at":"","from":"","native_id":{{"status":"113012345678901234"}}}}}}"#
        ))
    }

    #[test]
    fn a_reply_is_the_documented_record() {
        let draft = reply(
            &mention(r#","audience":"public""#),
            "Sorry Ana, fixed now: https://acme.example/shop?id=7",
        );
        let line = r#"{"id":"urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f","content_text":"Sorry Ana, fixed now: https://acme.example/shop?id=7","language":"en","_cm":{"version":1,"kind":"reply","draft":true,"in_reply_to":"https://fosstodon.example/users/ana/statuses/113012345678901234","parent":{"id":"https://fosstodon.example/users/ana/statuses/113012345678901234","account":"mastodon:acme","native":{"status":"113012345678901234"}},"audience":"public"}}"#;
        assert_eq!(Record::from_item(&draft).unwrap().line(), line);
    }

    #[test]
    fn an_answer_is_no_more_public_than_the_question() {
        for (audience, expected) in [
            (r#","audience":"direct""#, Some(Audience::Direct)),
            (r#","audience":"followers""#, Some(Audience::Followers)),
            ("", None),
        ] {
            assert_eq!(reply(&mention(audience), "x").meta().audience, expected);
        }
        let message = item(r#"{"id":"1","content_text":"psst","_cm":{"version":1,"kind":"message"}}"#);
        assert_eq!(reply(&message, "x").meta().audience, Some(Audience::Direct), "a message is private");
    }

    #[test]
    fn only_what_is_public_is_shared() {
        for audience in ["unlisted", "followers", "direct"] {
            let private = mention(&format!(r#","audience":"{audience}""#));
            assert!(share(&private, None, false, true).is_err(), "{audience}");
        }
        assert!(share(&mention(""), None, false, false).unwrap_err().message.contains("--share-unknown"));
        assert!(share(&mention(""), None, false, true).is_ok());
    }

    #[test]
    fn a_share_says_our_words_or_the_title_and_points_at_the_page() {
        let article = item(r#"{"id":"1","url":"https://a.example/1","title":"Roasting","content_html":"x"}"#);
        let said = |text| share(&article, text, false, false).unwrap().content_text.unwrap();
        assert_eq!(said(None), "Roasting https://a.example/1");
        assert_eq!(said(Some("Look")), "Look https://a.example/1");
        assert_eq!(said(Some("At https://a.example/1 now")), "At https://a.example/1 now");
        let draft = share(&article, None, false, false).unwrap();
        assert_eq!(draft.url.as_deref(), Some("https://a.example/1"));
        assert!(draft.meta().draft && draft.meta().parent.is_none());
        let nowhere = item(r#"{"id":"1","content_text":"somebody's words"}"#);
        assert!(share(&nowhere, None, false, false).is_err(), "strangers' words are not ours to post");
    }

    #[test]
    fn only_what_is_certainly_public_is_passed_on() {
        for (audience, passed) in
            [(r#","audience":"public""#, true), (r#","audience":"unlisted""#, false), ("", false)]
        {
            assert_eq!(action(&mention(audience), "boost").is_ok(), passed, "{audience}");
            assert!(action(&mention(audience), "like").is_ok());
        }
    }

    #[test]
    fn actions_differ_in_their_ids_and_need_an_account() {
        let (approve, spam) =
            (action(&mention(""), "approve").unwrap(), action(&mention(""), "spam").unwrap());
        assert_ne!(approve.id, spam.id);
        let later = |action| {
            let mut again = mention("");
            again.fetch.as_mut().unwrap().at = "2026-11-22T09:00:00Z".into();
            self::action(&again, action).unwrap().id
        };
        assert_ne!(approve.id, later("approve"), "held again, it can be approved again");
        assert_eq!(action(&mention(""), "like").unwrap().id, later("like"));
        assert_eq!(approve.meta().action.as_deref(), Some("approve"));
        assert_eq!(approve.title.as_deref(), Some("the mention: Their checkout is broken"));
        assert_eq!(approve.url.as_deref(), Some("https://fosstodon.example/@ana/1"));
        assert!(action(&item(r#"{"id":"1","content_text":"x"}"#), "spam").is_err());
        let gone = item(r#"{"id":"1","content_text":"","_cm":{"version":1,"source":"a:b","deleted":true}}"#);
        assert!(action(&gone, "approve").is_err());
    }
}
