//! Names that are compared whole: hosts, languages, kinds, sources, handles.

use super::error::Mistake;
use super::field::Field;
use super::pattern::Pattern;
use super::term::{What, nothing};

/// What a `from:` or an `@` means.
pub(super) fn handle(written: &str, at: usize) -> Result<What, Mistake> {
    let name = Pattern::name(written.trim_start().trim_start_matches(['@', '＠']));
    if name.text.is_empty() {
        return Err(nothing(written, at));
    }
    stars(&name, written, at)?;
    Ok(What::Handle(name))
}

/// What a `site:`, `lang:`, `kind:` or `source:` means.
pub(super) fn name(field: Field, written: &str, at: usize) -> Result<What, Mistake> {
    let mut name = Pattern::name(written);
    if field == Field::Site {
        // `.de` is how Google writes the hosts below `de`.
        let own = host(&name.text).trim_start_matches('.').trim_start_matches("www.").to_owned();
        name = name.with_text(&own);
    }
    if field == Field::Lang {
        let own = name.text.replace('_', "-");
        name = name.with_text(&own);
    }
    if name.text.is_empty() {
        return Err(nothing(written, at));
    }
    stars(&name, written, at)?;
    Ok(What::Name(name))
}

fn stars(name: &Pattern, written: &str, at: usize) -> Result<(), Mistake> {
    if !name.text.contains('*') {
        return Ok(());
    }
    let at = at + written.find('*').unwrap_or(0);
    let below = name.text.strip_prefix("*.").filter(|rest| !rest.contains('*'));
    Err(Mistake::new(
        at,
        match below {
            Some(host) => {
                format!("\"*\" stands only at the end here (site:{host} means the hosts below it too)")
            }
            None => "\"*\" stands only at the end here".to_owned(),
        },
    ))
}

/// The host of an address, or what may be one.
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}
