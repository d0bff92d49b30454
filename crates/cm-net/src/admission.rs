//! Leave to ask: whoever spaces requests is asked before each one leaves, redirects and repeated questions included.
//! In: an address and why it is asked. Out: leave, which holds until the answer is whole or the next hop begins, or why not.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use url::Url;

/// Why an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// It is what was asked for.
    First,
    /// A redirect led to it.
    Redirect,
    /// A connection that was kept from an earlier question was hung up before an answer; it is asked once more on a new one.
    Again,
}

/// Leave to ask, as whoever gives it likes; dropped when the answer is whole, has failed or leads elsewhere. No hop waits
/// for leave while it holds another.
pub type Leave = Box<dyn Send + Sync>;

type Ask = dyn Fn(&Url, Hop) -> Asking + Send + Sync;
type Asking = Pin<Box<dyn Future<Output = Result<Leave, String>> + Send>>;

/// Asked before every hop. Waiting for leave does not count against the deadline. A refusal is an error of the kind `Held`,
/// with its words.
#[derive(Clone)]
pub struct Admission(Arc<Ask>);

impl Admission {
    /// By a function that waits until the address may be asked.
    pub fn new<F>(ask: impl Fn(&Url, Hop) -> F + Send + Sync + 'static) -> Admission
    where
        F: Future<Output = Result<Leave, String>> + Send + 'static,
    {
        Admission(Arc::new(move |url, hop| Box::pin(ask(url, hop))))
    }

    pub(crate) async fn ask(&self, url: &Url, hop: Hop) -> Result<Leave, String> {
        (self.0)(url, hop).await
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}
