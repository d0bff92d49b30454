//! How an item is known to be answered: by our own reply in its thread, whoever sent it from wherever.
//! In: the items of one thread that wait, and our own in it. Out: which reply answered which item.

use std::collections::HashMap;

/// Something of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReply {
    /// Its id.
    pub id: String,
    /// The item it answers, when the network says so.
    pub in_reply_to: Option<String>,
    /// Who wrote that item.
    pub to_author: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// Something of somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Nobody sees it before it is approved.
    pub is_held: bool,
}

/// What we replied in one thread, by whom it answers: a busy post has thousands of comments.
#[derive(Debug, Default)]
pub struct Replies {
    to_item: HashMap<String, Said>,
    to_author: HashMap<String, Vec<Said>>,
    to_nobody: Vec<Said>,
}

/// When, and the reply's id.
type Said = (i64, String);

impl Replies {
    /// Sorts replies by whom they answer.
    pub fn new(replies: Vec<OwnReply>) -> Replies {
        let mut sorted = Replies::default();
        for reply in replies {
            let said = (reply.at_ms, reply.id);
            let Some(parent) = reply.in_reply_to else {
                sorted.to_nobody.push(said);
                continue;
            };
            if let Some(author) = reply.to_author {
                sorted.to_author.entry(author).or_default().push(said.clone());
            }
            let first = sorted.to_item.entry(parent).or_insert_with(|| said.clone());
            *first = said.min(first.clone());
        }
        sorted.to_author.values_mut().for_each(|said| said.sort());
        sorted.to_nobody.sort();
        sorted
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.to_item.is_empty() && self.to_nobody.is_empty()
    }

    /// The first reply of ours that answers an item of its thread, its time and id:
    /// 1. one that names the item;
    /// 2. a later one to the same person, who has been heard: two questions in a row get one answer;
    /// 3. a later one that names nobody, as in forums and chats, where a thread is one line of talk.
    ///
    /// A reply to somebody else in the same thread answers nobody but them, and what is held has been heard by nobody.
    pub fn answer(&self, item: &Waiting) -> Option<&Said> {
        let to_author = item.author.as_ref().and_then(|author| self.to_author.get(author));
        let lists = [to_author.map_or(&[][..], Vec::as_slice), &self.to_nobody];
        let heard = lists.into_iter().filter(|_| !item.is_held);
        let heard = heard.filter_map(|said| said.get(said.partition_point(|(at, _)| *at < item.at_ms)));
        heard.chain(self.to_item.get(&item.id)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: &str, author: &str, at_ms: i64) -> Waiting {
        Waiting { id: id.into(), author: Some(author.into()), at_ms, is_held: false }
    }

    fn reply(id: &str, to: Option<(&str, &str)>, at_ms: i64) -> OwnReply {
        let (in_reply_to, to_author) = to.map(|(id, author)| (id.into(), author.into())).unzip();
        OwnReply { id: id.into(), in_reply_to, to_author, at_ms }
    }

    fn answer(item: &Waiting, replies: &[OwnReply]) -> Option<String> {
        Replies::new(replies.to_vec()).answer(item).map(|(_, id)| id.clone())
    }

    #[test]
    fn the_first_that_answers_counts() {
        let replies = [reply("o2", Some(("x", "ana")), 20), reply("o1", Some(("x", "ana")), 10)];
        assert_eq!(answer(&waiting("x", "ana", 5), &replies).as_deref(), Some("o1"));
    }

    #[test]
    fn a_reply_answers_its_parent_whatever_the_clocks_say() {
        assert!(answer(&waiting("x", "ana", 50), &[reply("o", Some(("x", "ana")), 10)]).is_some());
    }

    #[test]
    fn two_questions_of_one_person_get_one_answer() {
        let replies = [reply("o", Some(("x2", "ana")), 30)];
        assert!(answer(&waiting("x1", "ana", 10), &replies).is_some());
        assert!(answer(&waiting("x3", "ana", 40), &replies).is_none(), "asked after the answer");
    }

    #[test]
    fn a_reply_to_one_person_answers_no_other() {
        assert!(answer(&waiting("y", "ben", 10), &[reply("o", Some(("x", "ana")), 30)]).is_none());
        let unknown = OwnReply { to_author: None, ..reply("o", Some(("x", "ana")), 30) };
        assert!(answer(&Waiting { author: None, ..waiting("y", "", 10) }, &[unknown]).is_none());
    }

    #[test]
    fn what_is_held_was_heard_by_nobody() {
        let held = Waiting { is_held: true, ..waiting("x1", "ana", 10) };
        assert!(answer(&held, &[reply("o", Some(("x2", "ana")), 30), reply("p", None, 30)]).is_none());
        assert!(answer(&held, &[reply("o", Some(("x1", "ana")), 30)]).is_some());
    }

    #[test]
    fn in_a_forum_whoever_speaks_last_answers_what_was_said() {
        let replies = [reply("o", None, 30)];
        assert!(answer(&waiting("x", "ana", 10), &replies).is_some());
        assert!(answer(&waiting("y", "ben", 40), &replies).is_none());
    }
}
