//! Operators without operands, and parentheses that hold nothing or are not closed. In: the pieces of a query. Out: what
//! is to be told of them; the tree leaves them out.

use super::pieces::{Piece, Placed, Told};

/// Looks at every piece and its neighbours.
pub(super) fn told(pieces: &[Placed]) -> Vec<Told> {
    let (mut told, mut open) = (Vec::new(), Vec::new());
    for (n, (place, piece)) in pieces.iter().enumerate() {
        let before = n.checked_sub(1).map(|n| &pieces[n].1);
        let after = pieces.get(n + 1).map(|(_, piece)| piece);
        match piece {
            Piece::Open => open.push(*place),
            Piece::Close => _ = open.pop(),
            _ => {}
        }
        if *piece == Piece::Open && after == Some(&Piece::Close) {
            told.push((*place, "nothing stands in these parentheses: left out".to_owned()));
        }
        let name = name(piece);
        if joins(piece) && !before.is_some_and(ends_value) {
            told.push((*place, format!("nothing stands before this {name}: it is left out")));
        }
        if expects(piece) && !after.is_some_and(|after| begins_value(after, piece)) {
            told.push((*place, format!("nothing stands behind this {name}: it is left out")));
        }
    }
    // The outermost: what it encloses is what may have been meant otherwise.
    if let Some(first) = open.first() {
        told.push((*first, "this \"(\" is not closed: it is taken to reach to the end".to_owned()));
    }
    told
}

/// Whether something has to stand on both sides.
fn joins(piece: &Piece) -> bool {
    matches!(piece, Piece::And | Piece::Or | Piece::Near { .. })
}

/// Whether something has to stand behind it.
pub(super) fn expects(piece: &Piece) -> bool {
    joins(piece) || matches!(piece, Piece::Not | Piece::AtLeast(_) | Piece::Field(_))
}

/// Whether it goes on with what stands before it.
pub(super) fn goes_on(piece: &Piece) -> bool {
    joins(piece) || matches!(piece, Piece::Not | Piece::Close)
}

fn ends_value(piece: &Piece) -> bool {
    !expects(piece) && !matches!(piece, Piece::Open | Piece::Comma)
}

/// Whether it begins what stands behind an operator.
fn begins_value(piece: &Piece, operator: &Piece) -> bool {
    match piece {
        Piece::Not => matches!(operator, Piece::And | Piece::Or | Piece::Not),
        Piece::Field(_) => !matches!(operator, Piece::Field(_)),
        Piece::Open | Piece::Word(_) | Piece::Phrase(_) | Piece::Exact(_) => true,
        Piece::AtLeast(_) | Piece::Lost(..) => true,
        _ => false,
    }
}

fn name(piece: &Piece) -> String {
    match piece {
        Piece::And => "AND".to_owned(),
        Piece::Or => "OR".to_owned(),
        Piece::Not => "NOT".to_owned(),
        Piece::Near { .. } => "NEAR".to_owned(),
        Piece::AtLeast(n) => format!("ATLEAST/{n}"),
        Piece::Field(name) => format!("{name}:"),
        _ => String::new(),
    }
}
