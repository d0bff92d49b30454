//! Rules that users write: what goes and what stays beside the built-in table. In: `x_*`, `shop.example: sid pos_*`. Out:
//! whether a name on a host is meant, and by which rule.

use crate::host;
use url::Url;

/// Names that go and names that stay, whatever the table says.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    strip: Vec<Rule>,
    keep: Vec<Rule>,
}

/// One rule: on a host (everywhere without one), these names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    host: Option<String>,
    names: Vec<Name>,
    /// As it was written, on one line.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Exact(String),
    Start(String),
}

impl Rules {
    /// Adds a rule by which names go: names apart by blanks, a `*` at a name's end for all that begin so, before them
    /// `host:` when it counts there and below only. `host.*` is a name under every ending.
    /// Errors: what is wrong with it, for a person.
    pub fn strip(&mut self, text: &str) -> Result<(), String> {
        self.strip.push(Rule::read(text)?);
        Ok(())
    }

    /// Adds a rule by which names stay. Such a rule is stronger than any other.
    /// Errors: what is wrong with it, for a person.
    pub fn keep(&mut self, text: &str) -> Result<(), String> {
        self.keep.push(Rule::read(text)?);
        Ok(())
    }

    /// The rule by which a name (decoded, in lower case) goes on a host.
    pub(crate) fn strips(&self, host: &str, name: &str) -> Option<&str> {
        self.strip.iter().find(|rule| rule.holds(host, name)).map(|rule| rule.text.as_str())
    }

    /// Whether a name stays on a host.
    pub(crate) fn keeps(&self, host: &str, name: &str) -> bool {
        self.keep.iter().any(|rule| rule.holds(host, name))
    }
}

impl Rule {
    fn read(text: &str) -> Result<Rule, String> {
        let (host, names) = match text.split_once(':') {
            Some((host, names)) => (Some(host_pattern(host.trim())?), names),
            None => (None, text),
        };
        // A name with dots is none of several: it is a host whose colon was forgotten.
        if let Some((first, rest)) = text.trim().split_once(char::is_whitespace)
            && host.is_none()
            && first.contains('.')
        {
            return Err(format!(
                "{first:?} is no parameter's name: behind a host stands a colon, `{first}: {}`",
                rest.trim()
            ));
        }
        let names: Vec<Name> = names.split_whitespace().map(Name::read).collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err("it names no parameter: write `name`, `start_*` or `host: name name`".to_owned());
        }
        if host.is_none() && names.contains(&Name::Start(String::new())) {
            return Err("`*` would mean every parameter of every site: write `host: *`".to_owned());
        }
        Ok(Rule { host, names, text: text.split_whitespace().collect::<Vec<_>>().join(" ") })
    }

    fn holds(&self, host: &str, name: &str) -> bool {
        let named = |known: &Name| match known {
            Name::Exact(known) => known == name,
            Name::Start(start) => name.starts_with(start.as_str()),
        };
        self.host.as_deref().is_none_or(|pattern| host::is_scope(host, pattern))
            && self.names.iter().any(named)
    }
}

impl Name {
    fn read(text: &str) -> Result<Name, String> {
        let (name, is_start) = text.strip_suffix('*').map_or((text, false), |start| (start, true));
        if let Some(wrong) = name.chars().find(|c| "*&=#?/:,;\"'".contains(*c)) {
            return Err(format!("{text:?} is no parameter's name because of {wrong:?}"));
        }
        let lower = name.to_ascii_lowercase();
        Ok(if is_start { Name::Start(lower) } else { Name::Exact(lower) })
    }
}

/// A host as addresses have it (lower case, punycode), perhaps with `.*` at its end.
fn host_pattern(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no host: write `shop.example` or `shop.*`");
    let (name, ending) = text.strip_suffix(".*").map_or((text, ""), |name| (name, ".*"));
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "/@?#:*\\".contains(c)) {
        return Err(wrong());
    }
    let url = Url::parse(&format!("https://{name}/")).map_err(|_| wrong())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    Ok(format!("{}{ending}", host.trim_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_on_their_host_and_below() {
        let mut rules = Rules::default();
        rules.strip(" x_*  Y ").unwrap();
        rules.strip("Bücher.example: sid pos_*").unwrap();
        rules.strip("shop.*: *").unwrap();
        rules.keep("a.example: x_id").unwrap();
        assert_eq!(rules.strips("any.example", "x_id"), Some("x_* Y"));
        assert_eq!(rules.strips("any.example", "y"), Some("x_* Y"));
        assert_eq!(rules.strips("www.xn--bcher-kva.example", "pos_1"), Some("Bücher.example: sid pos_*"));
        assert!(rules.strips("www.shop.co.uk", "anything").is_some());
        assert_eq!(rules.strips("any.example", "sid"), None);
        assert!(rules.keeps("www.a.example", "x_id") && !rules.keeps("b.example", "x_id"));
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for (text, part) in [
            ("", "names no parameter"),
            ("shop.example:", "names no parameter"),
            ("*", "every site"),
            ("a*b", "'*'"),
            ("utm_source=x", "'='"),
            ("a, b", "','"),
            ("https://shop.example: a", "no parameter's name"),
            ("sh op: a", "no host"),
            (": a", "no host"),
            ("*: a", "no host"),
            ("shop.example sid pos_*", "`shop.example: sid pos_*`"),
        ] {
            let error = Rules::default().strip(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
