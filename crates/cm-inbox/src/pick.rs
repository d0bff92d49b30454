//! How people name items at the prompt: a number (`3` or `#3`), a range of numbers, several of both between commas, or an
//! id.

use crate::store::{self, Name, Standing};
use anyhow::Result;
use cm_cli::Failure;
use cm_store::Tx;

/// The longest range.
const RANGE: i64 = 10_000;

/// One item; an error when there is none.
pub fn one(tx: &mut dyn Tx, text: &str, now_ms: i64) -> Result<Standing> {
    named(tx, text, now_ms)?.ok_or_else(|| missing(text).into())
}

/// The item of this number, else of this id: some ids are bare numbers.
fn named(tx: &mut dyn Tx, text: &str, now_ms: i64) -> Result<Option<Standing>> {
    let numbered = unmarked(text)
        .parse()
        .ok()
        .map(|number| store::find(tx, Name::Number(number), now_ms))
        .transpose()?;
    match numbered.flatten() {
        Some(item) => Ok(Some(item)),
        None => store::find(tx, Name::Id(text), now_ms),
    }
}

/// The items that each argument names (of a range those that there are), and the arguments that name none; an error
/// when there is no item at all.
pub fn several(tx: &mut dyn Tx, texts: &[String], now_ms: i64) -> Result<(Vec<Standing>, Vec<String>)> {
    let (mut items, mut missing): (Vec<Standing>, _) = (Vec::new(), Vec::new());
    for text in &texts.iter().flat_map(|text| parts(text)).collect::<Vec<_>>() {
        let found = match range(text) {
            None => named(tx, text, now_ms)?.into_iter().collect(),
            Some((first, last)) => within(tx, first, last, now_ms)?,
        };
        if found.is_empty() {
            missing.push((*text).to_owned());
        }
        for item in found {
            if items.iter().all(|known| known.key != item.key) {
                items.push(item);
            }
        }
    }
    if items.is_empty() { Err(self::missing(&missing.join(", ")).into()) } else { Ok((items, missing)) }
}

fn within(tx: &mut dyn Tx, first: i64, last: i64, now_ms: i64) -> Result<Vec<Standing>> {
    let mut items = Vec::new();
    for number in first..=last {
        items.extend(store::find(tx, Name::Number(number), now_ms)?);
    }
    Ok(items)
}

/// The line about an argument that names nothing.
pub fn missing(text: &str) -> Failure {
    Failure::usage(format!("there is no item {text:?}: cm-inbox list --all shows every number"))
}

/// `#3` is how people write a number.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('#').unwrap_or(text)
}

/// `3,5-7` is two arguments; an id may have commas in it.
fn parts(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    let is_number = |part: &&str| unmarked(part).parse::<i64>().is_ok() || range(part).is_some();
    if !parts.is_empty() && parts.iter().all(is_number) { parts } else { vec![text] }
}

/// `3-5`; an id that looks like one is nobody's.
fn range(text: &str) -> Option<(i64, i64)> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (i64, i64) = (unmarked(first).parse().ok()?, unmarked(last).parse().ok()?);
    (first <= last && last - first < RANGE).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_are_two_numbers_in_order() {
        assert_eq!(range("3-5"), Some((3, 5)));
        for other in ["3", "5-3", "-5", "3-", "1-99999999", "urn:a-b"] {
            assert_eq!(range(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_stand_between_commas_and_ids_keep_theirs() {
        assert_eq!(parts("3,5-7,#9,"), ["3", "5-7", "#9"]);
        for id in ["3,x", "tag:a.example,2026:1", ",", ""] {
            assert_eq!(parts(id), [id]);
        }
    }

    proptest! {
        #[test]
        fn any_argument_is_read(text in "\\PC{0,20}|[0-9-]{0,60}") {
            let _ = range(&text);
            prop_assert!(!parts(&text).is_empty());
        }
    }
}
