//! Visits added up once for all sections that speak of them.

use crate::facts::{Campaign, Facts, Pair, Source};
use std::collections::BTreeMap;

/// Visits of one source or campaign.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Visits.
    pub visits: Pair,
    /// Conversions in the period, by goal.
    pub conversions: Vec<u64>,
}

/// Visits added up.
#[derive(Debug, Default)]
pub struct Summary {
    /// All visits.
    pub visits: Pair,
    /// Visitors, each once a day.
    pub visitors: Pair,
    /// Visits that met any goal.
    pub converted: Pair,
    /// Conversions by goal.
    pub by_goal: Vec<Pair>,
    /// By source.
    pub by_source: BTreeMap<Source, Group>,
    /// By campaign, those without one left out.
    pub by_campaign: BTreeMap<Campaign, Group>,
    /// Visits of the period by day of the report.
    pub by_day: Vec<u64>,
}

impl Summary {
    /// Adds up.
    pub fn of(facts: &Facts) -> Summary {
        let goals = facts.goals.0.len();
        let mut sum = Summary {
            by_goal: vec![Pair::default(); goals],
            by_day: vec![0; facts.period.days.len()],
            ..Summary::default()
        };
        for visitor in facts.site.visitors() {
            let mut came = Pair::default();
            for told in &visitor {
                let at = told.visit.first_ms;
                let one = Pair {
                    now: u64::from(facts.period.span.contains(at)) * told.weight,
                    before: u64::from(facts.period.in_compare(at)) * told.weight,
                };
                came = Pair { now: came.now.max(one.now), before: came.before.max(one.before) };
                if one != Pair::default() {
                    sum.visit(facts, told.visit, one);
                }
            }
            sum.visitors.add(came);
        }
        sum
    }

    fn visit(&mut self, facts: &Facts, visit: crate::facts::Visit, one: Pair) {
        self.visits.add(one);
        if let Some(count) =
            facts.period.days.index_of(visit.first_ms).and_then(|day| self.by_day.get_mut(day))
        {
            *count += one.now;
        }
        if visit.goals != 0 {
            self.converted.add(one);
        }
        let met: Vec<usize> = (0..self.by_goal.len()).filter(|goal| visit.goals & (1 << goal) != 0).collect();
        for goal in &met {
            self.by_goal[*goal].add(one);
        }
        let goals = self.by_goal.len();
        add_to(self.by_source.entry(facts.site.source_of(&visit)).or_default(), one, &met, goals);
        let campaign = facts.site.campaign_of(&visit);
        if !campaign.is_empty() {
            add_to(self.by_campaign.entry(campaign.clone()).or_default(), one, &met, goals);
        }
    }
}

fn add_to(group: &mut Group, one: Pair, met: &[usize], goals: usize) {
    group.visits.add(one);
    group.conversions.resize(goals, 0);
    for goal in met {
        group.conversions[*goal] += one.now;
    }
}

impl Group {
    /// Conversions of any goal.
    pub fn total(&self) -> u64 {
        self.conversions.iter().sum()
    }
}
