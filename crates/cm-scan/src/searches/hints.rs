//! How to mend what people write in `searches.toml` and TOML reads otherwise. In: what its reader says, and the text.
//! Out: the same line with a hint.

use cm_cli::Failure;

/// The failure about a text, told so that it can be mended.
pub(super) fn hinted(file: &str, text: &str, failure: Failure) -> Failure {
    match hint(file, text, &failure.message) {
        Some(message) => Failure { message, ..failure },
        None => failure,
    }
}

fn hint(file: &str, text: &str, message: &str) -> Option<String> {
    let (number, what) = message.strip_prefix(file)?.strip_prefix(':')?.split_once(": ")?;
    let line = text.lines().nth(number.parse::<usize>().ok()?.checked_sub(1)?)?.trim();
    let hint = if what.contains("expected a sequence") {
        if line.starts_with("[search]") {
            "a search begins with two brackets: write [[search]]".to_owned()
        } else {
            let (key, value) = assigned(line)?;
            format!("{key} is a list: write {key} = [{value}]")
        }
    } else {
        let (key, value) = assigned(line).filter(|_| !what.starts_with("invalid type"))?;
        let inner = enclosed(value)?;
        let quote = if inner.contains('\'') { "'''" } else { "'" };
        format!("quotation marks end a value in quotation marks: write {key} = {quote}{inner}{quote}")
    };
    Some(format!("{file}:{number}: {hint}"))
}

/// `tags = "brand"`
fn assigned(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let value = value.trim();
    value.starts_with(['"', '\'']).then_some((key.trim(), value))
}

/// What stands in `"kaffee OR "kaffee zauber""`; nothing where there is more than one value, or one well written.
fn enclosed(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let odd = inner.contains('"') && !inner.contains(['=', '\\', '#']) && !value.starts_with("\"\"\"");
    odd.then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::super::builder::Builder;
    use super::super::whole_toml;

    #[test]
    fn what_people_write_is_told_how_to_write() {
        for (text, wanted) in [
            (
                "[[search]]\nname = 'a'\nquery = \"kaffeezauber OR \"kaffee zauber\"\"\n",
                "s.toml:3: quotation marks end a value in quotation marks: write query = 'kaffeezauber OR \"kaffee zauber\"'",
            ),
            (
                "[[search]]\nname = 'a'\nquery = \"it's OR \"kaffee zauber\"\"\n",
                "s.toml:3: quotation marks end a value in quotation marks: write query = '''it's OR \"kaffee zauber\"'''",
            ),
            (
                "[search]\nname = 'a'\nquery = 'b'\n",
                "s.toml:1: a search begins with two brackets: write [[search]]",
            ),
            (
                "[[search]]\nname = 'a'\ntags = \"brand\"\nquery = 'b'\n",
                "s.toml:3: tags is a list: write tags = [\"brand\"]",
            ),
            (
                "[[search]]\nname = 'a'\nquery = \"\\bkaffee\\b\"\n",
                "s.toml:1: the query of \"a\" holds '\\u{8}': in \"...\" a backslash begins an escape, so write the query between '...'",
            ),
        ] {
            let failure = whole_toml::read("s.toml", text, &mut Builder::default()).unwrap_err();
            assert_eq!(failure.message, wanted);
        }
        let tabs = "[[search]]\nname = 'a'\nquery = \"b\\n\\tc\"\n";
        assert!(whole_toml::read("s.toml", tabs, &mut Builder::default()).is_ok());
        let two = "[[search]]\nname = \"a\" query = \"b\"\n";
        let failure = whole_toml::read("s.toml", two, &mut Builder::default()).unwrap_err();
        assert!(!failure.message.contains("write"), "{}", failure.message);
    }
}
