//! `file:` accounts: posts are appended to a file as JSON lines.

mod publish;

pub use publish::File;

use super::{Account, Means, Publish};

/// Opens an account; nothing is touched yet.
pub(super) fn open(account: &Account, _: &dyn Means) -> Result<Box<dyn Publish>, String> {
    let path = account.path.clone().ok_or("no path: say which file posts are appended to")?;
    Ok(Box::new(File { path }))
}
