//! Any document: reading it never falls over, and reads the same every time; every record of it is a good line.
#![no_main]

use cm_fetch::probe::feed;
use cm_record::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], Option<&str>)| {
    let (bytes, charset) = input;
    let records = feed(bytes, charset);
    for record in &records {
        let again = Record::parse(record.line()).expect("a record is a good line");
        assert!(again.item().is_ok());
        assert!(!record.line().contains('\n') && record.line().len() < 4 << 20);
    }
    assert_eq!(feed(bytes, charset), records);
});
