//! Short links: which were opened by people, where they stood; previews and robots apart.

use super::{Maker, section, steps};
use crate::facts::{Link, LinkClicks, Pair};
use crate::metrics;
use crate::report::{Chart, Section, Table, Value};
use std::collections::BTreeMap;

/// What a link belongs to.
type Whose = fn(&Link) -> Option<&str>;

/// Rows of each table.
const ROWS: usize = 10;

/// Whether anybody or anything opened it in the period.
fn is_opened(clicks: &LinkClicks) -> bool {
    clicks.people.now + clicks.previews.now + clicks.robots.now > 0
}

impl Maker<'_> {
    pub(super) fn links(&self) -> Section {
        let clicks = &self.facts.clicks;
        let metrics = vec![
            self.pair(&metrics::CLICKS_PEOPLE, clicks.first_ms, clicks.all.people),
            self.pair(&metrics::CLICKS_PREVIEWS, clicks.first_ms, clicks.all.previews),
            self.pair(&metrics::CLICKS_ROBOTS, clicks.first_ms, clicks.all.robots),
        ];
        let nothing = "no short link was opened (cm-shorten serve counts clicks)";
        let mut section = section("links", "Links", nothing, clicks.is_empty(), metrics);
        section.tables.push(steps::days_table(
            "clicks_by_day",
            "Clicks by people, by day",
            &self.facts.period,
            &[("people", "people")],
            &[&clicks.people_by_day],
        ));
        section.tables.push(self.by_link());
        let account = ("account", "account");
        section.tables.push(self.by(account, ("accounts", "By account"), |link| link.account.as_deref()));
        let campaign = ("campaign", "campaign");
        let campaigns = self.by(campaign, ("campaigns", "By campaign"), |link| link.campaign.as_deref());
        // Without any campaign it would say nothing.
        if campaigns.rows.iter().any(|row| row[0] != Value::Text("(none)".to_owned())) {
            section.tables.push(campaigns);
        }
        section
    }

    fn by_link(&self) -> Table {
        let columns = [
            ("code", "link"),
            ("title", "leads to"),
            ("account", "account"),
            ("people", "people"),
            ("people_before", "before"),
            ("previews", "previews"),
            ("robots", "robots"),
            ("url", "page"),
        ];
        let mut table = Table::new("links", "Notable links", 1, &columns);
        for (code, clicks) in self.opened() {
            let link = self.facts.posts.links.get(code);
            let url = link.and_then(|link| link.url.as_deref());
            table.rows.push(vec![
                Value::Text(code.to_owned()),
                Value::text(link.and_then(|link| link.title.as_deref().or(link.url.as_deref()))),
                Value::text(link.and_then(|link| link.account.as_deref())),
                Value::Count(clicks.people.now),
                self.before(self.facts.clicks.first_ms, clicks.people.before),
                Value::Count(clicks.previews.now),
                Value::Count(clicks.robots.now),
                Value::url(url),
            ]);
        }
        table.cut(ROWS)
    }

    /// Links that were opened in the period, by people's clicks.
    fn opened(&self) -> Vec<(&str, &LinkClicks)> {
        let mut opened: Vec<(&str, &LinkClicks)> =
            self.facts.clicks.by_code.iter().map(|(code, clicks)| (code.as_str(), clicks)).collect();
        opened.retain(|(_, clicks)| is_opened(clicks));
        opened.sort_by(|a, b| b.1.people.now.cmp(&a.1.people.now).then_with(|| a.0.cmp(b.0)));
        opened
    }

    /// The clicks of links by their account or campaign.
    fn by(
        &self,
        column: (&'static str, &'static str),
        heading: (&'static str, &'static str),
        of: Whose,
    ) -> Table {
        let mut groups: BTreeMap<&str, (u64, Pair, Pair, Pair)> = BTreeMap::new();
        for (code, clicks) in &self.facts.clicks.by_code {
            let whose = self.facts.posts.links.get(code).and_then(of);
            let sum = groups.entry(whose.unwrap_or("(none)")).or_default();
            sum.0 += u64::from(is_opened(clicks));
            sum.1.add(clicks.people);
            sum.2.add(clicks.previews);
            sum.3.add(clicks.robots);
        }
        let columns = [
            column,
            ("links", "links"),
            ("people", "people"),
            ("people_before", "before"),
            ("previews", "previews"),
            ("robots", "robots"),
        ];
        let mut table = Table::new(heading.0, heading.1, 1, &columns);
        // A link that nobody opened this time is part of its group's past.
        groups.retain(|_, (links, ..)| *links > 0);
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by(|a, b| b.1.1.now.cmp(&a.1.1.now).then_with(|| a.0.cmp(b.0)));
        for (whose, (links, people, previews, robots)) in groups {
            table.rows.push(vec![
                Value::Text(whose.to_owned()),
                Value::Count(links),
                Value::Count(people.now),
                self.before(self.facts.clicks.first_ms, people.before),
                Value::Count(previews.now),
                Value::Count(robots.now),
            ]);
        }
        table.chart = Some(Chart::Bars(2));
        table.cut(ROWS)
    }
}
