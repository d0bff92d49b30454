//! Any JSON, leaning to the names that a network uses: what APIs answer on bad days.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Values whose members have these names (a pattern such as `id|text`).
pub(crate) fn any_json(names: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{1,22}".prop_map(Value::from),
        Just(json!("2026-11-22T09:00:00Z")),
        Just(json!("https://a.example/b#c")),
        Just(json!("https://a.example/@1.jpeg")),
        Just(json!("at://did:plc:a/app.bsky.feed.post/3k")),
    ];
    leaf.prop_recursive(4, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
