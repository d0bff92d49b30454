//! A run of a tool: its clock, settings, words and the code that it will exit with. Shared by reference, from any thread.

use crate::diagnostics::{Diagnostics, Level};
use crate::{
    Account, Arguments, Common, Config, Exit, Failure, Listing, Progress, Setting, Tool, color, exit,
    generate,
};
use cm_time::{Clock, Zone};
use std::collections::BTreeMap;
use std::env;
use std::fmt::Display;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Whether Ctrl-C ends the process at once; `serve` and the like turn it off and stop in order.
static ENDS_ON_INTERRUPT: AtomicBool = AtomicBool::new(true);

/// A run.
pub struct Session {
    tool: &'static Tool,
    common: Common,
    config: Config,
    clock: Clock,
    zone: OnceLock<Zone>,
    diagnostics: Diagnostics,
    exit: Mutex<Exit>,
    pub(crate) bad_lines: AtomicU64,
    pub(crate) warned_version: AtomicBool,
    /// `--reject`, once it is open.
    pub(crate) reject: OnceLock<Arc<File>>,
}

impl Session {
    pub(crate) fn open(tool: &'static Tool, common: Common) -> anyhow::Result<Session> {
        let config = Config::load(&common)?;
        let mut session = Session {
            tool,
            diagnostics: Diagnostics::new(tool.name, &common),
            common,
            config,
            clock: Clock::System,
            zone: OnceLock::new(),
            exit: Mutex::new(Exit::Done),
            bad_lines: AtomicU64::new(0),
            warned_version: AtomicBool::new(false),
            reject: OnceLock::new(),
        };
        session.clock = session.read_clock()?;
        // A zone that is none is told at once, not by those commands only that show times.
        if session.config.text("time_zone")?.is_some() {
            session.zone()?;
        }
        // A second handler cannot be set; then the first one stands, which is as good.
        let _ = ctrlc::set_handler(|| {
            if ENDS_ON_INTERRUPT.load(Ordering::Relaxed) {
                std::process::exit(Exit::Interrupted as i32);
            }
        });
        Ok(session)
    }

    /// A session like this one with the configuration as it stands now, for programs that are told to read it again. What
    /// is marked there does not count for this one's exit code.
    pub fn reread(&self) -> anyhow::Result<Session> {
        let mut session = Session::open(self.tool, self.common.clone())?;
        session.clock = self.clock;
        Ok(session)
    }

    fn read_clock(&self) -> anyhow::Result<Clock> {
        let given =
            self.common.clock.clone().or_else(|| env::var("CM_CLOCK").ok()).filter(|text| !text.is_empty());
        let Some(text) = given else { return Ok(Clock::System) };
        let at = cm_time::parse_time(&text, self.zone()?, chrono::Utc::now())
            .map_err(|e| Failure::usage(format!("--clock: {e}")))?;
        Ok(Clock::Fixed(at))
    }

    /// `cm-scan`.
    pub fn name(&self) -> &'static str {
        self.tool.name
    }

    pub(crate) fn tool(&self) -> &'static Tool {
        self.tool
    }

    /// The common options.
    pub fn common(&self) -> &Common {
        &self.common
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The injected clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The instant now, by the injected clock.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// The configured zone (`time_zone`), else the machine's.
    pub fn zone(&self) -> anyhow::Result<&Zone> {
        if let Some(zone) = self.zone.get() {
            return Ok(zone);
        }
        let zone = match self.config.text("time_zone")? {
            Some(setting) => Zone::named(&setting.value)
                .map_err(|e| Failure::config(format!("{}: time_zone: {e}", setting.origin)))?,
            None => Zone::system(),
        };
        Ok(self.zone.get_or_init(|| zone))
    }

    /// Reads a TIME given for an option such as `--since`.
    pub fn time(&self, option: &str, text: &str) -> anyhow::Result<chrono::DateTime<chrono::Utc>> {
        cm_time::parse_time(text, self.zone()?, self.now())
            .map_err(|e| Failure::usage(format!("{option}: {e}")).into())
    }

    /// Where the store is: `--store`, `CM_STORE`, `store` in the configuration, else the XDG state folder.
    pub fn store_url(&self) -> anyhow::Result<String> {
        let Some(setting) = self.config.text("store")? else {
            return Ok(format!("sqlite:{}", self.state_dir()?.join("cm.db").display()));
        };
        let path = match setting.value.strip_prefix("sqlite:") {
            None if setting.value.contains("://") => return Ok(setting.value),
            path => path.unwrap_or(&setting.value),
        };
        let path = Setting { value: path.to_owned(), origin: setting.origin }.path();
        Ok(format!("sqlite:{}", path.display()))
    }

    /// Where the store is, for commands that only look; `None` when it was not made yet. One that `--store` names and that
    /// is not there is a slip of the pen, and is told instead of made or taken for an empty one.
    pub fn store_to_read(&self) -> anyhow::Result<Option<String>> {
        let url = self.store_url()?;
        let absent = url.strip_prefix("sqlite:").filter(|path| !Path::new(path).exists());
        match (absent, &self.common.store) {
            (None, _) => Ok(Some(url)),
            (Some(_), None) => Ok(None),
            (Some(path), Some(_)) => Err(Failure::usage(format!(
                "there is no store at {path}: --store names another; cm-fetch --new, cm-inbox and cm-shorten add make one"
            ))
            .into()),
        }
    }

    /// `$XDG_STATE_HOME/cm`.
    pub fn state_dir(&self) -> anyhow::Result<PathBuf> {
        xdg("XDG_STATE_HOME", ".local/state")
    }

    /// `$XDG_CACHE_HOME/cm`.
    pub fn cache_dir(&self) -> anyhow::Result<PathBuf> {
        xdg("XDG_CACHE_HOME", ".cache")
    }

    /// The accounts of the configuration, by name.
    pub fn accounts(&self) -> anyhow::Result<BTreeMap<String, Account>> {
        let tables = self.config.tables::<Account>("accounts")?;
        tables
            .into_iter()
            .map(|(name, (account, origin))| Ok((name.clone(), account.named(&name, &origin)?)))
            .collect()
    }

    /// Whether private and loopback addresses are allowed: `--allow-private` or `CM_ALLOW_PRIVATE=1`.
    pub fn allow_private(&self) -> bool {
        self.common.allow_private || env::var_os("CM_ALLOW_PRIVATE").is_some_and(|v| v == "1")
    }

    /// How often `-v` was given.
    pub fn verbose(&self) -> u8 {
        self.common.verbose
    }

    /// Whether a person reads standard output.
    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether standard output gets colours.
    pub fn color(&self) -> bool {
        color::enabled(self.common.color, self.stdout_is_terminal())
    }

    /// The width of the terminal in columns, 80 where there is none.
    pub fn width(&self) -> usize {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
    }

    pub(crate) fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// Something to know, shown to a person who watches or asked with `-v`. Cron sees none of it.
    pub fn say(&self, message: impl Display) {
        self.diagnostics.emit(Level::Info, "info", &message.to_string(), None);
    }

    /// Something looks wrong; the exit code does not change. `code` is a short name for `--errors json`.
    pub fn warn(&self, code: &str, message: impl Display) {
        self.diagnostics.emit(Level::Warning, code, &message.to_string(), None);
    }

    /// Something was not done, the rest goes on: told, and the run will exit 3. With `--strict` the error ends the run.
    pub fn failed(&self, code: &str, message: impl Display) -> anyhow::Result<()> {
        if self.common.strict {
            return Err(Failure::config(message.to_string()).into());
        }
        self.mark(Exit::Partial);
        self.diagnostics.emit(Level::Error, code, &message.to_string(), None);
        Ok(())
    }

    /// Tells of an error and marks the run with its code; the run goes on.
    pub fn error(&self, exit: Exit, code: &str, message: impl Display) {
        self.mark(exit);
        self.diagnostics.emit(Level::Error, code, &message.to_string(), None);
    }

    /// Marks the run: the gravest mark decides the exit code.
    pub fn mark(&self, exit: Exit) {
        let mut current = self.exit.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *current = current.worse(exit);
    }

    /// A progress bar on stderr, only when a person watches.
    pub fn progress(&self, total: Option<u64>, what: &str) -> Progress {
        let shown = self.diagnostics.watched && !self.common.quiet;
        Progress::new(&self.diagnostics.bars, shown, total, what)
    }

    /// Ctrl-C no longer ends the process: the caller stops in order and marks `Exit::Interrupted` itself if it likes.
    pub fn handle_interrupts(&self) {
        ENDS_ON_INTERRUPT.store(false, Ordering::Relaxed);
    }

    /// Writes a listing: a table on a terminal, JSON lines in a pipe. Of nothing there is no heading either.
    pub fn list(&self, listing: &Listing) -> anyhow::Result<()> {
        if listing.is_empty() {
            return Ok(());
        }
        if self.stdout_is_terminal() {
            return self.print(&listing.table(self.width(), self.color()));
        }
        let mut out = self.out();
        for object in listing.objects() {
            out.line(&object.to_string())?;
        }
        Ok(out.flush()?)
    }

    /// Writes a text to standard output as it is.
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    pub(crate) fn show_config(&self) -> anyhow::Result<()> {
        self.zone()?;
        let mut listing = Listing::new(&["SETTING", "VALUE", "FROM"]);
        let mut rows = self.config.all()?;
        if rows.iter().all(|(name, ..)| name != "store") {
            rows.push(("store".into(), self.store_url()?, "default".into()));
        }
        if rows.iter().all(|(name, ..)| name != "time_zone") {
            rows.push(("time_zone".into(), self.zone()?.name().to_owned(), "default".into()));
        }
        for (name, value, from) in rows {
            let object = serde_json::json!({"setting": name, "value": value, "from": from});
            listing.row(vec![name, value, from], object);
        }
        self.list(&listing)
    }

    /// Turns the run's result and marks into its exit code.
    pub(crate) fn finish<A: Arguments>(&self, result: anyhow::Result<()>) -> ExitCode {
        if let Err(error) = result {
            if exit::is_closed_pipe(&error) {
                return self.marked().into();
            }
            let (exit, code, more) = exit::classify(&error);
            self.mark(exit);
            let message = format!("{error:#}");
            if message.is_empty() {
                self.diagnostics.write(&generate::short_help::<A>(self.tool));
            } else {
                self.diagnostics.emit(Level::Error, code, &message, None);
                more.iter().for_each(|message| self.diagnostics.emit(Level::Error, code, message, None));
            }
        }
        self.marked().into()
    }

    fn marked(&self) -> Exit {
        *self.exit.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn xdg(variable: &str, fallback: &str) -> anyhow::Result<PathBuf> {
    let base = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    base.or_else(|| {
        env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(fallback))
    })
    .map(|base| base.join("cm"))
    .ok_or_else(|| {
        Failure::config(format!("no {variable} and no HOME: say where with --store sqlite:PATH")).into()
    })
}
