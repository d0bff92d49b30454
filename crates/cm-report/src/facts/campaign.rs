//! Campaigns: the `utm_*` tags of the address that a visit began with.

use super::Source;
use cm_web::{Family, named};

/// `utm_source`, `utm_medium`, `utm_campaign`; empty where absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Campaign {
    /// Where the link stood.
    pub source: String,
    /// What kind of place that was.
    pub medium: String,
    /// What for.
    pub name: String,
}

impl Campaign {
    /// Reads the tags of a query.
    pub fn of(query: &str) -> Campaign {
        let mut campaign = Campaign::default();
        if !query.contains("utm_") {
            return campaign;
        }
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let part = match key.as_ref() {
                "utm_source" => &mut campaign.source,
                "utm_medium" => &mut campaign.medium,
                "utm_campaign" => &mut campaign.name,
                _ => continue,
            };
            *part = value.trim().chars().take(100).collect();
        }
        campaign
    }

    /// Where the link stood, when its tag says so: whoever made the link knows better than the referrer, which apps do not
    /// send and which of a newsletter is the reader's mail service. Analytics services do the same. What the tag does not
    /// tell, the kind of the place, is the referrer's.
    pub fn place(&self, referrer: &Source) -> Option<Source> {
        let name = self.source.strip_prefix("www.").filter(|host| host.contains('.')).unwrap_or(&self.source);
        if ["", "direct", "(direct)", "(none)", "(not set)"]
            .iter()
            .any(|none| name.eq_ignore_ascii_case(none))
        {
            return None;
        }
        // Advertisements name the place on the page behind that of the service: `Facebook_Mobile_Feed`.
        let service = name.split_once('_').map(|(service, _)| service).filter(|service| service.len() > 2);
        if let Some(place) = named(name).or_else(|| named(service?)) {
            return Some(Source::told(place.family.as_str().to_owned(), place.name));
        }
        let kind = if self.medium.is_empty() { name } else { &self.medium };
        let family = match kind.to_ascii_lowercase().as_str() {
            "email" | "e-mail" | "mail" | "newsletter" => Family::Mail.as_str(),
            "social" => Family::Social.as_str(),
            "cpc" | "ppc" | "paidsearch" | "organic" => Family::Search.as_str(),
            _ if referrer.family == Family::Direct.as_str() => Family::Site.as_str(),
            _ => &referrer.family,
        };
        Some(Source::told(family.to_owned(), name.to_owned()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Campaign::default()
    }

    /// Its parts as one text.
    pub fn label(&self) -> String {
        let parts = [&self.name, &self.source, &self.medium].into_iter().filter(|part| !part.is_empty());
        parts.map(String::as_str).collect::<Vec<_>>().join(" / ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_the_place_as_the_referrers_do() {
        let direct = Source::told(String::new(), String::new());
        for (query, family, name) in [
            ("utm_source=newsletter&utm_medium=email", "mail", "newsletter"),
            ("utm_source=newsletter", "mail", "newsletter"),
            ("utm_source=bluesky&utm_medium=cpc", "social", "Bluesky"),
            ("utm_source=google.de&utm_medium=cpc", "search", "Google"),
            ("utm_source=partner&utm_medium=social", "social", "partner"),
            ("utm_source=partner", "site", "partner"),
            ("utm_source=www.partner.example", "site", "partner.example"),
            ("utm_source=fb&utm_medium=paid", "social", "Facebook"),
            ("utm_source=ig&utm_medium=paid", "social", "Instagram"),
            ("utm_source=Facebook_Mobile_Feed&utm_medium=paid", "social", "Facebook"),
            ("utm_source=our_partner", "site", "our_partner"),
        ] {
            let place = Campaign::of(query).place(&direct).unwrap();
            assert_eq!((place.family.as_str(), place.name.as_str()), (family, name), "{query}");
        }
        for query in ["utm_medium=email&utm_campaign=x", "utm_source=(direct)", "utm_source=Direct"] {
            assert_eq!(Campaign::of(query).place(&direct), None, "{query}");
        }
        let app = Source::told("social".into(), "Facebook".into());
        let place = Campaign::of("utm_source=spring-ad&utm_medium=paid").place(&app).unwrap();
        assert_eq!((place.family.as_str(), place.name.as_str()), ("social", "spring-ad"));
    }

    #[test]
    fn tags_are_read_decoded_and_bounded() {
        let campaign =
            Campaign::of("a=1&utm_source=news%20letter&utm_medium=email&UTM_campaign=x&utm_campaign=Nov+1");
        assert_eq!(campaign.label(), "Nov 1 / news letter / email");
        assert!(Campaign::of("a=1&utm_term=x").is_empty());
        assert_eq!(Campaign::of(&format!("utm_source={}", "é".repeat(500))).source.chars().count(), 100);
    }
}
