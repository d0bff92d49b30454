//! Which template tags a link: the one that was named, else the one for its account. In: the configuration and the
//! options. Out: a template, or none.

use crate::args::Tagging;
use crate::settings::Settings;
use crate::utm::Template;
use cm_cli::{Failure, Session};
use std::collections::BTreeMap;

/// The templates of a run.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    /// For every link.
    all: Option<Template>,
    /// For links of these accounts.
    of: BTreeMap<String, Template>,
    /// Whether the configuration has any, and nobody said to use none.
    any: bool,
}

impl Templates {
    /// `--utm`; without it, for the accounts of `--for`, the template that names the account in its `for`, else the one
    /// that names its network, else `default_utm`, else the only one that names nobody.
    pub fn choose(
        session: &Session,
        settings: &Settings,
        tagging: &Tagging,
        accounts: &[String],
    ) -> Result<Templates, Failure> {
        match tagging.utm.as_deref() {
            Some("none") => return Ok(Templates::default()),
            Some(name) => {
                let template = named(settings, name, "--utm").map_err(|why| Failure::usage(why.message))?;
                return Ok(Templates { all: Some(template), any: true, ..Templates::default() });
            }
            None => {}
        }
        let default = settings.default_utm.as_deref();
        let default = default.map(|name| named(settings, name, "[shorten] default_utm")).transpose()?;
        let mut of = BTreeMap::new();
        for account in accounts {
            match suiting(&settings.templates, default.as_ref(), account) {
                Ok(template) => of.extend(template.map(|template| (account.clone(), template.clone()))),
                Err(()) => session.warn(
                    "utm",
                    format_args!(
                        "links for {account} are not tagged: several [utm.NAME] suit; name one with --utm, or default_utm \
                         in [shorten], or the account in the template's `for`"
                    ),
                ),
            }
        }
        Ok(Templates { all: None, of, any: !settings.templates.is_empty() })
    }

    /// Tells of tags that were asked for and that links of no account do not get.
    pub fn warn_of_gaps(&self, campaign: Option<&str>, session: &Session) {
        match (&self.all, campaign) {
            (Some(template), _) => {
                let left_out = template.needing(&["network", "account", "name"]);
                if !left_out.is_empty() {
                    let names = left_out.join(", ");
                    session.warn(
                        "utm",
                        format_args!(
                            "--utm without --for ACCOUNT: {names} is left out where nothing names an account"
                        ),
                    );
                }
            }
            (None, Some(_)) if self.any => session.warn(
                "utm",
                "--campaign groups the links, but tags none of them: that takes --for ACCOUNT or --utm NAME",
            ),
            _ => {}
        }
    }

    /// The template for links of an account, or of none.
    pub fn of(&self, account: Option<&str>) -> Option<&Template> {
        self.all.as_ref().or_else(|| self.of.get(account?))
    }
}

fn named(settings: &Settings, name: &str, from: &str) -> Result<Template, Failure> {
    let templates = &settings.templates;
    templates.get(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = templates.keys().map(String::as_str).collect();
        let known = if known.is_empty() {
            "there is none".to_owned()
        } else {
            format!("known: {}", known.join(", "))
        };
        Failure::config(format!("{from}: no [utm.{name}] in the configuration ({known})"))
    })
}

/// The template that suits an account best; `Err` where several do so equally well.
fn suiting<'a>(
    templates: &'a BTreeMap<String, Template>,
    default: Option<&'a Template>,
    account: &str,
) -> Result<Option<&'a Template>, ()> {
    let best = templates.values().filter_map(|template| template.suits(account)).max();
    if best.is_none_or(|best| best == 0) && default.is_some() {
        return Ok(default);
    }
    let mut suiting = templates.values().filter(|template| best.is_some() && template.suits(account) == best);
    match (suiting.next(), suiting.next()) {
        (one, None) => Ok(one),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> BTreeMap<String, Template> {
        cm_cli::parse_toml("cm.toml", text).unwrap()
    }

    #[test]
    fn the_template_that_names_the_account_comes_before_its_network_and_the_rest() {
        let templates = read(
            "[any]\nutm_source = 'any'\n[net]\nfor = ['bluesky', 'x']\nutm_source = 'net'\n\
             [one]\nfor = ['bluesky:acme']\nutm_source = 'one'\n",
        );
        let name = |account: &str, default: Option<&str>| {
            let default = default.map(|name| &templates[name]);
            let found = suiting(&templates, default, account).unwrap();
            templates.iter().find(|(_, template)| found == Some(template)).map(|(name, _)| name.as_str())
        };
        assert_eq!(name("bluesky:acme", None), Some("one"));
        assert_eq!(name("bluesky:other", Some("any")), Some("net"));
        assert_eq!(name("mastodon:acme", None), Some("any"));
        assert_eq!(name("mastodon:acme", Some("net")), Some("net"), "who asks for it by name gets it");
    }

    #[test]
    fn where_several_suit_nobody_guesses() {
        let templates =
            read("[a]\nutm_source = 'a'\n[b]\nutm_source = 'b'\n[c]\nfor = ['x']\nutm_source = 'c'\n");
        assert_eq!(suiting(&templates, None, "bluesky:acme"), Err(()));
        assert_eq!(suiting(&templates, None, "x:acme").unwrap(), Some(&templates["c"]));
        assert_eq!(suiting(&BTreeMap::new(), None, "x:acme"), Ok(None));
    }
}
