//! What a SOURCE asks of an account: a path and a query. In: `search?q=tea`. Out: its parts, or a line for a person.

use super::Trouble;

/// A path and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    path: String,
    parameters: Vec<(String, String)>,
}

impl Asked {
    /// Any text is one.
    pub(crate) fn of(what: &str) -> Asked {
        let (path, query) = what.split_once('?').unwrap_or((what, ""));
        let parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Asked { path: path.trim_end_matches('/').to_owned(), parameters }
    }

    /// The path's parts.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// A parameter that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut given =
            self.parameters.iter().filter(|(said, value)| said == name && !value.trim().is_empty());
        given.next().map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Trouble> {
        let missing = || Trouble::Refused(format!("{} needs {name}: {}?{name}=...", self.path, self.path));
        self.get(name).ok_or_else(missing)
    }

    /// Refuses parameters that mean nothing here.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Trouble> {
        match self.parameters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) if known.is_empty() => {
                Err(Trouble::Refused(format!("{} takes no {name:?}", self.path)))
            }
            Some((name, _)) => {
                Err(Trouble::Refused(format!("{} takes no {name:?}: {}", self.path, known.join(", "))))
            }
        }
    }

    /// For a path that means nothing.
    pub(crate) fn unknown(&self, offers: &[&str]) -> Trouble {
        Trouble::Refused(format!("there is no {:?}: {}", self.path, offers.join(", ")))
    }
}

/// A number that names something there, or a line for a person.
pub(crate) fn number(text: &str) -> Result<u64, Trouble> {
    text.parse().map_err(|_| Trouble::Refused(format!("{text:?} is no number of theirs")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts() {
        let asked = Asked::of("search/?q=%22acme+roast%22&r=");
        assert_eq!(
            (asked.parts(), asked.get("q"), asked.get("r")),
            (vec!["search"], Some("\"acme roast\""), None)
        );
        assert_eq!(asked.need("r").unwrap_err().reason(), "search needs r: search?r=...");
        assert!(asked.only(&["q", "r"]).is_ok());
        assert_eq!(asked.only(&["q"]).unwrap_err().reason(), "search takes no \"r\": q");
        assert_eq!(asked.only(&[]).unwrap_err().reason(), "search takes no \"q\"");
        assert_eq!(Asked::of("x").unknown(&["a", "b"]).reason(), "there is no \"x\": a, b");
        assert!(number("12").is_ok() && number("12a").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,40}") {
            let asked = Asked::of(&text);
            prop_assert!(!asked.parts().is_empty());
        }
    }
}
