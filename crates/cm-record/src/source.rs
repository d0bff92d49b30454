//! Where lines come from: standard input, files and folders; gzip and zstd are told by their first bytes.

use crate::InputError;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Any open input, unpacked.
pub(crate) type Stream = Box<dyn Read + Send>;

/// What stands under a name.
pub(crate) enum Opened {
    /// Bytes, and the name for messages.
    Stream(Stream, String),
    /// The record files of a folder, in name order.
    Folder(Vec<PathBuf>),
}

const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// The largest zstd window, 128 MiB: what `zstd --ultra -22` needs. It bounds the memory that a file can ask for.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Opens a file, a folder or `-`.
pub(crate) fn open(path: &Path) -> Result<Opened, InputError> {
    if path == Path::new("-") {
        let file = "stdin".to_owned();
        return match unpack(Box::new(io::stdin())) {
            Ok(stream) => Ok(Opened::Stream(stream, file)),
            Err(error) => Err(read_error(&file, 0, &error)),
        };
    }
    let file = path.display().to_string();
    let opened = if path.is_dir() {
        record_files(path).map(Opened::Folder)
    } else {
        File::open(path).and_then(|f| unpack(Box::new(f))).map(|stream| Opened::Stream(stream, file.clone()))
    };
    opened.map_err(|error| read_error(&file, 0, &error))
}

fn record_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if [".jsonl", ".jsonl.gz", ".jsonl.zst"].iter().any(|end| name.ends_with(end)) && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Looks at the first bytes, no more of them than could still be a magic number, so that a live pipe is not held up.
fn unpack(mut stream: Stream) -> io::Result<Stream> {
    let mut head = Vec::with_capacity(ZSTD.len());
    while head.len() < ZSTD.len() && (GZIP.starts_with(&head) || ZSTD.starts_with(&head)) {
        let mut byte = [0; ZSTD.len()];
        let wanted = ZSTD.len() - head.len();
        match stream.read(&mut byte[..wanted]) {
            Ok(0) => break,
            Ok(n) => head.extend_from_slice(&byte[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let (gzip, zstd) = (head.starts_with(&GZIP), head.starts_with(&ZSTD));
    let whole = Cursor::new(head).chain(stream);
    Ok(if gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(64 << 10, whole)))
    } else if zstd {
        let mut decoder = zstd::stream::read::Decoder::new(whole)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Box::new(decoder)
    } else {
        Box::new(whole)
    })
}

/// Says what happened to an input after so many lines.
pub(crate) fn read_error(file: &str, lines: u64, error: &io::Error) -> InputError {
    let what = match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::UnexpectedEof => format!("the compressed data ends too early, after line {lines}"),
        ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::Other => {
            format!("damaged compressed data after line {lines}: {error}")
        }
        _ => format!("cannot be read after line {lines}: {error}"),
    };
    InputError { file: file.to_owned(), message: what }
}
