//! `webhook:` accounts: posts are sent as JSON with an Idempotency-Key.

mod publish;

pub use publish::Webhook;
