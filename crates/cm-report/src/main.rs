//! cm-report: see the library for what goes in and what comes out.
cm_cli::main!(cm_report);
