//! The statements of claiming and settling: every one but the first claim names the fence, so that whoever has lost a
//! post can change nothing. Leases are measured on the database's clock.

use super::{By, COLUMNS, OPEN, audit, by_id, ms, pauses, queued, select, time};
use crate::post::{Queued, short_id, word};
use chrono::{DateTime, TimeDelta, Utc};
use cm_net::GUARDED;
use cm_record::PostState;
use cm_store::{Error, Tx, Value};

/// Nobody holds it. A lease that ends more than an hour ahead was taken before the clock was put back: it holds nothing.
const FREE: &str = "coalesce(lease_until_ms, 0) NOT BETWEEN now_ms() AND now_ms() + 3600000";

/// Nobody hears an action: late, it is still wanted, for as long as a post is tried that is put off.
const ACTION_GRACE: TimeDelta = TimeDelta::hours(24);

/// Queued, and its time is over: that of posts `?1` ago, of actions `?2`. What waits for an action that is put off is as
/// late as that action's next try.
fn missed() -> String {
    format!(
        "{OPEN} AND state = 'queued' AND due_ms < ?1
         AND coalesce(not_before_ms, due_ms) < CASE kind WHEN 'action' THEN ?2 ELSE ?1 END
         AND NOT EXISTS (SELECT 1 FROM schedule_post a WHERE {ACTION_BEFORE} AND a.not_before_ms >= ?1)"
    )
}

/// The values of `missed`.
fn late(now: DateTime<Utc>, grace: TimeDelta) -> [Value; 2] {
    [ms(now - grace), ms(now - grace.max(ACTION_GRACE))]
}

/// Marks queued posts whose time is over by more than the grace as missed; gives them back.
pub(crate) fn miss(tx: &mut dyn Tx, grace: TimeDelta, by: &By) -> Result<Vec<Queued>, Error> {
    let sql = format!(
        "UPDATE schedule_post SET state = 'missed', fence = fence + 1, error = 'nothing published it in time'
         WHERE {} AND {FREE} RETURNING {COLUMNS}",
        missed()
    );
    let missed = tx.query(&sql, &late(by.at, grace))?.iter().map(queued).collect::<Result<Vec<_>, _>>()?;
    for post in &missed {
        audit(tx, by, &post.id, Some(PostState::Queued), PostState::Missed, None)?;
    }
    Ok(missed)
}

/// An action on the same item that is not done yet: what is said to the item waits for it, as an answer waits for the
/// approval of what it answers. The index of open posts is the one to use, not the account's whole history: so `coalesce`.
const ACTION_BEFORE: &str = "a.kind = 'action' AND a.state IN ('queued', 'sending')
    AND coalesce(a.account, '') = schedule_post.account AND a.in_reply_to = schedule_post.in_reply_to
    AND a.due_ms <= schedule_post.due_ms AND schedule_post.kind <> 'action' AND schedule_post.state = 'queued'";

/// What may be tried now: first what a run that died left `sending`, then what is due, in order.
const READY: &str = "state IN ('queued', 'sending') AND due_ms <= ?1 AND coalesce(not_before_ms, 0) <= ?1
    AND NOT EXISTS (SELECT 1 FROM schedule_pause p WHERE p.account IN ('*', schedule_post.account))
    AND NOT EXISTS (SELECT 1 FROM schedule_cooldown c WHERE c.account = schedule_post.account AND c.until_ms > ?1)";

/// What was queued first goes first, also within a millisecond.
const IN_ORDER: &str = "ORDER BY state = 'queued', due_ms, created_ms,
    (SELECT min(n) FROM schedule_audit WHERE post = schedule_post.id)";

/// The posts that may be tried now.
pub(crate) fn ready(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Vec<Queued>, Error> {
    select(tx, &format!("{} AND {FREE} {IN_ORDER}", unhindered()), &[ms(now)])
}

fn unhindered() -> String {
    format!("{READY} AND NOT EXISTS (SELECT 1 FROM schedule_post a WHERE {ACTION_BEFORE})")
}

/// Those that `ready` gives, one after the other, once `miss` has taken what is late: an answer behind an action that
/// can be done now is one.
pub(crate) fn would_go(tx: &mut dyn Tx, now: DateTime<Utc>, grace: TimeDelta) -> Result<Vec<Queued>, Error> {
    let missed = select(tx, &missed(), &late(now, grace))?;
    let put_off = format!("SELECT 1 FROM schedule_post a WHERE {ACTION_BEFORE} AND a.not_before_ms > ?1");
    let ready = format!("{READY} AND {FREE} AND NOT EXISTS ({put_off}) {IN_ORDER}");
    let mut ready = select(tx, &ready, &[ms(now)])?;
    ready.retain(|post| missed.iter().all(|late| late.id != post.id));
    Ok(ready)
}

/// What would be ready if no other sender had it in its hands.
pub(crate) fn in_other_hands(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Vec<Queued>, Error> {
    select(tx, &format!("{} AND NOT ({FREE}) {IN_ORDER}", unhindered()), &[ms(now)])
}

/// When the next post is due that is not due yet.
pub(crate) fn next_due(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Error> {
    let sql =
        "SELECT min(CASE WHEN not_before_ms > due_ms THEN not_before_ms ELSE due_ms END) FROM schedule_post
        WHERE state IN ('queued', 'sending') AND (due_ms > ?1 OR not_before_ms > ?1)";
    Ok(tx.query(sql, &[ms(now)])?.first().map(|row| row.int(0)).transpose()?.flatten().map(time))
}

/// Claims a post for one sender: a lease on the database's clock and a fence that nobody before has.
pub(crate) fn claim(
    tx: &mut dyn Tx,
    id: &str,
    now: DateTime<Utc>,
    lease_ms: i64,
) -> Result<Option<Queued>, Error> {
    let sql = format!(
        "UPDATE schedule_post SET fence = fence + 1, lease_until_ms = now_ms() + ?2
         WHERE id = ?3 AND {} AND {FREE} RETURNING {COLUMNS}",
        unhindered()
    );
    tx.query(&sql, &[ms(now), lease_ms.into(), id.into()])?.first().map(queued).transpose()
}

/// Commits the intent to send these bytes; `None` when the claim is lost.
pub(crate) fn intend(
    tx: &mut dyn Tx,
    post: &Queued,
    body: &[u8],
    lease_ms: i64,
    by: &By,
) -> Result<Option<Queued>, Error> {
    let sql = format!(
        "UPDATE schedule_post SET state = 'sending', attempts = attempts + 1, body = ?3, error = NULL,
         intent_ms = coalesce(intent_ms, ?4), lease_until_ms = now_ms() + ?5
         WHERE id = ?1 AND fence = ?2 AND state IN ('queued', 'sending') RETURNING {COLUMNS}"
    );
    let values = [(&post.id).into(), post.fence.into(), body.to_vec().into(), ms(by.at), lease_ms.into()];
    let Some(intended) = tx.query(&sql, &values)?.first().map(queued).transpose()? else { return Ok(None) };
    audit(tx, by, &post.id, Some(post.state), PostState::Sending, None)?;
    Ok(Some(intended))
}

/// What keeps a post from being tried now.
#[derive(Debug)]
pub(crate) enum Hindrance {
    /// It is put off, or its account is, until then.
    Until(DateTime<Utc>),
    /// For a person.
    Other(String),
}

/// Where a post stands, and what keeps it from being tried now; no reason means that another sender has it.
pub(crate) fn hindrance(
    tx: &mut dyn Tx,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(PostState, Option<Hindrance>), Error> {
    let other = |why: String| Some(Hindrance::Other(why));
    let Some(post) = by_id(tx, id)? else {
        return Ok((PostState::Cancelled, other("it is gone".to_owned())));
    };
    let paused = pauses(tx)?.into_iter().any(|account| account == "*" || account == post.account);
    let sql = "SELECT until_ms FROM schedule_cooldown WHERE account = ?1 AND until_ms > ?2";
    let rows = tx.query(sql, &[(&post.account).into(), ms(now)])?;
    let cooling = rows.first().map(|row| row.need_int(0).map(time)).transpose()?;
    let action = format!(
        "SELECT a.id FROM schedule_post a, schedule_post WHERE schedule_post.id = ?1 AND {ACTION_BEFORE}"
    );
    let before = tx.query(&action, &[id.into()])?.first().map(|row| row.need_text(0)).transpose()?;
    let why = match post.state {
        PostState::Queued | PostState::Sending if before.is_some() => {
            let before = before.unwrap_or_default();
            other(format!(
                "the action {} on what it answers is not done yet: cm-schedule publish sends both",
                short_id(&before)
            ))
        }
        PostState::Queued | PostState::Sending if paused => other(format!("{} is paused", post.account)),
        PostState::Queued | PostState::Sending => {
            cooling.max(post.not_before.filter(|at| *at > now)).map(Hindrance::Until)
        }
        _ => other(post.error.unwrap_or_else(|| "somebody decided so meanwhile".to_owned())),
    };
    Ok((post.state, why))
}

/// Makes a lease longer; false when the claim is lost.
pub(crate) fn renew(tx: &mut dyn Tx, id: &str, fence: i64, lease_ms: i64) -> Result<bool, Error> {
    let sql = "UPDATE schedule_post SET lease_until_ms = now_ms() + ?3 WHERE id = ?1 AND fence = ?2 AND state = 'sending'";
    Ok(tx.execute(sql, &[id.into(), fence.into(), lease_ms.into()])? == 1)
}

/// What became of a post.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub state: PostState,
    pub url: Option<String>,
    pub error: Option<String>,
    /// Try again, not before.
    pub again: Option<DateTime<Utc>>,
    /// The whole account is to be left alone until then.
    pub cooldown: Option<DateTime<Utc>>,
}

/// Records what became of a post and lets go of it; false when the claim is lost, and then only the log learns of it.
pub(crate) fn settle(tx: &mut dyn Tx, post: &Queued, outcome: &Outcome, by: &By) -> Result<bool, Error> {
    let sql = "UPDATE schedule_post SET state = ?3, published_ms = ?4, published_url = ?5, error = ?6, not_before_ms = ?7,
        retries = retries + ?8, lease_until_ms = NULL WHERE id = ?1 AND fence = ?2 AND state IN ('queued', 'sending')";
    let published = (outcome.state == PostState::Published).then_some(by.at);
    let values = [
        (&post.id).into(),
        post.fence.into(),
        word(outcome.state).into(),
        published.map(ms).unwrap_or(Value::Null),
        outcome.url.clone().into(),
        outcome.error.clone().into(),
        outcome.again.map(ms).unwrap_or(Value::Null),
        outcome.again.is_some().into(),
    ];
    let note = outcome.url.as_deref().or(outcome.error.as_deref());
    if tx.execute(sql, &values)? == 0 {
        let current = by_id(tx, &post.id)?.map_or(PostState::Cancelled, |row| row.state);
        let note = format!(
            "a sender that had lost its claim found it {}: {}",
            word(outcome.state),
            note.unwrap_or("-")
        );
        audit(tx, by, &post.id, Some(current), current, Some(&note))?;
        return Ok(false);
    }
    if let Some(until) = outcome.cooldown {
        let sql = "INSERT INTO schedule_cooldown (account, until_ms) VALUES (?1, ?2)
            ON CONFLICT (account) DO UPDATE SET until_ms = excluded.until_ms";
        tx.execute(sql, &[(&post.account).into(), ms(until)])?;
    }
    audit(tx, by, &post.id, Some(post.state), outcome.state, note)?;
    Ok(true)
}

/// Puts a post that was not yet claimed off; it counts as no attempt.
pub(crate) fn defer(tx: &mut dyn Tx, id: &str, until: DateTime<Utc>) -> Result<(), Error> {
    let sql =
        format!("UPDATE schedule_post SET not_before_ms = ?2 WHERE id = ?1 AND state = 'queued' AND {FREE}");
    tx.execute(&sql, &[id.into(), ms(until)]).map(drop)
}

/// Ends the pause of posts that only that guard kept back, for a run that allows such addresses: nothing was sent.
pub(crate) fn lift_guarded(tx: &mut dyn Tx) -> Result<(), Error> {
    let sql = format!(
        "UPDATE schedule_post SET not_before_ms = NULL WHERE {OPEN} AND state = 'queued' AND error LIKE '%{GUARDED}' AND {FREE}"
    );
    tx.execute(&sql, &[]).map(drop)
}

/// A person's or a zone's change of a post that nobody is sending: time, state and words; older claims are void. False
/// when the post is in a sender's hands or no longer as it was read.
pub(crate) fn change(
    tx: &mut dyn Tx,
    old: &Queued,
    new: &Queued,
    by: &By,
    note: Option<&str>,
) -> Result<bool, Error> {
    let sql = format!(
        "UPDATE schedule_post SET state = ?3, due_ms = ?4, time_zone = ?5, wall = ?6, why = ?7, urgent = ?8,
         published_ms = ?9, published_url = ?10, error = ?11, retries = 0, not_before_ms = NULL, lease_until_ms = NULL,
         fence = fence + 1 WHERE id = ?1 AND fence = ?2 AND state = ?12 AND {FREE}"
    );
    let values = [
        (&old.id).into(),
        old.fence.into(),
        word(new.state).into(),
        ms(new.due),
        (&new.time_zone).into(),
        new.wall.clone().into(),
        (&new.why).into(),
        new.urgent.into(),
        new.published.map(ms).unwrap_or(Value::Null),
        new.url.clone().into(),
        new.error.clone().into(),
        word(old.state).into(),
    ];
    if tx.execute(&sql, &values)? == 0 {
        return Ok(false);
    }
    audit(tx, by, &old.id, Some(old.state), new.state, note)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Planned;
    use crate::tables::{MIGRATIONS, New, OWNER, insert, trail};
    use cm_store::{Mode, Store};
    use proptest::prelude::*;

    fn by() -> By {
        By { actor: "test".into(), at: time(1_800_000_000_000) }
    }

    /// A store with one post that is due.
    fn store(dir: &tempfile::TempDir) -> Store {
        let store = Store::open(&dir.path().join("cm.db").display().to_string(), Mode::Write).unwrap();
        store.migrate(OWNER, MIGRATIONS).unwrap();
        let new = New {
            id: "p".into(),
            account: "file:a".into(),
            kind: "note",
            record_id: "r".into(),
            record: "{}".into(),
            text: "hello".into(),
            links: "[]".into(),
            in_reply_to: None,
            campaign: None,
        };
        let due = Planned { due: by().at, wall: None, zone: "UTC".into(), why: "now".into(), urgent: false };
        store.write(move |tx| insert(tx, &new, &due, &by())).unwrap();
        store
    }

    fn claimed(store: &Store, lease_ms: i64) -> Option<Queued> {
        store.write(move |tx| claim(tx, "p", by().at, lease_ms)).unwrap()
    }

    #[test]
    fn a_lease_keeps_others_out_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir);
        let first = claimed(&store, 3_600_000).unwrap();
        assert_eq!((claimed(&store, 1), first.fence), (None, 1));
        let held = store.read(|tx| in_other_hands(tx, by().at)).unwrap();
        assert!(held.len() == 1 && held[0].held.is_some(), "{held:?}");
        let post = first.clone();
        store.write(move |tx| settle(tx, &post, &Outcome::default(), &by())).unwrap();
        assert_eq!(claimed(&store, 1).unwrap().fence, 2, "a post that was let go is free at once");
        let held = store.read(|tx| by_id(tx, "p")).unwrap().unwrap().held;
        assert!(held.is_none_or(|until| until < first.held.unwrap()), "that claim is over");
    }

    #[test]
    fn a_lease_from_before_the_clock_was_put_back_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir);
        claimed(&store, 4 * 365 * 86_400_000).unwrap();
        assert_eq!(claimed(&store, 60_000).unwrap().fence, 2);
        assert_eq!(claimed(&store, 60_000), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Three senders, whose leases end at once, do things in any order with whatever claim they last had.
        #[test]
        fn only_the_last_claim_changes_a_post(acts in prop::collection::vec((0usize..3, 0u8..5), 1..24)) {
            let dir = tempfile::tempdir().unwrap();
            let store = store(&dir);
            let mut claims: [Option<Queued>; 3] = [None, None, None];
            let (mut fence, mut intents, mut published) = (0, 0, false);
            for (who, act) in acts {
                let mine = claims[who].clone();
                let current = mine.as_ref().is_some_and(|post| post.fence == fence) && !published;
                match (act, mine) {
                    (0, _) => {
                        // A lease of no length at all ends before the next statement.
                        let claim = claimed(&store, -1);
                        prop_assert_eq!(claim.is_some(), !published);
                        fence += i64::from(claim.is_some());
                        claims[who] = claim.or_else(|| claims[who].take());
                    }
                    (1, Some(post)) => {
                        let intended = store.write(move |tx| intend(tx, &post, b"body", -1, &by())).unwrap();
                        prop_assert_eq!(intended.is_some(), current);
                        intents += i64::from(current);
                    }
                    (2, Some(post)) => {
                        let outcome = Outcome { state: PostState::Published, ..Outcome::default() };
                        prop_assert_eq!(store.write(move |tx| settle(tx, &post, &outcome, &by())).unwrap(), current);
                        published |= current;
                    }
                    (3, Some(post)) => {
                        let renewed = store.write(move |tx| renew(tx, "p", post.fence, -1)).unwrap();
                        prop_assert!(current || !renewed);
                    }
                    (4, Some(post)) => {
                        let moved = store.write(move |tx| change(tx, &post, &post, &by(), None)).unwrap();
                        prop_assert!(current || !moved);
                        fence += i64::from(moved);
                    }
                    _ => {}
                }
                let post = store.read(|tx| by_id(tx, "p")).unwrap().unwrap();
                prop_assert_eq!((post.fence, post.attempts, post.state == PostState::Published), (fence, intents, published));
            }
            let events = store.read(|tx| trail(tx, "p")).unwrap();
            let begun = events.iter().filter(|row| row.need_text(3).unwrap() == "sending").count();
            prop_assert!(begun as i64 >= intents, "every intent is in the log");
        }
    }
}
