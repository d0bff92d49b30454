//! The title of an item, where it says something. In: an item. Out: its title on one line; none where there is none, or
//! where software made it of what is known anyway.

use crate::entry::{on_one_line, text_of};
use cm_record::{Item, Meta};

/// How the title of an answer begins, in several languages; then the title of what is answered follows.
const ANSWERS: [&str; 8] = ["re:", "aw:", "antw:", "sv:", "vs:", "ref:", "odp:", "rép:"];

/// How software begins the title of what is said below something, in several languages.
const BELOW: [&str; 14] = [
    "comment on ",
    "comment by ",
    "new comment ",
    "reply to ",
    "reply to:",
    "kommentar zu ",
    "antwort auf ",
    "commentaire sur ",
    "comentario en ",
    "comentário em ",
    "commento su ",
    "reactie op ",
    "kommentar till ",
    "komentarz do ",
];

/// What the author of an item calls it. A title is made by software, and says nothing new, when it is how the content
/// begins (feeds of Mastodon and its like) or only says to what it is an answer ("Re: Launch"); of what is said below
/// something also when it says who speaks ("By: Ana", WordPress; "/u/ana on Launch", Reddit) or where ("Comment on Launch").
/// Elsewhere the author's name may be part of a title that people wrote: "Coffee is scarce - The Daily News".
pub fn said(item: &Item) -> Option<String> {
    let title = on_one_line(item.title.as_deref().unwrap_or_default());
    let meta = item.meta();
    let begins_with = |words: &[&str]| words.iter().any(|word| title.to_lowercase().starts_with(word));
    let of_comment = begins_with(&BELOW);
    let is_made = title.is_empty()
        || begins(item, &title)
        || (answers(item, &meta) && begins_with(&ANSWERS))
        || match meta.kind.as_deref() {
            Some("comment" | "reply") => of_comment || names_author(item, &title),
            _ => of_comment && names_author(item, &title),
        };
    (!is_made).then_some(title)
}

/// Whether the content begins so, cut or not, with who says it in front or not.
fn begins(item: &Item, title: &str) -> bool {
    let text = without_spaces(&text_of(item));
    let is_start = |title: &str| {
        let title = without_spaces(title);
        let cut = title.trim_end_matches(['…', '.', '[', ']', '(', ')']);
        !cut.is_empty() && text.starts_with(cut)
    };
    let after_author = |(who, rest): (&str, &str)| names_author(item, who) && is_start(rest);
    is_start(title) || title.split_once(": ").is_some_and(after_author)
}

/// Whether the title begins or ends with its author's name.
fn names_author(item: &Item, title: &str) -> bool {
    let title = title.to_lowercase();
    let mut names = item.authors.iter().flat_map(|author| {
        let handle = author.cm.as_ref().and_then(|extra| extra.handle.as_deref());
        [author.name.as_deref(), handle].into_iter().flatten()
    });
    names.any(|name| {
        let name = name.trim().trim_start_matches('@').to_lowercase();
        let begins = title.trim_start_matches("/u/").trim_start_matches('@').strip_prefix(&name);
        name.contains(char::is_alphanumeric)
            && (title.strip_suffix(&name).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
                || begins.is_some_and(|rest| rest.starts_with(char::is_whitespace)))
    })
}

fn answers(item: &Item, meta: &Meta) -> bool {
    meta.in_reply_to.is_some() || meta.thread.as_ref().is_some_and(|thread| *thread != item.id)
}

fn without_spaces(text: &str) -> String {
    cm_text::fold(text, false).split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::{Author, AuthorExtra};
    use proptest::prelude::*;

    fn item(kind: &str, title: &str, text: &str) -> Item {
        let extra = AuthorExtra { handle: Some("@ana@forum.example".into()), ..AuthorExtra::default() };
        Item {
            id: "1".into(),
            title: Some(title.into()),
            content_text: Some(text.into()),
            authors: vec![Author { name: Some("Ana".into()), cm: Some(extra), ..Author::default() }],
            cm: Some(Meta { kind: Some(kind.into()), ..Meta::default() }),
            ..Item::default()
        }
    }

    #[test]
    fn what_people_call_it_is_said() {
        for (kind, title) in [
            ("mention", "Which grinder fits the winter roast?"),
            ("review", "Parcel lost,\n refund refused!"),
            ("review", "😡"),
            ("comment", "Anaerobic beans"),
            ("mention", "Ana and I cannot order"),
            ("mention", "What is a banana"),
            ("mention", "Comment on your prices"),
            ("comment", "Reply too slow"),
            ("mention", "Crash: thanks"),
            ("mention", "Coffee is scarce - Ana"),
            ("review", "Refund refused, says Ana"),
            ("message", "Re: your order"),
        ] {
            let said = said(&item(kind, title, "Thanks in advance!"));
            assert_eq!(said, Some(on_one_line(title)), "{kind}");
        }
    }

    #[test]
    fn what_software_calls_it_is_not() {
        for (kind, title) in [
            ("comment", "Comment on Launch by Ana"),
            ("comment", "Kommentar zu Launch von Ana"),
            ("comment", "By: Ana"),
            ("comment", "Comment on Launch"),
            ("reply", "Reply To: Launch"),
            ("reply", "/u/ana on Launch"),
            ("reply", "Ana commented on Launch"),
            ("mention", "Comment on Launch by @ana@forum.example"),
            ("mention", "Thanks in…"),
            ("mention", "thanks in advance!"),
            ("mention", "Ana (@ana@forum.example): Thanks in adv..."),
            ("mention", " \n"),
        ] {
            assert_eq!(said(&item(kind, title, "Thanks  in advance! Ben")), None, "{title}");
        }
    }

    #[test]
    fn the_title_of_what_is_answered_says_nothing_new() {
        let mut answer = item("reply", "Re: Launch", "Thanks in advance!");
        assert_eq!(said(&answer).as_deref(), Some("Re: Launch"), "of what, is not known otherwise");
        answer.cm.as_mut().unwrap().in_reply_to = Some("0".into());
        assert_eq!(said(&answer), None);
        answer.cm = Some(Meta { thread: Some("1".into()), ..Meta::default() });
        assert!(said(&answer).is_some(), "the first of its own thread answers nothing");
    }

    proptest! {
        #[test]
        fn any_title_is_said_whole_or_not_at_all(title in "\\PC*", text in "\\PC*") {
            if let Some(said) = said(&item("comment", &title, &text)) {
                prop_assert_eq!(said, on_one_line(&title));
            }
        }
    }
}
