//! What comes from the clap definition besides parsing: man page and completions; and how usage errors are said.

use crate::diagnostics::{Diagnostics, Level};
use crate::{Arguments, Common, ErrorFormat, Exit, Generate, Session, printable};
use clap::error::ErrorKind;
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
    let text = error.to_string();
    let text = text.trim_end().strip_prefix("error: ").unwrap_or(text.trim_end());
    if format == ErrorFormat::Text {
        diagnostics.write(&printable(&format!("{}: {text}", tool.name)));
        return;
    }
    let text = text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("; ");
    diagnostics.emit(Level::Error, "usage", &text, None);
}

/// The arguments could not be parsed, so `--errors json` is looked for by hand.
fn wants_json() -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    args.iter().any(|arg| arg == "--errors=json") || args.windows(2).any(|pair| pair == ["--errors", "json"])
}

/// Answers `--generate` and `--show-config`; `None` when neither was asked for.
pub(crate) fn answer<A: CommandFactory>(session: &Session) -> Option<anyhow::Result<()>> {
    if let Some(what) = session.common().generate {
        return Some(generate(what, command::<A>(session.tool())).map_err(Into::into));
    }
    session.common().show_config.then(|| session.show_config())
}

fn generate(what: Generate, mut command: Command) -> io::Result<()> {
    let name = command.get_name().to_owned();
    let mut out = Vec::new();
    match what {
        Generate::Man => man(&command, &mut out)?,
        Generate::Bash => clap_complete::generate(clap_complete::Shell::Bash, &mut command, name, &mut out),
        Generate::Zsh => clap_complete::generate(clap_complete::Shell::Zsh, &mut command, name, &mut out),
        Generate::Fish => clap_complete::generate(clap_complete::Shell::Fish, &mut command, name, &mut out),
    }
    io::stdout().lock().write_all(&out)
}

/// One page: the tool, then its subcommands.
fn man(command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    let mut command = command.clone();
    command.build();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let page = clap_mangen::Man::new(sub.clone());
        writeln!(out, ".SH \"{}\"", sub.get_bin_name().unwrap_or(sub.get_name()).to_uppercase())?;
        page.render_synopsis_section(out)?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
    }
    Ok(())
}

/// The short help, for a tool that was started at a terminal with nothing to do.
pub(crate) fn short_help<A: Parser>(tool: &Tool) -> String {
    command::<A>(tool).render_help().to_string()
}
