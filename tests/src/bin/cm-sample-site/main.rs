//! The web of examples/morning.sh, on loopback: `serve` answers for the hosts of the sample site, `get` asks as a person's
//! browser does, so that the script needs no other program.
//!
//! In: a folder with one folder per host. Out: its files over HTTP, their date marks filled in; for `get`, what came back.

mod browser;
mod dates;
mod files;
mod http;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str =
    "usage: cm-sample-site serve DIR [--now RFC3339] | cm-sample-site get URL [--at HOST:PORT]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["serve", dir] => serve(dir, None),
        ["serve", dir, "--now", now] => serve(dir, Some(now)),
        ["get", url] => browser::get(url, None),
        ["get", url, "--at", address] => browser::get(url, Some(address)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "cm-sample-site: {why}");
            ExitCode::from(2)
        }
    }
}

/// Says its address and serves until it is ended.
fn serve(dir: &str, now: Option<&str>) -> Result<(), String> {
    let now = dates::now(now)?;
    let root = PathBuf::from(dir).canonicalize().map_err(|e| format!("{dir}: {e}"))?;
    let site = Arc::new(files::Site { root, day: now.date_naive() });
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{address}").and_then(|()| out.flush()).map_err(|e| e.to_string())?;
    for stream in listener.incoming().flatten() {
        let site = Arc::clone(&site);
        std::thread::spawn(move || http::answer(stream, &site));
    }
    Ok(())
}
