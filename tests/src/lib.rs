//! What the workspace's tests share: the built tools, a home of their own to run in, a small loopback server, and the real
//! servers of tests/peers.
//! The tools are those that cargo built beside the running test (`cargo build --workspace` first; tests/run.sh does).

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod browser;
mod home;
pub mod http;
mod login;
pub mod peers;
mod server;

pub use browser::{USER_AGENT, free_port, get};
pub use home::{Done, Home};
pub use login::Login;
pub use server::{Answer, Asked, Server};

use std::path::{Path, PathBuf};

/// The tools, in the order of the morning.
pub const TOOLS: [&str; 6] = ["cm-fetch", "cm-scan", "cm-inbox", "cm-shorten", "cm-schedule", "cm-report"];

/// The top of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder of the tools: the one that holds `deps/`, in which the running test lies.
pub fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}

/// A tool's path; a test that runs before the tools were built says how to build them.
pub fn tool(name: &str) -> PathBuf {
    let path = binaries().join(name);
    assert!(path.is_file(), "{} is not built: run `cargo build --workspace` first", path.display());
    path
}
