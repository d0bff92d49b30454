//! Intent packs: complaints, questions, sales cues, crisis words and praise, as ordinary searches to append to one's own.
//! In: a pack's name. Out: its text (TOML), as it stands in `packs/`.

use cm_cli::{Failure, Listing, Session, nearest};

/// A pack: its name, what it finds, and its text.
const PACKS: [(&str, &str, &str); 5] = [
    ("complaint", "somebody is unhappy", include_str!("../packs/complaint.toml")),
    ("question", "somebody asks something that can be answered", include_str!("../packs/question.toml")),
    ("sales", "somebody looks for what you sell", include_str!("../packs/sales.toml")),
    ("crisis", "what cannot wait: harm, law, leaks, outrage", include_str!("../packs/crisis.toml")),
    ("praise", "somebody is happy", include_str!("../packs/praise.toml")),
];

/// Prints a pack; `list` lists them.
pub fn print(name: &str, session: &Session) -> anyhow::Result<()> {
    if name == "list" {
        return list(session);
    }
    match PACKS.iter().find(|(known, ..)| *known == name) {
        Some((_, _, text)) => session.print(text),
        None => {
            let known: Vec<&str> = PACKS.iter().map(|(known, ..)| *known).chain(["list"]).collect();
            let hint = match nearest(name, &known) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("known: {}", known.join(", ")),
            };
            Err(Failure::usage(format!("--pack: there is no pack {name:?} ({hint})")).into())
        }
    }
}

fn list(session: &Session) -> anyhow::Result<()> {
    let mut listing = Listing::new(&["PACK", "FINDS"]);
    for (name, finds, _) in PACKS {
        let object = serde_json::json!({"pack": name, "finds": finds});
        listing.row(vec![name.to_owned(), finds.to_owned()], object);
    }
    session.list(&listing)
}
