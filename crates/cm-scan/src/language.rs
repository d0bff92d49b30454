//! `--detect-language`: which language a text seems to be in. In: a document whose record names none. Out: a code with
//! how often such a guess is right, or nothing. Two small models that err differently are asked; what neither can
//! contradict or both say is told, the rest is left open (measured: tests/bench/scan_languages.py).

use crate::document::Document;
use cm_record::LanguageHint;
use cm_text::find_links;
use whatlang::{Detector, Lang};

/// So many code points of a text decide.
const LOOKED_AT: usize = 2_000;
/// Fewer letters are a guess at random.
const FEWEST_LETTERS: usize = 6;

/// The languages that are told apart: whatlang's name, ours (BCP 47), and whether whichlang knows it too. More of them
/// would be guessed at the cost of these: Afrikaans of Dutch, Croatian and Serbian of each other.
const LANGUAGES: [(Lang, &str, bool); 37] = [
    (Lang::Ara, "ar", true),
    (Lang::Bul, "bg", false),
    (Lang::Cat, "ca", false),
    (Lang::Ces, "cs", false),
    (Lang::Cmn, "zh", true),
    (Lang::Dan, "da", false),
    (Lang::Deu, "de", true),
    (Lang::Ell, "el", false),
    (Lang::Eng, "en", true),
    (Lang::Est, "et", false),
    (Lang::Fin, "fi", false),
    (Lang::Fra, "fr", true),
    (Lang::Heb, "he", false),
    (Lang::Hin, "hi", true),
    (Lang::Hrv, "hr", false),
    (Lang::Hun, "hu", false),
    (Lang::Ind, "id", false),
    (Lang::Ita, "it", true),
    (Lang::Jpn, "ja", true),
    (Lang::Kor, "ko", true),
    (Lang::Lav, "lv", false),
    (Lang::Lit, "lt", false),
    (Lang::Nld, "nl", true),
    (Lang::Nob, "no", false),
    (Lang::Pes, "fa", false),
    (Lang::Pol, "pl", false),
    (Lang::Por, "pt", true),
    (Lang::Ron, "ro", false),
    (Lang::Rus, "ru", true),
    (Lang::Slk, "sk", false),
    (Lang::Slv, "sl", false),
    (Lang::Spa, "es", true),
    (Lang::Swe, "sv", true),
    (Lang::Tha, "th", false),
    (Lang::Tur, "tr", true),
    (Lang::Ukr, "uk", false),
    (Lang::Vie, "vi", true),
];

/// A guess at the language of an item's title and text.
pub fn guess(document: &Document) -> Option<LanguageHint> {
    let mut text = String::new();
    let body = document.content().filter(|text| !text.text.trim().is_empty()).or(document.summary());
    for part in [document.title(), body].into_iter().flatten() {
        prose(&part.text, &mut text);
    }
    guess_of(&text)
}

fn guess_of(text: &str) -> Option<LanguageHint> {
    if text.chars().filter(|c| c.is_alphabetic()).take(FEWEST_LETTERS).count() < FEWEST_LETTERS
        && !text.chars().any(is_ideograph)
    {
        return None;
    }
    let one = Detector::with_allowlist(LANGUAGES.map(|(lang, ..)| lang).to_vec()).detect(text)?;
    let (_, code, known_to_both) = LANGUAGES.into_iter().find(|(lang, ..)| *lang == one.lang())?;
    let agree = whichlang::detect_language(text).three_letter_code() == one.lang().code();
    let confidence = confidence(agree, known_to_both, one.confidence())?;
    Some(LanguageHint { code: code.to_owned(), confidence })
}

/// How often a guess is right, as measured on texts of 1 to 100 words in 22 languages; `None` under 4 in 5.
fn confidence(agree: bool, known_to_both: bool, margin: f64) -> Option<f64> {
    match (agree, known_to_both) {
        (true, _) if margin >= 0.5 => Some(0.99),
        (true, _) if margin >= 0.2 => Some(0.95),
        (true, _) if margin >= 0.1 => Some(0.85),
        (false, false) if margin >= 0.9 => Some(0.99),
        (false, false) if margin >= 0.5 => Some(0.95),
        _ => None,
    }
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// What is said in words: without links, handles and hashtags, which are of no language.
fn prose(text: &str, prose: &mut String) {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let links = if text.contains("://") { find_links(&text) } else { Vec::new() };
    let mut at = 0;
    for (start, end) in links.iter().map(|link| (link.start, link.end)).chain([(text.len(), text.len())]) {
        let words = text[at..start].split_whitespace().filter(|word| !word.starts_with(['@', '#']));
        for word in words {
            prose.push_str(word);
            prose.push(' ');
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    fn of(text: &str) -> Option<String> {
        let line = serde_json::json!({"id": "1", "content_text": text}).to_string();
        let record = Record::parse(line).ok()?;
        guess(&Document::of(&record)).map(|hint| hint.code)
    }

    #[test]
    fn posts_are_told_apart() {
        for (text, code) in [
            ("Third morning in a row and the espresso still tastes of cardboard @acme #coffee", "en"),
            (
                "Weiß jemand, ob die Rösterei am Sonntag offen hat? https://acme.example/en/opening-hours",
                "de",
            ),
            ("Quelqu'un sait si la boutique livre en Belgique avant Noël ?", "fr"),
            ("¿Alguien sabe si la tienda abre los domingos por la tarde?", "es"),
            ("Qualcuno sa se il negozio è aperto anche la domenica mattina?", "it"),
            ("Weet iemand of de winkel ook op zondag open is?", "nl"),
            ("Czy ktoś wie, czy sklep jest otwarty w niedzielę po południu?", "pl"),
            ("Кто-нибудь знает, работает ли магазин по воскресеньям?", "ru"),
            ("この店は日曜日も開いていますか？", "ja"),
        ] {
            assert_eq!(of(text).as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn what_is_no_prose_is_of_no_language() {
        for text in
            ["ok", "👍👍👍", "#coffee @ana", "https://acme.example/this-is-an-english-address", "123 456"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
