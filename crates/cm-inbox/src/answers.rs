//! How an item is known to be answered: by our own reply in its thread, whoever sent it from wherever.
//! In: the items of one thread that wait, and our own in it. Out: which reply answered which item.

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

/// Something of somebody else's that nobody has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// The first reply of ours that answers an item of its thread:
/// 1. one that names the item;
/// 2. a later one to the same person, who has been heard: two questions in a row get one answer;
/// 3. a later one that names nobody, as in forums and chats, where a thread is one line of talk.
///
/// A reply to somebody else in the same thread answers nobody but them.
pub fn answer<'a>(item: &Waiting, replies: &'a [OwnReply]) -> Option<&'a OwnReply> {
    replies.iter().filter(|reply| answers(reply, item)).min_by_key(|reply| reply.at_ms)
}

fn answers(reply: &OwnReply, item: &Waiting) -> bool {
    match &reply.in_reply_to {
        Some(parent) if *parent == item.id => true,
        Some(_) => reply.at_ms >= item.at_ms && reply.to_author.is_some() && reply.to_author == item.author,
        None => reply.at_ms >= item.at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: &str, author: &str, at_ms: i64) -> Waiting {
        Waiting { id: id.into(), author: Some(author.into()), at_ms }
    }

    fn reply(id: &str, to: Option<(&str, &str)>, at_ms: i64) -> OwnReply {
        let (in_reply_to, to_author) = to.map(|(id, author)| (id.into(), author.into())).unzip();
        OwnReply { id: id.into(), in_reply_to, to_author, at_ms }
    }

    #[test]
    fn the_first_that_answers_counts() {
        let replies = [reply("o2", Some(("x", "ana")), 20), reply("o1", Some(("x", "ana")), 10)];
        assert_eq!(answer(&waiting("x", "ana", 5), &replies).unwrap().id, "o1");
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
    fn in_a_forum_whoever_speaks_last_answers_what_was_said() {
        let replies = [reply("o", None, 30)];
        assert!(answer(&waiting("x", "ana", 10), &replies).is_some());
        assert!(answer(&waiting("y", "ben", 40), &replies).is_none());
    }
}
