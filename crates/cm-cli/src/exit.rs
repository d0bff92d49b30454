//! Exit codes, their precedence, and failures that carry one.

use crate::{Common, Tool, diagnostics};
use std::fmt;
use std::process::ExitCode;

/// What a run came to. The discriminants are the documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; nothing new is success.
    Done = 0,
    /// Nothing found, where `-e` asked to be told; a failed `cm-scan --check`.
    Nothing = 1,
    /// Usage, configuration, or nothing could go on.
    Fatal = 2,
    /// Done in part: lines skipped, a source failed, a post not sent.
    Partial = 3,
    /// Credentials missing or refused, and nothing could be done without.
    Credentials = 4,
    /// Another run holds the lock.
    Busy = 5,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// The higher, the more it hides the others: 2, then 5, then 4, then 3, then 1.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Nothing => 1,
            Exit::Partial => 2,
            Exit::Credentials => 3,
            Exit::Busy => 4,
            Exit::Fatal => 5,
            Exit::Interrupted => 6,
        }
    }

    /// The one of two that is reported.
    pub fn worse(self, other: Exit) -> Exit {
        if other.rank() > self.rank() { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// A failure that ends the run with a code of its own. Any other error that reaches `main` is `Exit::Fatal`.
#[derive(Debug)]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    /// A short name for `--errors json`: `usage`, `config`, `busy`, `credentials` ...
    pub code: &'static str,
    /// What, where and how to mend it; lower case, no full stop. Empty asks for the short help instead.
    pub message: String,
    /// What else is wrong, each a line of its own.
    pub more: Vec<String>,
}

impl Failure {
    /// The arguments do not make sense.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Fatal, code: "usage", message: message.into(), more: Vec::new() }
    }
    /// The configuration or a file that people write is wrong.
    pub fn config(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Fatal, code: "config", message: message.into(), more: Vec::new() }
    }
    /// Another run holds the lock.
    pub fn busy(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Busy, code: "busy", message: message.into(), more: Vec::new() }
    }
    /// Credentials are missing or were refused.
    pub fn credentials(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Credentials, code: "credentials", message: message.into(), more: Vec::new() }
    }
    /// Nothing was given and standard input is a terminal: the short help, exit 2.
    pub fn short_help() -> Failure {
        Failure { exit: Exit::Fatal, code: "usage", message: String::new(), more: Vec::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The code and name of an error's failure, wherever it stands in the chain, and what else it tells.
pub(crate) fn classify(error: &anyhow::Error) -> (Exit, &'static str, &[String]) {
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .map_or((Exit::Fatal, "fatal", &[]), |failure| (failure.exit, failure.code, &failure.more))
}

/// Whether an error is only that the reader of our output went away, which is no error.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// Reports an error from before there was a session.
pub(crate) fn report_startup(tool: &Tool, common: &Common, error: &anyhow::Error) -> ExitCode {
    let (exit, code, more) = classify(error);
    let diagnostics = diagnostics::Diagnostics::new(tool.name, common);
    diagnostics.emit(diagnostics::Level::Error, code, &format!("{error:#}"), None);
    more.iter().for_each(|message| diagnostics.emit(diagnostics::Level::Error, code, message, None));
    exit.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_2_5_4_3_1() {
        let order = [Exit::Fatal, Exit::Busy, Exit::Credentials, Exit::Partial, Exit::Nothing, Exit::Done];
        for (i, a) in order.iter().enumerate() {
            for b in &order[i..] {
                assert_eq!(a.worse(*b), *a);
                assert_eq!(b.worse(*a), *a);
            }
        }
    }
}
