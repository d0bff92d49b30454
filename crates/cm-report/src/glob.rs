//! `*` and `?` in names, as people write them in `inputs` and goals; nothing else has a meaning.

use std::io;
use std::path::{Path, PathBuf};

/// Whether a text matches a pattern; `*` is any run of characters, `?` one. Linear space, no recursion.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((after_star, from)) => {
                    (p, t) = (after_star, from + 1);
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The files that a path names; only its last part may hold a pattern. In name order.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains(['*', '?']) {
        return Ok(vec![path.to_owned()]);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if matches(&name, &entry.file_name().to_string_lossy()) && !entry.path().is_dir() {
            found.push(path.with_file_name(entry.file_name()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        for (pattern, text, wanted) in [
            ("access.log*", "access.log.1.gz", true),
            ("access.log*", "access.log", true),
            ("*.pdf", "a/b.pdf", true),
            ("*.pdf", "b.pdfx", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xxaxxbxxb", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_any_cut(text in "[a-c*?]{0,30}", at in 0usize..30) {
            let plain: String = text.chars().filter(|c| !"*?".contains(*c)).collect();
            prop_assert!(matches(&plain, &plain));
            let cut = at.min(plain.len());
            let starred = format!("{}*", &plain[..cut]);
            prop_assert!(matches(&starred, &plain));
            let _ = matches(&text, &plain);
        }
    }
}
