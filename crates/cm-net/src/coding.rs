//! Codings of a body: gzip, deflate, br and zstd taken off as a stream, one after another, within bounds of size and
//! factor. In: a coded body. Out: the plain one, or `TooLarge` or `Broken`.
//!
//! Decoding begins when the coded form is whole, which is in memory or in a file: so no decoder ever waits for a server,
//! and one thread of a client can do them all. However many bodies come at a time, there is one decoder's window, of at
//! most 16 MiB (br) or 8 MiB (zstd).

use crate::spill::{Body, Budget, Sink};
use crate::{Error, Kind};
use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

/// What is asked for in Accept-Encoding, best first.
pub(crate) const CODINGS: &str = "zstd, br, gzip, deflate";
/// Codings on top of one another: more than two is nobody's honest answer.
const MAX_LAYERS: usize = 2;
/// A body that inflates beyond this factor is a bomb; honest text stays under 100.
const MAX_RATIO: usize = 500;
/// The factor is not looked at below this size: a short run of spaces may well exceed it.
const RATIO_FROM: usize = 4 << 20;
/// RFC 9659: a receiver need not take windows over 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;
/// Decoded at a time.
const STEP: usize = 16 << 10;

/// What decoding may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Bytes of the plain form, and of every form on the way.
    pub(crate) bytes: usize,
    /// Of what is beyond the limit or damaged, what came before is enough: the words of a refusal are only shown.
    pub(crate) lenient: bool,
}

/// The codings of a Content-Encoding header, the outermost last.
pub(crate) fn layers(header: &str, shown: &str) -> Result<Vec<String>, Error> {
    let layers: Vec<String> = header
        .split(',')
        .map(|c| c.trim().to_ascii_lowercase())
        .filter(|c| !c.is_empty() && c != "identity")
        .collect();
    match layers.len() > MAX_LAYERS {
        true => Err(Error::after(Kind::Broken, shown, format!("encoded {} times over", layers.len()))),
        false => Ok(layers),
    }
}

/// Whether taking these off is so little work, in so little memory, that it can be done where it is asked for.
pub(crate) fn is_light(layers: &[String], body: &Body) -> bool {
    matches!(layers, [one] if matches!(one.as_str(), "gzip" | "x-gzip" | "deflate"))
        && body.len() <= STEP as u64
}

/// Takes all codings off, the last one first.
pub(crate) fn decode(
    body: Body,
    layers: &[String],
    limit: Limit,
    budget: &Arc<Budget>,
    shown: &str,
) -> Result<Body, Error> {
    // Answers to HEAD, 204 and 304 name a coding and have nothing in it.
    if body.is_empty() {
        return Ok(body);
    }
    layers.iter().rev().try_fold(body, |body, coding| inflate(body, coding, limit, budget, shown))
}

fn inflate(
    mut body: Body,
    coding: &str,
    limit: Limit,
    budget: &Arc<Budget>,
    shown: &str,
) -> Result<Body, Error> {
    let coded = usize::try_from(body.len()).unwrap_or(usize::MAX);
    let allowed = limit.bytes.min(coded.saturating_mul(MAX_RATIO).max(RATIO_FROM));
    let source = body.reader().map_err(|e| Error::disk(shown, &e))?;
    let broken =
        |e: io::Error| Error::after(Kind::Broken, shown, format!("its {coding} encoding is damaged: {e}"));
    let mut decoder = decoder(coding, BufReader::with_capacity(STEP, source), shown)?;
    let (mut plain, mut step) = (Sink::new(budget), [0; STEP]);
    loop {
        let read = match decoder.read(&mut step) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) if limit.lenient => break,
            Err(e) => return Err(broken(e)),
        };
        if plain.len() + read > allowed {
            if limit.lenient {
                break;
            }
            let why = format!("the answer decompresses to more than {allowed} bytes");
            return Err(Error::after(Kind::TooLarge, shown, why));
        }
        plain.write_all(&step[..read]).map_err(|e| Error::disk(shown, &e))?;
    }
    Ok(plain.finish())
}

fn decoder<'a>(
    coding: &str,
    mut source: BufReader<Box<dyn Read + 'a>>,
    shown: &str,
) -> Result<Box<dyn Read + 'a>, Error> {
    let disk = |e: io::Error| Error::disk(shown, &e);
    Ok(match coding {
        "gzip" | "x-gzip" => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
        // RFC 9110, 8.4.1.2: some servers send the raw format without the zlib wrapper.
        "deflate" if is_zlib(io::BufRead::fill_buf(&mut source).map_err(disk)?) => {
            Box::new(flate2::bufread::ZlibDecoder::new(source))
        }
        "deflate" => Box::new(flate2::bufread::DeflateDecoder::new(source)),
        "br" => Box::new(brotli::Decompressor::new(source, STEP)),
        "zstd" => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source).map_err(disk)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(disk)?;
            Box::new(decoder)
        }
        _ => {
            let name: String = coding.chars().take(20).collect();
            let why = format!("encoded as {name:?}, which was not asked for");
            return Err(Error::after(Kind::Broken, shown, why));
        }
    })
}

/// RFC 1950, 2.2: method 8 in the low nibble, and the first two bytes a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [cmf, flg, ..] if cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use proptest::prelude::*;

    fn packed(coding: &str, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let level = Compression::default();
        let mut zipped: Box<dyn Read> = match coding {
            "gzip" => Box::new(flate2::read::GzEncoder::new(plain, level)),
            "zlib" => Box::new(flate2::read::ZlibEncoder::new(plain, level)),
            "raw" => Box::new(flate2::read::DeflateEncoder::new(plain, level)),
            "br" => Box::new(brotli::CompressorReader::new(plain, 4096, 5, 20)),
            _ => Box::new(zstd::stream::read::Encoder::new(plain, 3).unwrap()),
        };
        zipped.read_to_end(&mut out).unwrap();
        out
    }

    const STRICT: Limit = Limit { bytes: 64 << 20, lenient: false };
    const SHOWN: &str = "http://x.example/";

    fn unpacked_within(body: Vec<u8>, codings: &str, limit: Limit) -> Result<Vec<u8>, Error> {
        let layers = layers(codings, SHOWN)?;
        let body = decode(body.into(), &layers, limit, &Budget::new(1 << 20), SHOWN)?;
        Ok(body.into_bytes().unwrap())
    }

    fn unpacked(body: Vec<u8>, codings: &str) -> Result<Vec<u8>, Error> {
        unpacked_within(body, codings, STRICT)
    }

    const FORMS: [(&str, &str); 5] =
        [("gzip", "gzip"), ("zlib", "deflate"), ("raw", "deflate"), ("br", "br"), ("zstd", "zstd")];

    #[test]
    fn every_coding_comes_off() {
        let plain = b"<rss>morning</rss>".repeat(100);
        for (form, name) in FORMS {
            assert_eq!(unpacked(packed(form, &plain), name).unwrap(), plain, "{form}");
        }
        let twice = packed("br", &packed("gzip", &plain));
        assert_eq!(unpacked(twice, "GZIP , br").unwrap(), plain);
        assert_eq!(unpacked(plain.clone(), "identity").unwrap(), plain);
        assert_eq!(unpacked(Vec::new(), "gzip").unwrap(), b"");
    }

    fn noise() -> Vec<u8> {
        (0..20_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
    }

    #[test]
    fn cut_short_is_broken_and_of_a_refusal_enough() {
        let plain = noise();
        for (form, name) in FORMS {
            let mut body = packed(form, &plain);
            body.truncate(body.len() / 2);
            assert_eq!(unpacked(body.clone(), name).unwrap_err().kind, Kind::Broken, "{form}");
            let some = unpacked_within(body, name, Limit { lenient: true, ..STRICT }).unwrap();
            assert!(plain.starts_with(&some), "{form}");
        }
    }

    #[test]
    fn bombs_are_too_large() {
        let zeros = vec![0u8; 65 << 20];
        for (form, name) in FORMS {
            let bomb = packed(form, &zeros);
            assert!(bomb.len() < 1 << 20, "{form} is no bomb");
            assert_eq!(unpacked(bomb, name).unwrap_err().kind, Kind::TooLarge, "{form}");
            let nested = packed("zstd", &packed(form, &zeros));
            assert_eq!(
                unpacked(nested, &format!("{name}, zstd")).unwrap_err().kind,
                Kind::TooLarge,
                "{form}"
            );
        }
    }

    #[test]
    fn codings_not_asked_for_are_broken() {
        assert_eq!(unpacked(b"x".to_vec(), "compress").unwrap_err().kind, Kind::Broken);
        assert_eq!(unpacked(b"x".to_vec(), "gzip, gzip, gzip").unwrap_err().kind, Kind::Broken);
        assert!(unpacked(b"x".to_vec(), &"x".repeat(100_000)).unwrap_err().message.len() < 200);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400), form in 0..5usize) {
            let _ = unpacked(body, FORMS[form].1);
        }
    }
}
