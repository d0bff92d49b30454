//! Which hubs the feeds name, kept from run to run so that `listen` knows whom to ask. In: what a document said when it was
//! read. Out: hub and topic by source.

use crate::store::Tables;
use cm_store::{Error, Row, Tx};
use std::collections::HashMap;

/// Where pushes of a feed come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hub {
    /// The hub.
    pub(crate) url: String,
    /// The feed's own address, as the hub knows it.
    pub(crate) topic: String,
}

/// Keeps what the document of a source says, `None` where it names no hub.
pub(crate) fn write_hub(tx: &mut dyn Tx, source: &str, hub: Option<&Hub>) -> Result<(), Error> {
    let Some(hub) = hub else {
        return tx.execute("DELETE FROM fetch_hubs WHERE source = ?1", &[source.into()]).map(drop);
    };
    let sql = "INSERT INTO fetch_hubs (source, hub, topic) VALUES (?1, ?2, ?3)
               ON CONFLICT (source) DO UPDATE SET hub = excluded.hub, topic = excluded.topic
               WHERE fetch_hubs.hub <> excluded.hub OR fetch_hubs.topic <> excluded.topic";
    tx.execute(sql, &[source.into(), (&hub.url).into(), (&hub.topic).into()]).map(drop)
}

impl Tables {
    /// The hubs that are known, by source.
    pub(crate) fn hubs(&self) -> Result<HashMap<String, Hub>, Error> {
        self.store.read(|tx| {
            let hub =
                |row: &Row| Ok((row.need_text(0)?, Hub { url: row.need_text(1)?, topic: row.need_text(2)? }));
            tx.query("SELECT source, hub, topic FROM fetch_hubs", &[])?.iter().map(hub).collect()
        })
    }
}
