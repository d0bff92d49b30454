//! Named stops at which tests kill or freeze the process. Only with the Cargo feature `failpoints`.

/// A stop. `CM_FAILPOINT` is a list such as `outbox.sent=kill,archive.synced=freeze:900`; `name=kill@3` waits for the
/// third time the stop is reached. Without the feature this is nothing.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn failpoint(_name: &str) {}

/// A stop. `CM_FAILPOINT` is a list such as `outbox.sent=kill,archive.synced=freeze:900`; `name=kill@3` waits for the
/// third time the stop is reached. Without the feature this is nothing.
#[cfg(feature = "failpoints")]
pub fn failpoint(name: &str) {
    use std::collections::HashMap;
    use std::sync::Mutex;
    static SEEN: Mutex<Option<HashMap<String, u64>>> = Mutex::new(None);

    let Ok(plan) = std::env::var("CM_FAILPOINT") else { return };
    let nth = {
        let mut seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let count = seen.get_or_insert_with(HashMap::new).entry(name.to_owned()).or_default();
        *count += 1;
        *count
    };
    for (stop, act) in plan.split(',').filter_map(|entry| entry.split_once('=')) {
        let (act, at) = act.split_once('@').map_or((act, 1), |(act, n)| (act, n.parse().unwrap_or(1)));
        if stop != name || nth != at {
            continue;
        }
        if act == "kill" {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        } else if let Some(ms) = act.strip_prefix("freeze:").and_then(|ms| ms.parse().ok()) {
            std::thread::sleep(std::time::Duration::from_millis(ms));
        }
    }
}
