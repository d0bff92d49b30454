//! How every tool behaves at its edge (docs/cli.md): one `main` that owns exit codes, diagnostics, configuration,
//! secrets, inputs and outputs, progress and generated documentation.
//! In: a tool's name, its clap definition and its run function. Out: the process's exit code.

mod account;
mod args;
mod color;
mod config;
mod config_file;
mod diagnostics;
mod exit;
mod failpoint;
mod generate;
mod listing;
mod printable;
mod progress;
mod redact;
mod reject;
mod replace;
mod secret;
mod secret_source;
mod session;
mod stream;
mod toml_file;

pub use account::Account;
pub use args::{Common, ErrorFormat, Generate, When as ColorWhen};
pub use color::Style;
pub use config::{Config, Origin, Setting, beside};
pub use exit::{Exit, Failure};
pub use failpoint::failpoint;
pub use generate::Tool;
pub use listing::Listing;
pub use printable::{columns, one_line, printable};
pub use progress::Progress;
pub use replace::{is_open_already, replace_file};
pub use secret::Secret;
pub use secret_source::SecretSource;
pub use session::Session;
pub use stream::Out;
pub use toml_file::{in_our_words, nearest, parse_toml, read_toml, unreadable};

use clap::Parser;
use std::process::ExitCode;

/// A tool's arguments: a clap definition with the common ones flattened in.
pub trait Arguments: Parser {
    /// The options that every tool shares.
    fn common(&self) -> &Common;
}

/// The whole of a tool's `main.rs`: `cm_cli::main!(cm_scan);`.
#[macro_export]
macro_rules! main {
    ($tool:ident) => {
        fn main() -> std::process::ExitCode {
            $crate::main::<$tool::Args>(&$tool::TOOL, $tool::run)
        }
    };
}

/// Parses the arguments, runs the tool and turns what happened into its exit code.
pub fn main<A: Arguments>(tool: &'static Tool, run: fn(A, &Session) -> anyhow::Result<()>) -> ExitCode {
    let args = match generate::parse::<A>(tool) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let session = match Session::open(tool, args.common().clone()) {
        Ok(session) => session,
        Err(error) => return exit::report_startup(tool, args.common(), &error),
    };
    let result = match generate::answer::<A>(&session) {
        Some(answered) => answered,
        None => run(args, &session),
    };
    session.finish::<A>(result)
}
