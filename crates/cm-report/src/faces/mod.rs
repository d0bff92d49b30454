//! The faces of the report. Each takes the model and only writes it: nothing is computed here but lengths of bars.

mod chart;
mod csv;
mod html;
mod markdown;
mod show;
mod text;

pub use show::Show;

use crate::args::Format;
use crate::report::Report;

/// Writes a face.
pub fn write(report: &Report, format: Format, show: &Show) -> anyhow::Result<String> {
    Ok(match format {
        Format::Text => text::write(report, show),
        Format::Md => markdown::write(report, show),
        Format::Html => html::write(report, show),
        Format::Csv => csv::write(report)?,
        Format::Json => format!("{}\n", serde_json::to_string_pretty(report)?),
    })
}
