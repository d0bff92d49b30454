//! The options that every tool shares, before or after a subcommand.

use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// `tool: file:line: message`.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// When the stream is a terminal and neither NO_COLOR nor TERM=dumb is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What `--generate` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Generate {
    /// The manual page, roff.
    Man,
    /// Completions for bash.
    Bash,
    /// Completions for zsh.
    Zsh,
    /// Completions for fish.
    Fish,
}

/// The options that every tool shares.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Read this configuration file and no other
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub config: Option<PathBuf>,
    /// The store: sqlite:PATH [default: under the XDG state folder]
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub store: Option<String>,
    /// Allow private, loopback and link-local addresses
    #[arg(long, global = true, hide_short_help = true)]
    pub allow_private: bool,
    /// Say more on stderr; twice for still more
    #[arg(short, long, global = true, action = ArgAction::Count, hide_short_help = true)]
    pub verbose: u8,
    /// Say less on stderr: errors only
    #[arg(short, long, global = true, hide_short_help = true)]
    pub quiet: bool,
    /// Stop at the first bad line or failed part, exit 2
    #[arg(long, global = true, hide_short_help = true)]
    pub strict: bool,
    /// Write bad lines to FILE, byte for byte
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub reject: Option<PathBuf>,
    /// Longest line accepted, in bytes; K, M and G are understood
    #[arg(long, global = true, value_name = "BYTES", default_value = "4M", value_parser = parse_size, hide_short_help = true)]
    pub max_line: usize,
    /// Flush after every line of output
    #[arg(long, global = true, hide_short_help = true)]
    pub line_buffered: bool,
    /// How diagnostics are written
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        hide_short_help = true
    )]
    pub errors: ErrorFormat,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true
    )]
    pub color: When,
    /// Print every setting and where it comes from, then stop
    #[arg(long, exclusive = false, global = true, hide_short_help = true)]
    pub show_config: bool,
    /// Print the manual page or completions, then stop
    #[arg(long, global = true, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub generate: Option<Generate>,
    /// Take this instant for now
    #[arg(long, global = true, value_name = "TIME", hide = true)]
    pub clock: Option<String>,
}

/// Reads a number of bytes: `4M`, `64K`, `1000`.
fn parse_size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let number: usize = digits.parse().map_err(|_| "give a number of bytes such as 4M".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|size| *size > 0)
        .ok_or_else(|| "give a number of bytes such as 4M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("4M"), Ok(4 << 20));
        assert_eq!(parse_size("64k"), Ok(64 << 10));
        assert_eq!(parse_size("10"), Ok(10));
        assert!(parse_size("0").is_err());
        assert!(parse_size("").is_err());
        assert!(parse_size("99999999999999999999G").is_err());
    }
}
