//! `file:` accounts: posts are appended to a file as JSON lines.

mod publish;

pub use publish::File;
