//! Bodies: read within bounds, then gzip, deflate, br and zstd taken off within bounds.
//! In: a response and its limits. Out: its bytes, or `TooLarge` or `Broken`.

use crate::client::Options;
use crate::{Error, Kind};
use std::io::{self, Read};

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

/// Reads the body as it is sent, at most `limit` bytes of it.
pub(crate) async fn read(
    answer: &mut reqwest::Response,
    limit: usize,
    shown: &str,
) -> Result<Vec<u8>, Error> {
    let too_large =
        || Error::after(Kind::TooLarge, shown, format!("the answer is larger than {limit} bytes"));
    if answer.content_length().is_some_and(|n| n > limit as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|e| Error::from_http(&e, shown))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Takes the codings of a Content-Encoding header off, the last one first.
pub(crate) fn decode(body: Vec<u8>, codings: &str, options: &Options, shown: &str) -> Result<Vec<u8>, Error> {
    let layers: Vec<String> = codings
        .split(',')
        .map(|c| c.trim().to_ascii_lowercase())
        .filter(|c| !c.is_empty() && c != "identity")
        .collect();
    if layers.len() > MAX_LAYERS {
        return Err(Error::after(Kind::Broken, shown, format!("encoded {} times over", layers.len())));
    }
    // Answers to HEAD, 204 and 304 name a coding and have nothing in it.
    if body.is_empty() {
        return Ok(body);
    }
    layers.iter().rev().try_fold(body, |body, coding| inflate(&body, coding, options.max_body, shown))
}

fn inflate(body: &[u8], coding: &str, limit: usize, shown: &str) -> Result<Vec<u8>, Error> {
    let broken =
        |e: io::Error| Error::after(Kind::Broken, shown, format!("its {coding} encoding is damaged: {e}"));
    let decoder: Box<dyn Read + '_> = match coding {
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(body)),
        // RFC 9110, 8.4.1.2: some servers send the raw format without the zlib wrapper.
        "deflate" if is_zlib(body) => Box::new(flate2::read::ZlibDecoder::new(body)),
        "deflate" => Box::new(flate2::read::DeflateDecoder::new(body)),
        "br" => Box::new(brotli::Decompressor::new(body, 16 << 10)),
        "zstd" => Box::new(zstd_decoder(body).map_err(broken)?),
        _ => {
            let name: String = coding.chars().take(20).collect();
            return Err(Error::after(
                Kind::Broken,
                shown,
                format!("encoded as {name:?}, which was not asked for"),
            ));
        }
    };
    let allowed = limit.min(body.len().saturating_mul(MAX_RATIO).max(RATIO_FROM));
    let mut plain = Vec::new();
    decoder.take(allowed as u64 + 1).read_to_end(&mut plain).map_err(broken)?;
    match plain.len() > allowed {
        true => Err(Error::after(
            Kind::TooLarge,
            shown,
            format!("the answer decompresses to more than {allowed} bytes"),
        )),
        false => Ok(plain),
    }
}

fn zstd_decoder(body: &[u8]) -> io::Result<zstd::stream::read::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
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

    fn unpacked(body: Vec<u8>, codings: &str) -> Result<Vec<u8>, Error> {
        decode(body, codings, &Options::new("test", true), "http://x.example/")
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

    #[test]
    fn cut_short_is_broken() {
        let plain: Vec<u8> =
            (0..20_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        for (form, name) in FORMS {
            let mut body = packed(form, &plain);
            body.truncate(body.len() / 2);
            assert_eq!(unpacked(body, name).unwrap_err().kind, Kind::Broken, "{form}");
        }
    }

    #[test]
    fn bombs_are_too_large() {
        let zeros = vec![0u8; 65 << 20];
        for (form, name) in FORMS {
            let bomb = packed(form, &zeros);
            assert!(bomb.len() < 1 << 20, "{form} is no bomb");
            assert_eq!(unpacked(bomb, name).unwrap_err().kind, Kind::TooLarge, "{form}");
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
