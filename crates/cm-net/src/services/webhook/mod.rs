//! `webhook:` accounts: posts are sent as JSON with an Idempotency-Key.

mod publish;

pub use publish::Webhook;

use super::{Account, Means, Publish};

/// Whoever is behind the hook: no chat takes more graphemes (Slack's limit is the highest of them).
pub(super) const LONGEST: usize = 40_000;

/// Opens an account; nobody is asked yet.
pub(super) fn open(account: &Account, means: &dyn Means) -> Result<Box<dyn Publish>, String> {
    let url = account.address()?;
    let client = means.client().map_err(|e| e.message)?;
    Ok(Box::new(Webhook { url, idempotent: account.idempotent, client }))
}
