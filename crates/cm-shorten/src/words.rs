//! Words for codes that people can say on the telephone: `brave-otter`. In: random bytes. Out: words of these two lists.
//!
//! Each list has 128 words, so that one byte chooses among them evenly. They are short, common, spelt in one way, and say
//! nothing about people: no colours of skin, no bodies, no weapons, no animals that are used as insults.

/// Before the noun.
pub const ADJECTIVES: [&str; 128] = [
    "able", "agile", "airy", "amber", "ample", "apt", "autumn", "azure", "basic", "bold", "brave", "breezy",
    "bright", "brisk", "bubbly", "busy", "calm", "candid", "careful", "cheerful", "chief", "civic",
    "classic", "clean", "clear", "clever", "cloudy", "cobalt", "cool", "coral", "cosmic", "cosy", "crisp",
    "curious", "daily", "dapper", "daring", "deep", "deft", "early", "earnest", "easy", "eager", "epic",
    "equal", "exact", "fair", "famous", "fancy", "fast", "festive", "fine", "firm", "fleet", "fluent",
    "fond", "frank", "free", "fresh", "frosty", "gentle", "giant", "glad", "golden", "good", "grand",
    "great", "happy", "hardy", "hearty", "honest", "humble", "ideal", "jolly", "joyful", "keen", "kind",
    "large", "lively", "local", "loyal", "lucky", "lunar", "magic", "major", "mellow", "merry", "mighty",
    "mild", "misty", "modern", "modest", "neat", "new", "nimble", "noble", "open", "patient", "placid",
    "polite", "proud", "quick", "quiet", "rapid", "ready", "regal", "robust", "royal", "rustic", "sandy",
    "serene", "sharp", "silver", "simple", "smart", "smooth", "snowy", "solar", "solid", "spring", "steady",
    "summer", "sunny", "swift", "tidy", "vivid", "warm", "winter",
];

/// At the end.
pub const NOUNS: [&str; 128] = [
    "acorn", "alder", "almond", "anchor", "apple", "apricot", "arch", "aspen", "atlas", "badger", "bamboo",
    "basil", "basket", "bay", "beacon", "berry", "birch", "bison", "blossom", "boat", "breeze", "bridge",
    "brook", "button", "cabin", "cactus", "camel", "canal", "candle", "canoe", "canyon", "castle", "cedar",
    "cello", "cherry", "cliff", "clover", "coast", "comet", "compass", "coral", "cove", "crane", "cricket",
    "daisy", "delta", "dolphin", "dove", "dune", "eagle", "elm", "ember", "falcon", "fern", "field", "finch",
    "fjord", "flute", "forest", "fountain", "galaxy", "garden", "glacier", "grove", "harbour", "harp",
    "hazel", "heron", "hill", "island", "ivy", "jasmine", "kayak", "kettle", "kite", "koala", "lagoon",
    "lake", "lantern", "lark", "laurel", "lemon", "lily", "linden", "lotus", "lynx", "magnet", "maple",
    "marble", "meadow", "melon", "mill", "mint", "moon", "moss", "nectar", "oak", "oasis", "ocean", "olive",
    "orbit", "orchard", "orchid", "otter", "panda", "pebble", "pepper", "piano", "pine", "planet", "plum",
    "pond", "poplar", "puffin", "quartz", "rain", "reef", "river", "robin", "saffron", "sail", "sparrow",
    "star", "stone", "thyme", "tulip", "valley", "willow",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_plain_and_stand_once() {
        for list in [&ADJECTIVES, &NOUNS] {
            let each: HashSet<&&str> = list.iter().collect();
            assert_eq!(each.len(), list.len());
            assert!(
                list.iter().all(|w| (2..=8).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase()))
            );
        }
    }
}
