//! On which atoms searches hang. In: their programs, and what it costs to look at those hung on an atom. Out: of each
//! atom, the searches that may match where it stands.

use super::program::Programs;

/// The searches, each on its anchors.
pub(super) struct Hanging {
    /// Of each atom, where the searches begin that are hung on it, and the end of the last.
    from: Vec<u32>,
    hung: Vec<Hung>,
    /// Searches without an anchor: these are always tried.
    pub always: Vec<u32>,
}

/// A search on one of its anchors.
#[derive(Clone, Copy, Default)]
pub(super) struct Hung {
    pub search: u32,
    /// Another atom that it needs, or the anchor again: most searches are passed over by a look at it.
    pub also: u32,
}

impl Hanging {
    /// Hangs all searches where it costs least.
    pub fn new(programs: &Programs, atoms: usize, cost: impl Fn(u32) -> f32 + Copy) -> Hanging {
        let mut on: Vec<(u32, Hung)> = Vec::with_capacity(programs.len());
        let mut always = Vec::new();
        for search in 0..programs.len() {
            let anchors = programs.anchors(search, cost);
            if anchors.is_empty() {
                always.push(search as u32);
            }
            let also = programs.also(search, &anchors, cost);
            let hung = |atom: u32| (atom, Hung { search: search as u32, also: also.unwrap_or(atom) });
            on.extend(anchors.into_iter().map(hung));
        }
        let mut from = vec![0; atoms + 1];
        for (atom, _) in &on {
            from[*atom as usize + 1] += 1;
        }
        for atom in 0..atoms {
            from[atom + 1] += from[atom];
        }
        let (mut next, mut hung) = (from.clone(), vec![Hung::default(); on.len()]);
        for (atom, search) in on {
            let place = &mut next[atom as usize];
            hung[*place as usize] = search;
            *place += 1;
        }
        Hanging { from, hung, always }
    }

    /// Those hung on an atom.
    #[inline]
    pub fn on(&self, atom: usize) -> &[Hung] {
        match (self.from.get(atom), self.from.get(atom + 1)) {
            (Some(from), Some(to)) => self.hung.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Looks at searches that do not become candidates, for each search, after which it pays to hang them anew.
const WASTED: usize = 1;
/// As many items at least tell which atoms are common.
const ITEMS: u32 = 512;

/// How often atoms were seen, until it is known enough.
#[derive(Default)]
pub(super) struct Experience {
    items: u32,
    wasted: usize,
    seen: Vec<u32>,
}

impl Experience {
    /// Another item, with what was seen in it and how many looks at searches came to nothing.
    pub fn add(&mut self, seen: &[u32], atoms: usize, wasted: usize) {
        self.items += 1;
        self.wasted += wasted;
        self.seen.resize(atoms, 0);
        for atom in seen {
            self.seen[*atom as usize] += 1;
        }
    }

    /// Whether it pays to make use of it.
    pub fn is_enough(&self, searches: usize) -> bool {
        self.items >= ITEMS && self.wasted >= WASTED * searches
    }

    /// How often an atom was seen.
    pub fn of(&self, atom: u32) -> u32 {
        self.seen.get(atom as usize).copied().unwrap_or(0)
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        *self = Experience::default();
    }
}
