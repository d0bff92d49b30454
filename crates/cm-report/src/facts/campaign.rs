//! Campaigns: the `utm_*` tags of the address that a visit began with.

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
    fn tags_are_read_decoded_and_bounded() {
        let campaign =
            Campaign::of("a=1&utm_source=news%20letter&utm_medium=email&UTM_campaign=x&utm_campaign=Nov+1");
        assert_eq!(campaign.label(), "Nov 1 / news letter / email");
        assert!(Campaign::of("a=1&utm_term=x").is_empty());
        assert_eq!(Campaign::of(&format!("utm_source={}", "é".repeat(500))).source.chars().count(), 100);
    }
}
