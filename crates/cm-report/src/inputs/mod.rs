//! What the report reads: files of any kind, told apart by their lines, and the store's published views.

mod clicks;
mod files;
mod json_lines;
mod reject;
mod seen;
mod store;

pub use cm_web::LogEntry as Entry;
pub use files::read_files;
pub use json_lines::clip;
pub use seen::Seen;
pub use store::{read_store, read_sums};
