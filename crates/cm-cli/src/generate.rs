//! What comes from the clap definition besides parsing: man page and completions; and how usage errors are said.

use crate::diagnostics::{Diagnostics, Level};
use crate::{Arguments, Common, ErrorFormat, Exit, Generate, Session, printable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Parser};
use std::io::{self, Write};
use std::process::ExitCode;

/// What `cm_cli` has to know of a tool.
#[derive(Debug)]
pub struct Tool {
    /// `cm-scan`.
    pub name: &'static str,
    /// Printed at the very top of `-h` and `--help`: one or two example commands, each on its line, indented by two.
    pub example: &'static str,
    /// Options that people know from other programs and that this one has not, with what to do instead: `("-i", "...")`.
    pub habits: &'static [(&'static str, &'static str)],
}

/// The tool's clap definition with its name, version and the example on top.
fn command<A: CommandFactory>(tool: &Tool) -> Command {
    let version = env!("CARGO_PKG_VERSION");
    A::command()
        .name(tool.name)
        .bin_name(tool.name)
        .version(version)
        .before_help(format!("Example:\n{}", tool.example))
}

/// Parses the arguments; help, version and usage errors are said here.
pub(crate) fn parse<A: Arguments>(tool: &Tool) -> Result<A, ExitCode> {
    let parsed = command::<A>(tool).try_get_matches().and_then(|matches| A::from_arg_matches(&matches));
    parsed.map_err(|error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            let _ = error.print();
            return Exit::Done.into();
        }
        say_usage_error(tool, &error);
        Exit::Fatal.into()
    })
}

fn say_usage_error(tool: &Tool, error: &clap::Error) {
    let format = if wants_json() { ErrorFormat::Json } else { ErrorFormat::Text };
    let diagnostics = Diagnostics::new(tool.name, &Common { errors: format, ..Common::default() });
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        diagnostics.write(&error.to_string());
        return;
    }
    let text = habit(tool, error).unwrap_or_else(|| with_whole_tip(tool, error));
    let text = text.trim_end().strip_prefix("error: ").unwrap_or(text.trim_end());
    if format == ErrorFormat::Text {
        diagnostics.write(&printable(&format!("{}: {text}", tool.name)));
        return;
    }
    let text = text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("; ");
    diagnostics.emit(Level::Error, "usage", &text, None);
}

/// What to do instead of an option that other programs have.
fn habit(tool: &Tool, error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return None };
    let known = tool.habits.iter().filter(|_| error.kind() == ErrorKind::UnknownArgument);
    let (option, instead) = known.into_iter().find(|(option, _)| option == given)?;
    Some(format!("there is no {option}: {instead}"))
}

/// clap takes `-coffee` for `-c -o ...` and its tip names one letter: what was given is named whole, as the shell takes it.
fn with_whole_tip(tool: &Tool, error: &clap::Error) -> String {
    let text = error.to_string();
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return text };
    let tip = format!("to pass '{given}' as a value, use '-- {given}'");
    if !text.contains(&tip) {
        return text;
    }
    let args: Vec<String> = std::env::args_os().skip(1).map(|arg| arg.display().to_string()).collect();
    let letter = given.trim_start_matches('-');
    let is_it = |arg: &&String| *arg == given || is_cluster(arg) && is_cluster(given) && arg.contains(letter);
    let Some(at) = args.iter().position(|arg| is_it(&arg)) else { return text };
    let (before, whole, behind) = (&args[..at], &args[at], &args[at + 1..]);
    // Options behind `--` would be values too.
    let behind = if behind.iter().any(|arg| arg.starts_with('-')) { &[] } else { behind };
    let quoted = format!("'{}'", whole.replace('\'', "'\\''"));
    let words = [tool.name].into_iter().chain(before.iter().map(String::as_str));
    let words = words.chain(["--", &quoted]).chain(behind.iter().map(String::as_str));
    let command = words.collect::<Vec<_>>().join(" ");
    text.replace(&tip, &format!("to pass '{whole}' as a value: {command}"))
}

/// `-coffee`, but not `--coffee`.
fn is_cluster(arg: &str) -> bool {
    arg.starts_with('-') && !arg.starts_with("--")
}

/// The arguments could not be parsed, so `--errors json` is looked for by hand.
fn wants_json() -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    args.iter().any(|arg| arg == "--errors=json") || args.windows(2).any(|pair| pair == ["--errors", "json"])
}

/// Answers `--generate` and `--show-config`; `None` when neither was asked for.
pub(crate) fn answer<A: CommandFactory>(session: &Session) -> Option<anyhow::Result<()>> {
    if let Some(what) = session.common().generate {
        let tool = session.tool();
        return Some(generate(what, tool, command::<A>(tool)).map_err(Into::into));
    }
    session.common().show_config.then(|| session.show_config())
}

fn generate(what: Generate, tool: &Tool, mut command: Command) -> io::Result<()> {
    let mut out = Vec::new();
    let mut complete = |shell| clap_complete::generate(shell, &mut command, tool.name, &mut out);
    match what {
        Generate::Man => man(tool, &command, &mut out)?,
        Generate::Bash => {
            complete(clap_complete::Shell::Bash);
            out = mend_bash(tool, &out);
        }
        Generate::Zsh => complete(clap_complete::Shell::Zsh),
        Generate::Fish => complete(clap_complete::Shell::Fish),
    }
    io::stdout().lock().write_all(&out)
}

/// clap_complete names a subcommand's state in two ways when the tool's name has a hyphen, so that none is ever found.
fn mend_bash(tool: &Tool, script: &[u8]) -> Vec<u8> {
    let wrong = tool.name.replace('-', "__subcmd__");
    String::from_utf8_lossy(script).replace(&wrong, &tool.name.replace('-', "__")).into_bytes()
}

/// One page: the tool, then its subcommands, what the exit codes mean, and examples.
fn man(tool: &Tool, command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    let mut command = command.clone();
    command.build();
    // What is left out of the short help would stand here without its description.
    let command = command.mut_args(|arg| arg.hide_short_help(false)).before_help("").before_long_help("");
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let sub = sub.clone().mut_args(|arg| {
            let common = arg.is_global_set();
            arg.hide_short_help(false).hide(common)
        });
        writeln!(out, ".SH \"{}\"", sub.get_bin_name().unwrap_or(sub.get_name()).to_uppercase())?;
        let page = clap_mangen::Man::new(sub);
        page.render_synopsis_section(out)?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
    }
    writeln!(
        out,
        "{EXIT_STATUS}.SH EXAMPLES\n.nf\n{}\n.fi",
        tool.example.replace('\\', "\\e").replace('-', "\\-")
    )
}

/// docs/cli.md has the same list.
const EXIT_STATUS: &str = "\
.SH EXIT STATUS
.TP
0
done; nothing new is success
.TP
1
nothing found, where \\-e asked to be told
.TP
2
wrong usage or configuration, or nothing could go on
.TP
3
done in part: lines were skipped, a source failed, a post was not sent
.TP
4
credentials are missing or were refused
.TP
5
another run holds the lock
.TP
130
interrupted
";

/// The short help, of the subcommand that was asked for, for a tool that was started at a terminal with nothing to do.
pub(crate) fn short_help<A: Parser>(tool: &Tool) -> String {
    let mut command = command::<A>(tool);
    command.build();
    let asked = command.clone().try_get_matches().ok().and_then(|m| m.subcommand_name().map(str::to_owned));
    match asked.and_then(|name| command.find_subcommand(name).cloned()) {
        Some(mut sub) => sub.render_help().to_string(),
        None => command.render_help().to_string(),
    }
}
