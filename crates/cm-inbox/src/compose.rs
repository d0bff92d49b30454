//! Finding words for a draft: given with -m, canned in the configuration, or written in an editor.

use crate::entry::{self, display_name};
use crate::title;
use anyhow::{Context, Result};
use cm_cli::{Failure, Session};
use cm_record::Item;
use serde::Deserialize;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest text read from standard input.
const LONGEST: u64 = 1 << 20;

/// `[replies.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canned {
    text: String,
}

/// The words given with -m; `-` is standard input.
pub fn given(message: &str) -> Result<String> {
    let mut text = message.to_owned();
    if message == "-" {
        text.clear();
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).context("standard input")?;
        if text.len() as u64 == LONGEST {
            return Err(Failure::usage(
                "the message is longer than any network takes: is it the right file?",
            )
            .into());
        }
    }
    let text = text.trim();
    if text.is_empty() {
        Err(Failure::usage("the message is empty: no draft was made").into())
    } else {
        Ok(text.to_owned())
    }
}

/// A canned reply, filled in from the item.
pub fn canned(session: &Session, name: &str, item: &Item) -> Result<String> {
    let replies = session.config().tables::<Canned>("replies")?;
    let Some((reply, origin)) = replies.get(name) else {
        let known = replies.keys().cloned().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "there is none yet: add [replies.NAME]".to_owned() } else { known };
        return Err(Failure::config(format!("no canned reply {name:?} (known: {known})")).into());
    };
    fill(&reply.text, item).map_err(|why| Failure::config(format!("{origin}: replies.{name}: {why}")).into())
}

/// Puts the item's author, title and address into a text, once: what is put in is not read again.
fn fill(text: &str, item: &Item) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("a { without its }")?;
        filled.push_str(before);
        filled.push_str(&value(name, item)?);
        rest = after;
    }
    Ok((filled + rest).trim().to_owned())
}

fn value(name: &str, item: &Item) -> Result<String, String> {
    let author = item.authors.first();
    let value = match name {
        "author" => author
            .and_then(|a| a.name.clone().filter(|name| !name.trim().is_empty()))
            .or_else(|| author.and_then(display_name)),
        "title" => item.title.clone(),
        "url" => item.url.clone(),
        _ => return Err(format!("unknown {{{name}}} (known: {{author}}, {{title}}, {{url}})")),
    };
    value.ok_or_else(|| format!("the item has no {name} to put in: write the reply with -m"))
}

/// Opens the editor on an empty text with the item quoted below. What was written is kept as `last-reply.txt` in the
/// state folder until the next time, so that an editor or a pipe that fails costs nobody their words.
pub fn edit(session: &Session, item: &Item) -> Result<String> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let Some(editor) = editor else {
        return Err(Failure::usage("no editor: set EDITOR, or say it with -m TEXT").into());
    };
    let folder = session.state_dir()?;
    create_folder(&folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(format!("reply-{}.txt", std::process::id()));
    create(&path, &template(item)).with_context(|| path.display().to_string())?;
    let ran = run(&editor, &path);
    let kept = folder.join("last-reply.txt");
    close_to_others(&path).with_context(|| path.display().to_string())?;
    let text = fs::read(&path).with_context(|| path.display().to_string())?;
    let text = without_comments(&String::from_utf8_lossy(&text));
    // What was not written takes nobody's earlier words away.
    if text.is_empty() {
        fs::remove_file(&path).with_context(|| path.display().to_string())?;
    } else {
        fs::rename(&path, &kept).with_context(|| kept.display().to_string())?;
    }
    ran?;
    if text.is_empty() {
        Err(Failure::usage("nothing was written: no draft was made").into())
    } else {
        Ok(text)
    }
}

/// Readable by nobody else: it quotes what may be private.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Many editors save into a new file, which anybody may read.
fn close_to_others(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// The state folder, mode 0700 when it is made here.
fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The editor speaks to the terminal even when our output is a pipe.
fn run(editor: &str, path: &PathBuf) -> Result<()> {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).arg(path);
    let terminal = || OpenOptions::new().read(true).write(true).open("/dev/tty");
    let output = || terminal().map_or_else(|_| Stdio::from(std::io::stderr()), Stdio::from);
    command.stdin(File::open("/dev/tty").map_or_else(|_| Stdio::null(), Stdio::from)).stdout(output());
    let status =
        command.status().map_err(|e| Failure::usage(format!("cannot start the editor {editor}: {e}")))?;
    if status.success() { Ok(()) } else { Err(Failure::usage("the editor failed: no draft was made").into()) }
}

fn template(item: &Item) -> String {
    let who = item.authors.first().and_then(display_name).unwrap_or_else(|| "somebody".into());
    let mut text = format!("\n\n# {who} wrote:\n#\n");
    let title = title::said(item).map(|title| title + "\n\n").unwrap_or_default();
    for line in (title + &entry::text_of(item)).lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text.push_str(
        "#\n# Write above. Lines that begin with \"# \" are left out; nothing written, nothing sent.\n",
    );
    text
}

/// A hashtag at the beginning of a line is no comment: `# ` is.
fn without_comments(text: &str) -> String {
    let kept: Vec<&str> = text.lines().filter(|line| !(line.starts_with("# ") || *line == "#")).collect();
    kept.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Author;
    use proptest::prelude::*;

    fn item() -> Item {
        Item {
            authors: vec![Author { name: Some("Ana {url}".into()), ..Author::default() }],
            content_text: Some("first\n#second\n\nthird".into()),
            url: Some("https://a.example/1".into()),
            ..Item::default()
        }
    }

    #[test]
    fn canned_replies_are_filled_once() {
        assert_eq!(
            fill("Hello {author}, see {url}.", &item()).unwrap(),
            "Hello Ana {url}, see https://a.example/1."
        );
        assert!(fill("{title}", &item()).unwrap_err().contains("no title"));
        assert!(fill("{name}", &item()).unwrap_err().contains("{author}"));
        assert!(fill("a { b", &item()).is_err());
    }

    #[test]
    fn the_quoted_item_is_not_part_of_the_answer() {
        assert_eq!(without_comments(&template(&item())), "");
        let written = format!("#thanks Ana\n\nit ships{}", template(&item()));
        assert_eq!(without_comments(&written), "#thanks Ana\n\nit ships");
    }

    #[test]
    fn what_is_answered_is_quoted_with_its_title() {
        let quoted = template(&Item { title: Some("Which grinder?".into()), ..item() });
        assert!(
            quoted.contains("wrote:\n#\n# Which grinder?\n#\n# first\n# #second\n#\n# third\n"),
            "{quoted}"
        );
        let quoted = template(&Item { title: Some("First".into()), ..item() });
        assert!(quoted.contains("wrote:\n#\n# first\n"), "once is enough: {quoted}");
    }

    proptest! {
        #[test]
        fn any_text_is_filled_or_refused(text in "\\PC*") {
            let _ = fill(&text, &item());
        }

        #[test]
        fn no_item_gets_into_an_answer(text in "[\\PC\\n\\r]*") {
            let item = Item { title: Some(format!("x{text}")), content_text: Some(text), ..item() };
            prop_assert_eq!(without_comments(&template(&item)), "");
        }
    }
}
