//! Countries of addresses, by a table of networks that the user has (`.mmdb`: MaxMind, DB-IP, IPinfo ...). The whole
//! file is held in memory, an address is looked up there, and nothing of it is kept but two letters.

use crate::settings::Settings;
use cm_cli::{Failure, unreadable};
use maxminddb::{Reader, path};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// The largest file that is read: twice the largest that its makers publish for cities.
const LARGEST: u64 = 512 << 20;

/// A table of networks.
#[derive(Debug)]
pub struct Countries {
    reader: Reader<Vec<u8>>,
}

impl Countries {
    /// Reads the file that the settings name, if they do.
    pub fn of_settings(settings: &Settings) -> Result<Option<Arc<Countries>>, Failure> {
        settings.country_db.as_deref().map(|file| Countries::read(file).map(Arc::new)).transpose()
    }

    /// Reads a file. Errors: it cannot be read, is too large or no table of networks.
    pub fn read(file: &Path) -> Result<Countries, Failure> {
        let wrong = |why: &str| {
            let file = file.display();
            Failure::config(format!("{file}: {why}: [shorten] country_db names a file of countries (.mmdb)"))
        };
        let size = std::fs::metadata(file).map_err(|e| unreadable(file, &e))?.len();
        if size > LARGEST {
            return Err(wrong("larger than 512 MB"));
        }
        let bytes = std::fs::read(file).map_err(|e| unreadable(file, &e))?;
        let reader = Reader::from_source(bytes).map_err(|_| wrong("not a table of networks"))?;
        Ok(Countries { reader })
    }

    /// The country of an address, two capital letters; absent where the table does not know it.
    pub fn of(&self, address: &str) -> Option<String> {
        let found = self.reader.lookup(address.parse::<IpAddr>().ok()?).ok()?;
        let text = |value: Result<Option<&str>, _>| {
            value.ok().flatten().filter(|code| is_code(code)).map(str::to_owned)
        };
        // MaxMind and DB-IP, those that know only who registered a network, and the two forms of IPinfo.
        text(found.decode_path(&path!["country", "iso_code"]))
            .or_else(|| text(found.decode_path(&path!["registered_country", "iso_code"])))
            .or_else(|| text(found.decode_path(&path!["country_code"])))
            .or_else(|| text(found.decode_path(&path!["country"])))
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A string or a map of the format: control byte and content (MaxMind DB specification 2.0).
    fn text(text: &str) -> Vec<u8> {
        let size = u8::try_from(text.len()).unwrap();
        let mut bytes = if size < 29 { vec![0x40 | size] } else { vec![0x5D, size - 29] };
        bytes.extend(text.as_bytes());
        bytes
    }

    fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xE0 | u8::try_from(pairs.len()).unwrap()];
        pairs.iter().for_each(|(name, value)| bytes.extend([text(name), value.clone()].concat()));
        bytes
    }

    /// A table with one tree node: 0.0.0.0/1 is in the first country, 128.0.0.0/1 in none.
    fn table(data: &[u8]) -> Vec<u8> {
        let number = |kind: u8, value: u8| vec![kind | 1, value];
        // Records of 24 bits: node count + 16 is the first byte of the data, the node count says that nothing is known.
        let mut bytes = vec![0, 0, 17, 0, 0, 1];
        bytes.extend([0; 16]);
        bytes.extend(data);
        bytes.extend(b"\xAB\xCD\xEFMaxMind.com");
        bytes.extend(map(&[
            ("binary_format_major_version", number(0xA0, 2)),
            ("binary_format_minor_version", vec![0xA0]),
            ("build_epoch", vec![0x01, 0x02, 1]),
            ("database_type", text("Test-Country")),
            ("description", vec![0xE0]),
            ("ip_version", number(0xA0, 4)),
            ("languages", vec![0x00, 0x04]),
            ("node_count", number(0xC0, 1)),
            ("record_size", number(0xA0, 24)),
        ]));
        bytes
    }

    fn countries(bytes: &[u8]) -> Result<Countries, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Countries::read(file.path())
    }

    #[test]
    fn an_address_has_the_country_of_its_network() {
        for data in [
            map(&[("country", map(&[("iso_code", text("NP"))]))]),
            map(&[("registered_country", map(&[("iso_code", text("NP"))]))]),
            map(&[("country", text("NP"))]),
            map(&[("country", text("Nepal")), ("country_code", text("NP"))]),
        ] {
            let countries = countries(&table(&data)).unwrap();
            assert_eq!(countries.of("10.1.2.3").as_deref(), Some("NP"));
            assert_eq!(
                (countries.of("203.0.113.9"), countries.of("::1"), countries.of("host.example")),
                (None, None, None)
            );
        }
        let odd = countries(&table(&map(&[("country", text("203.0.113.9"))]))).unwrap();
        assert_eq!(odd.of("10.1.2.3"), None, "only what is a country's code is kept");
    }

    #[test]
    fn a_file_that_is_none_is_told() {
        for bytes in [&b""[..], b"hello", &table(b"")[..30]] {
            assert!(format!("{:#}", countries(bytes).unwrap_err()).contains("not a table of networks"));
        }
        assert!(Countries::read(Path::new("/nowhere.mmdb")).is_err());
    }

    proptest! {
        #[test]
        fn a_damaged_table_is_answered(at in 0usize..200, byte: u8, address: u32) {
            let mut bytes = table(&map(&[("country", map(&[("iso_code", text("NP"))]))]));
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(countries) = countries(&bytes) {
                countries.of(&std::net::Ipv4Addr::from(address).to_string());
            }
        }
    }
}
