//! The window of sources that are on their way, or have come and wait to be handed over. In: sources. Out: visits, in the
//! order of the sources or as they come.
//!
//! Ahead of the oldest that is still awaited only so many are visited as may bring something: each of those holds a
//! connection, then a body. What brought none holds nothing worth naming, so a slow host holds up nobody while nothing is
//! new.

use crate::memory::Recalled;
use crate::source::{Place, Source};
use crate::visit::{Outcome, Visit, Visitor, lost};
use crate::watch::Watch;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::task::{Id, JoinError, JoinSet};

/// Visits that are on their way or hold a body.
const MOST: usize = 256;
/// Sources that are recalled and begun together.
const CHUNK: usize = 128;
/// Visits that have ended behind one that has not.
const SPAN: usize = 16_384;

/// Sources that are begun before their place in the list: what they bring waits for it, and leaves room for a part of it.
const FIRST: usize = 64;

/// After so long without an answer whoever watches is told whose are awaited.
const PATIENCE: Duration = Duration::from_secs(1);

/// The window.
pub(crate) struct Window {
    visitor: Arc<Visitor>,
    watch: Arc<Watch>,
    /// With their numbers.
    waiting: VecDeque<(usize, Source)>,
    /// By number, what was recalled before all else.
    early: HashMap<usize, Recalled>,
    in_order: bool,
    on_their_way: JoinSet<Visit>,
    /// By task: the number of its source, and the source, should its visit die.
    begun: HashMap<Id, (usize, Source)>,
    come: BTreeMap<usize, Visit>,
    /// Of those that have come, how many hold a body.
    heavy: usize,
    /// How many were handed over.
    handed: usize,
}

impl Window {
    /// Over these sources.
    pub(crate) fn new(
        visitor: Arc<Visitor>,
        sources: Vec<Source>,
        in_order: bool,
        watch: Arc<Watch>,
    ) -> Window {
        Window {
            visitor,
            watch,
            waiting: sources.into_iter().enumerate().collect(),
            early: HashMap::new(),
            in_order,
            on_their_way: JoinSet::new(),
            begun: HashMap::new(),
            come: BTreeMap::new(),
            heavy: 0,
            handed: 0,
        }
    }

    /// Hands all visits over; ends early when nobody takes them any more.
    pub(crate) async fn run(mut self, send: &Sender<Visit>) {
        self.give_turns().await;
        loop {
            self.begin().await;
            while let Some(visit) = self.due() {
                if send.send(visit).await.is_err() {
                    return;
                }
            }
            match self.ended().await {
                Some(Ok((id, visit))) => {
                    if let Some((number, _)) = self.begun.remove(&id) {
                        self.put(number, visit);
                    }
                }
                Some(Err(died)) => {
                    if let Some((number, source)) = self.begun.remove(&died.id()) {
                        self.put(number, lost(source));
                    }
                }
                None if self.waiting.is_empty() && self.come.is_empty() => return,
                None => {}
            }
        }
    }

    /// The next visit that ends; whoever watches is told who is waited for.
    async fn ended(&mut self) -> Option<Result<(Id, Visit), JoinError>> {
        if !self.watch.is_shown() {
            return self.on_their_way.join_next_with_id().await;
        }
        loop {
            if let Ok(ended) = tokio::time::timeout(PATIENCE, self.on_their_way.join_next_with_id()).await {
                return ended;
            }
            let name = |(_, source): &(usize, Source)| match &source.place {
                Place::Url(url) => url.host_str().unwrap_or_default().to_owned(),
                _ => source.key(),
            };
            self.watch.waits_for(&self.begun.values().map(name).collect());
        }
    }

    fn put(&mut self, number: usize, visit: Visit) {
        self.watch.arrived(matches!(visit.outcome, Outcome::Failed(_)));
        self.heavy += usize::from(visit.outcome.is_heavy());
        self.come.insert(number, visit);
    }

    /// The next visit that may be handed over.
    fn due(&mut self) -> Option<Visit> {
        let first = self.come.first_entry()?;
        if self.in_order && *first.key() != self.handed {
            return None;
        }
        let visit = first.remove();
        self.handed += 1;
        self.heavy -= usize::from(visit.outcome.is_heavy());
        Some(visit)
    }

    /// Who takes turns is recalled first and together, wherever it stands in the list: who has waited longest is known only
    /// among all. In a list that is begun in parts the same is done at hosts that were in trouble, and those that are well
    /// come before the rest of the list.
    async fn give_turns(&mut self) {
        let long = self.waiting.len() > CHUNK;
        let is_early =
            |source: &Source| self.visitor.takes_turns(source) || (long && self.visitor.is_troubled(source));
        let all = self.waiting.iter().filter(|(_, source)| is_early(source));
        let (numbers, sources): (Vec<usize>, Vec<&Source>) = all.map(|(n, source)| (*n, source)).unzip();
        if sources.is_empty() {
            return;
        }
        let recalled = self.visitor.remember(&sources).await;
        let each = numbers.iter().zip(&sources).zip(&recalled);
        let well = each.filter_map(|((number, source), recalled)| {
            let memory = recalled.as_ref().ok()?.as_ref()?;
            let well = self.visitor.is_troubled(source) && memory.state.failing_since.is_none();
            well.then_some((memory.state.tried, *number))
        });
        let mut well: Vec<_> = well.collect();
        well.sort_unstable();
        let first: HashSet<usize> = well.into_iter().take(FIRST).map(|(_, number)| number).collect();
        self.early = numbers.into_iter().zip(recalled).collect();
        if long {
            self.waiting.make_contiguous().sort_by_key(|(number, _)| !first.contains(number));
        }
    }

    /// Begins as many visits as there is room for.
    async fn begin(&mut self) {
        while !self.waiting.is_empty()
            && self.on_their_way.len() + self.heavy + CHUNK <= MOST
            && self.come.len() < SPAN
        {
            let count = CHUNK.min(self.waiting.len());
            let chunk: Vec<(usize, Source)> = self.waiting.drain(..count).collect();
            // Those of one account wait for one another first: what one learns holds for the next.
            let alone = |source: &Source| matches!(source.place, Place::Account { .. });
            let together = chunk.iter().filter(|(n, source)| !alone(source) && !self.early.contains_key(n));
            let together: Vec<&Source> = together.map(|(_, source)| source).collect();
            let mut recalled = self.visitor.remember(&together).await.into_iter();
            let mut asked = Vec::new();
            for (number, source) in chunk {
                let early = self.early.remove(&number);
                let memory = if alone(&source) { None } else { early.or_else(|| recalled.next()) };
                match memory {
                    Some(Err(outcome)) => self.put(number, Visit { source, outcome: *outcome, memory: None }),
                    memory => {
                        asked.push((number, source, memory.and_then(Result::ok)));
                    }
                }
            }
            // A host is shut by those that fail: they come last, and who has waited longest comes first.
            asked.sort_by_key(|(number, _, memory)| {
                let state = memory.as_ref().and_then(|memory| Some(&memory.as_ref()?.state));
                (state.map(|state| (state.failing_since.is_some(), state.tried)), *number)
            });
            for (number, source, memory) in asked {
                let visit = Arc::clone(&self.visitor).visit(source.clone(), memory);
                let id = self.on_their_way.spawn(visit).id();
                self.begun.insert(id, (number, source));
            }
            if self.waiting.is_empty() {
                self.visitor.give_back().await;
            }
        }
    }
}

impl Outcome {
    fn is_heavy(&self) -> bool {
        matches!(self, Outcome::Feed(_) | Outcome::Document(_))
    }
}
