//! `export`: the links as files for web servers and hosts that need no server of ours, and as tables.

/// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), and the sign that says it is none.
pub const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];
