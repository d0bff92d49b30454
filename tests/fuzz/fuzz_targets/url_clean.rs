//! Any text: cleaning it a second time changes nothing, what is not unwrapped loses whole pieces and gains no byte, and the
//! key of a key is itself.
#![no_main]

use cm_web::{Cleaner, Rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, u8)| {
    let (text, rule, extent) = input;
    let mut rules = Rules::default();
    let _ = (rules.strip(rule), rules.keep(text));
    let [aggressive, strip_affiliate, unwrap_affiliate] = [1, 2, 4].map(|bit| extent & bit != 0);
    let cleaner = Cleaner { aggressive, strip_affiliate, unwrap_affiliate, rules };
    for given in [text.to_owned(), format!("https://a.example/?{text}"), format!("https://href.li/?{text}")] {
        let once = cleaner.clean(&given);
        let again = cleaner.clean(&once.url);
        assert!(again.url == once.url && again.removed.is_empty() && again.unwrapped.is_empty());
        assert!(once.unwrapped.len() <= 5);
        if once.unwrapped.is_empty() {
            let mut left = given.bytes();
            assert!(once.url.bytes().all(|byte| left.any(|other| other == byte)));
            assert_eq!(once.url == given, once.removed.is_empty());
        } else {
            assert!(once.url.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")));
        }
        if let Some(key) = cleaner.key(&given) {
            assert_eq!(cleaner.key(&key), Some(key));
        }
    }
});
