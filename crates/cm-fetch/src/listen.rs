//! `cm-fetch listen`: new items the moment their publishers tell (WebSub). In: the sources whose feeds name a hub, and what
//! those hubs deliver. Out: what is new, as `--new` hands it out, archive and store included.
//!
//! Every source is read once at the start, as its feed has to be seen to know its hub. Nothing rests on the hubs: what was
//! not delivered, or was lost behind a delivery, is found by the next `cm-fetch --new` of cron, which runs beside this.

use crate::args::Listen;
use crate::choice::Wish;
use crate::handout::Handout;
use crate::memory::Remembering;
use crate::push::{Delivery, ROOM, Receiver, Subscriber};
use crate::settings::Settings;
use crate::source::{Place, Source};
use crate::store::Tables;
use crate::visit::{self, Visit, Visitor};
use crate::watch::Watch;
use anyhow::Context;
use chrono::{DateTime, Utc};
use cm_cli::{Failure, Session};
use cm_net::serve::{self, LAST, told_to_stop};
use cm_store::Mode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use url::Url;

/// Connections at once: hubs are few.
const CONNECTIONS: usize = 64;
/// Deliveries that wait to be read; beyond them hubs are asked to come again.
const WAITING: usize = 16;
/// An unsigned delivery is a hint only: a source is asked no oftener than this on its account.
const HINT: Duration = Duration::from_secs(60);

/// Listens until it is told to stop.
pub(crate) fn run(session: &Session, args: &Listen) -> anyhow::Result<()> {
    let (settings, hosts) = Settings::of(session)?;
    let callback = callback(args, &settings)?;
    let mut sources = crate::listed(session, args.file.as_deref())?
        .ok_or_else(|| Failure::usage("which sources? give --sources FILE, or set sources in cm.toml"))?;
    sources.retain(|source| matches!(source.place, Place::Url(_)));
    let tables = Tables::open(session, Mode::Write)?;
    let Some(_lock) = tables.lock("fetch-listen")? else {
        return Err(Failure::busy("another cm-fetch listen runs on this store").into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = runtime.block_on(serve::listen(&args.listen)).map_err(Failure::config)?;
    let first_from = session.now().checked_sub_signed(settings.first());
    let wish = Wish { first_from, ..Wish::default() };
    let archive = crate::archive(session, args.archive.as_deref())?;
    let mut handout = Handout::new(session, wish.clone(), None, Some(tables.clone()), archive, &settings);
    let memory = Remembering::begin(&tables, session.now())?;
    let visitor = |hosts, memory, force| -> anyhow::Result<Visitor> {
        let new = crate::visitor(session, hosts, args.concurrency, Default::default(), Some(tables.clone()))?;
        Ok(Visitor { wish: wish.clone(), memory: Some(memory), force, ..new })
    };
    let watch = Arc::new(Watch::new(session.progress(Some(sources.len() as u64), "fetch")));
    let visits = visit::start(
        visitor(hosts.clone(), memory.clone(), false)?,
        sources.clone(),
        false,
        Arc::clone(&watch),
    )?;
    let read = handout.run(visits, sources.len(), &watch);
    watch.finish();
    read?;
    let hubs = tables.hubs()?;
    if !sources.iter().any(|source| hubs.contains_key(&source.key())) {
        session.warn(
            "no-hub",
            "none of these sources names a hub, so nobody will call: cm-fetch --new asks them",
        );
    }
    // Whoever calls is heard, whenever the source was read last.
    let called = Remembering { since: DateTime::<Utc>::MAX_UTC, ..memory.clone() };
    let visitor = Arc::new(visitor(hosts, called, true)?);
    let sources: HashMap<String, Source> = sources.into_iter().map(|one| (one.key(), one)).collect();
    let (told, say) = std::sync::mpsc::channel::<String>();
    // One is read while another is handed out: documents wait where their room is counted.
    let (visits, visited) = mpsc::channel(1);
    let desk = Desk { visitor, tables, sources: Arc::new(sources), callback, told };
    session.handle_interrupts();
    // Whoever knows that it listens may tell it to stop.
    let told_to_stop = {
        let _inside = runtime.enter();
        told_to_stop()?
    };
    announce(&listener, session)?;
    std::thread::scope(|scope| {
        // Words are said where the session is; they end with the last who has some.
        let words = scope.spawn(move || say.iter().for_each(|line| session.say(line)));
        let serving = scope.spawn(move || {
            let served = runtime.block_on(desk.serve(listener, visits, told_to_stop));
            runtime.shutdown_timeout(LAST);
            served
        });
        let watch = Watch::new(session.progress(None, "listen"));
        let handed = handout.run(visited, 0, &watch);
        watch.finish();
        let served = serving.join().unwrap_or_else(|_| Err(anyhow::anyhow!("listening failed inside")));
        let _ = words.join();
        memory.run.end(&memory.tables)?;
        handed.and(served)
    })
}

/// Where hubs reach us: `--callback`, else `callback` in `[fetch]`.
fn callback(args: &Listen, settings: &Settings) -> anyhow::Result<Url> {
    let text = args.callback.as_deref().or(settings.callback.as_deref()).ok_or_else(|| {
        Failure::usage(
            "where do hubs reach this machine? give --callback https://..., or set callback in [fetch] of cm.toml",
        )
    })?;
    Ok(crate::source::address(text).map_err(|why| Failure::config(format!("callback: {why}")))?)
}

/// Standard output is for items; whoever waits for the address asks for words.
fn announce(listener: &TcpListener, session: &Session) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the listening address")?;
    session.say(format_args!("listening on http://{address}"));
    Ok(())
}

/// Everything but the hand-out, on threads of its own.
struct Desk {
    visitor: Arc<Visitor>,
    tables: Tables,
    sources: Arc<HashMap<String, Source>>,
    callback: Url,
    told: std::sync::mpsc::Sender<String>,
}

impl Desk {
    async fn serve(
        self,
        listener: TcpListener,
        visits: mpsc::Sender<Visit>,
        told_to_stop: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let (deliveries, delivered) = mpsc::channel(WAITING);
        let told = Mutex::new(self.told);
        let tell: Arc<dyn Fn(String) + Send + Sync> = Arc::new(move |line| {
            let _ = told.lock().unwrap_or_else(PoisonError::into_inner).send(line);
        });
        let options = self.visitor.client.options();
        let receiver = Arc::new(Receiver {
            tables: self.tables.clone(),
            sources: Arc::clone(&self.sources),
            deliveries,
            room: Arc::new(Semaphore::new(ROOM as usize)),
            longest: options.max_feed,
            clock: options.clock,
            tell: Arc::clone(&tell),
        });
        let subscriber = Subscriber {
            visitor: Arc::clone(&self.visitor),
            tables: self.tables,
            sources: self.sources,
            callback: self.callback,
            tell,
        };
        let closed = visits.clone();
        let reading = tokio::spawn(read(self.visitor, delivered, visits));
        let stop = async move {
            tokio::select! {
                () = told_to_stop => {}
                // Nobody takes what is handed out any more.
                () = closed.closed() => {}
                () = subscriber.run() => {}
            }
        };
        let answer = move |request, _peer| {
            let receiver = Arc::clone(&receiver);
            async move { receiver.answer(request).await }
        };
        serve::serve(listener, CONNECTIONS, answer, stop).await;
        // What was taken over is read to its end.
        let _ = tokio::time::timeout(LAST, reading).await;
        Ok(())
    }
}

/// Reads deliveries one after the other; hints wait on their own, each source at most once.
async fn read(visitor: Arc<Visitor>, mut delivered: mpsc::Receiver<Delivery>, visits: mpsc::Sender<Visit>) {
    let hinted: Arc<Hinted> = Arc::default();
    while let Some(Delivery { source, document }) = delivered.recv().await {
        let Some(document) = document else {
            tokio::spawn(look(Arc::clone(&visitor), source, Arc::clone(&hinted), visits.clone()));
            continue;
        };
        let visit = visitor.take(source, document).await;
        if visits.send(visit).await.is_err() {
            return;
        }
    }
}

/// Asks a source after a hint: at once, and then not before a while has passed, once for all hints in between.
async fn look(visitor: Arc<Visitor>, source: Source, hinted: Arc<Hinted>, visits: mpsc::Sender<Visit>) {
    let key = source.key();
    if !hinted.begin(&key) {
        return;
    }
    loop {
        let visit = Arc::clone(&visitor).look(source.clone()).await;
        if visits.send(visit).await.is_err() {
            return;
        }
        tokio::time::sleep(HINT).await;
        if hinted.end(&key) {
            return;
        }
    }
}

/// Sources that were hinted at: those that are being looked at, and whether there was another hint since.
#[derive(Default)]
struct Hinted(Mutex<HashMap<String, bool>>);

impl Hinted {
    /// Whether nobody looks at it yet; who does will do so once more.
    fn begin(&self, key: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let again = all.contains_key(key);
        all.insert(key.to_owned(), again).is_none()
    }

    /// Whether there was no other hint since; then nobody looks at it any more.
    fn end(&self, key: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(key) {
            Some(again) if *again => {
                *again = false;
                false
            }
            _ => {
                all.remove(key);
                true
            }
        }
    }
}
