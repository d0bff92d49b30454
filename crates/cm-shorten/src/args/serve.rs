//! The options of the server.

use clap::Args as ClapArgs;

/// What `serve --help` says below the options.
const SERVE_HELP: &str = "\
When it answers, its address stands alone on a line of standard output (http://127.0.0.1:8087). It listens to HTTP only:
put it behind a web server that speaks TLS, and name that server's address in proxies of [shorten], so that its
X-Forwarded-For is believed.

Every click is logged as a person's, a link preview's or a robot's, with the rule that decided. Clicks are committed in
groups, at most 250 ms after they came: kill -9 loses those of that time, SIGTERM and Ctrl-C none. When more come than
the store takes, 16,384 wait, and answers with them; what finds no room for half a second is redirected and counted, but
not logged (`stats` shows it). No address and no user agent is ever written: visitors are told apart for a day, by a hash
whose random key never leaves memory.

Links made meanwhile are answered at once, changed ones within a second. SIGHUP has the configuration read again, all but
listen and store. One server runs on a store: a second one ends with 5.";

/// `serve`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = SERVE_HELP)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one. The address is printed on standard output when ready
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}
