//! What other programs may read of the sums of clicks: views, which are never changed once they are out. Beside them an
//! index that links of other services were wanting.

/// Sums of clicks for reports.
pub(super) const SEVENTH: &str = "
    CREATE INDEX shorten_remote_made ON shorten_remote (backend, created_ms);
    -- Clicks of a link by quarter of an hour, and by day of UTC; code '': of all links.
    CREATE VIEW report_click_quarters_v1 AS SELECT code, begin_ms, human, preview, bot FROM shorten_click_quarters;
    CREATE VIEW report_click_days_v1 AS
      SELECT code, begin_ms, human, preview, bot FROM shorten_click_days WHERE unit = 86400000;
    -- Where the people of a day of UTC came from, over all links.
    CREATE VIEW report_click_sources_v1 AS SELECT begin_ms, family, name AS source, human FROM shorten_click_parts
      WHERE code = '' AND unit = 86400000 AND part = 'source';
    -- Clicks that are in no sum yet; older ones than are kept are, though not all may be deleted.
    CREATE VIEW report_clicks_fresh_v1 AS SELECT at_ms, code, class, family, source FROM shorten_clicks
      WHERE seq > (SELECT value FROM shorten_state WHERE name = 'rolled')
        AND +at_ms >= (SELECT value FROM shorten_state WHERE name = 'kept_since');
    -- The day from which on single clicks are kept, 0 where all are.
    CREATE VIEW report_clicks_kept_v1 AS SELECT value AS since_ms FROM shorten_state WHERE name = 'kept_since';
    ";
