//! A server that does what no server should, by the path it is asked for. It answers on every address of this machine, so
//! that hundreds of hosts can be played. Documented: HTTP/1.1 framing (RFC 9112). Assumed: nothing.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

/// What is done, and a piece of the line that tells it.
pub const MISCHIEF: [(&str, &str); 36] = [
    ("drip/head", "no answer within"),
    ("drip/status", "no answer within"),
    ("drip/body", "slower than"),
    ("drip/chunks", "slower than"),
    ("silence", "no answer within"),
    ("bomb/gzip", "decompresses to more than"),
    ("bomb/deflate", "decompresses to more than"),
    ("bomb/br", "decompresses to more than"),
    ("bomb/zstd", "decompresses to more than"),
    ("bomb/gzip,gzip", "decompresses to more than"),
    ("bomb/br,zstd", "decompresses to more than"),
    ("bomb/zstd,br", "decompresses to more than"),
    ("coded/gzip,gzip,gzip", "encoded 3 times over"),
    ("coded/compress", "which was not asked for"),
    ("coded/gzip", "its gzip encoding is damaged"),
    ("coded/br", "its br encoding is damaged"),
    ("coded/zstd", "its zstd encoding is damaged"),
    ("gigabyte/said", "larger than"),
    ("gigabyte/unsaid", "larger than"),
    ("gigabyte/chunked", "larger than"),
    ("gigabyte/gzip", "larger than"),
    ("redirect/endless", "more than 5 redirects"),
    ("redirect/circle", "more than 5 redirects"),
    ("redirect/file", "redirected to a file address"),
    ("redirect/nowhere", "redirected to nowhere"),
    ("cut/length", "cut off"),
    ("cut/chunk", "cut off"),
    ("cut/head", "cut off"),
    ("lie/huge", "not HTTP"),
    ("lie/two", "not HTTP"),
    ("garbage/chunks", "cut off or is not HTTP"),
    ("garbage/ssh", "not HTTP"),
    ("garbage/http09", "not HTTP"),
    ("head/many", "not HTTP"),
    ("head/long", "not HTTP"),
    ("head/endless", "not HTTP"),
];

/// A running server; it stops with the process.
pub struct Villain {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Villain {
    pub fn start() -> Villain {
        LazyLock::force(&BOMBS);
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<String>>>::default());
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                // Whoever has had enough of us closes: that is what is tested.
                std::thread::spawn(move || answer(stream, &log));
            }
        });
        Villain { port, asked }
    }

    /// Host and path of every request.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, log: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut host) = (String::new(), String::new());
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(name) = line.to_lowercase().strip_prefix("host: ") {
            host = name.trim_end().to_owned();
        }
    }
    log.lock().unwrap().push(format!("{host}/{path}"));
    let (kind, what) = path.split_once('/').unwrap_or((&path, ""));
    act(kind, what, stream)
}

fn act(kind: &str, what: &str, mut out: TcpStream) -> io::Result<()> {
    match kind {
        "feed" => reply(&mut out, "", &feed(what.parse().unwrap())),
        "bomb" => reply(&mut out, &format!("Content-Encoding: {what}\r\n"), bomb(what)),
        "coded" => reply(&mut out, &format!("Content-Encoding: {what}\r\n"), &[0x55; 3000]),
        "gigabyte" => pour(what, &mut out),
        "drip" => drip(what, &mut out),
        "redirect" => redirect(what, &mut out),
        "cut" => cut(what, &mut out),
        "lie" => lie(what, &mut out),
        "garbage" => garbage(what, &mut out),
        "head" => head(what, &mut out),
        "silence" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        _ => reply(&mut out, "", b"harmless"),
    }
}

fn reply(out: &mut TcpStream, headers: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    write!(out, "HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    out.write_all(body)
}

/// A feed of about that many bytes that is as it should be.
pub fn feed(bytes: usize) -> Vec<u8> {
    let text = "Good morning, community. ".repeat(160);
    let mut feed = b"<rss version=\"2.0\"><channel><title>Big</title>".to_vec();
    for n in 0.. {
        if feed.len() + text.len() + 200 > bytes {
            break;
        }
        let item =
            format!("<item><guid>{n}</guid><title>Item {n}</title><description>{text}</description></item>");
        feed.extend_from_slice(item.as_bytes());
    }
    feed.extend_from_slice(b"</channel></rss>");
    feed
}

static BOMBS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let layered = |names: &'static str| {
        let zeros = vec![0u8; 70 << 20];
        (names, names.split(',').fold(zeros, |plain, name| packed(name, &plain)))
    };
    ["gzip", "deflate", "br", "zstd", "gzip,gzip", "br,zstd", "zstd,br"].map(layered).into()
});

fn bomb(what: &str) -> &'static [u8] {
    &BOMBS.iter().find(|(name, _)| *name == what).unwrap().1
}

fn packed(coding: &str, plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let fast = flate2::Compression::fast();
    let mut coder: Box<dyn Read> = match coding {
        "gzip" => Box::new(flate2::read::GzEncoder::new(plain, fast)),
        "deflate" => Box::new(flate2::read::ZlibEncoder::new(plain, fast)),
        // The largest window that is allowed.
        "br" => Box::new(brotli::CompressorReader::new(plain, 1 << 16, 2, 24)),
        _ => {
            let mut coder = zstd::stream::read::Encoder::new(plain, 3).unwrap();
            coder.window_log(23).unwrap();
            Box::new(coder)
        }
    };
    coder.read_to_end(&mut packed).unwrap();
    packed
}

fn pour(what: &str, out: &mut TcpStream) -> io::Result<()> {
    let how = match what {
        "said" => "Content-Length: 1073741824\r\n",
        "chunked" => "Transfer-Encoding: chunked\r\n",
        "gzip" => "Content-Encoding: gzip\r\n",
        _ => "",
    };
    write!(out, "HTTP/1.1 200 OK\r\n{how}Connection: close\r\n\r\n")?;
    let part = vec![b'x'; 1 << 16];
    for _ in 0..16_384 {
        if what == "chunked" {
            write!(out, "{:x}\r\n", part.len())?;
        }
        out.write_all(&part)?;
        if what == "chunked" {
            out.write_all(b"\r\n")?;
        }
    }
    panic!("a gigabyte was taken");
}

fn drip(what: &str, out: &mut TcpStream) -> io::Result<()> {
    let (start, drop): (&[u8], &[u8]) = match what {
        "status" => (b"HTT", b""),
        "head" => (b"HTTP/1.1 200 OK\r\nX-", b"a"),
        "chunks" => (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        _ => (b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
    };
    out.write_all(start)?;
    loop {
        out.write_all(drop)?;
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn redirect(what: &str, out: &mut TcpStream) -> io::Result<()> {
    let to = match what.split_once("to=") {
        Some((_, to)) => format!("Location: {to}\r\n"),
        None => match what {
            "circle" => "Location: /redirect/circle\r\n".to_owned(),
            "file" => "Location: file:///etc/passwd\r\n".to_owned(),
            "nowhere" => String::new(),
            endless => format!("Location: /redirect/{endless}x\r\n"),
        },
    };
    write!(out, "HTTP/1.1 302 Found\r\n{to}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

fn cut(what: &str, out: &mut TcpStream) -> io::Result<()> {
    match what {
        "length" => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<rss><channel><item><title>a")
        }
        "chunk" => {
            write!(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n50\r\n<ch")
        }
        _ => write!(out, "HTTP/1.1 200 OK\r\nContent-Ty"),
    }
}

fn lie(what: &str, out: &mut TcpStream) -> io::Result<()> {
    let length = match what {
        "huge" => "Content-Length: 18446744073709551614\r\n",
        _ => "Content-Length: 5\r\nContent-Length: 12\r\n",
    };
    write!(out, "HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n<rss></rss>!")
}

fn garbage(what: &str, out: &mut TcpStream) -> io::Result<()> {
    match what {
        "chunks" => {
            write!(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n<rss></rss>\r\n")
        }
        "ssh" => write!(out, "SSH-2.0-OpenSSH_9.2\r\n"),
        _ => out.write_all(&feed(2000)),
    }
}

fn head(what: &str, out: &mut TcpStream) -> io::Result<()> {
    write!(out, "HTTP/1.1 200 OK\r\n")?;
    match what {
        "many" => {
            (0..100_000).try_for_each(|n| write!(out, "X-{n}: a\r\n"))?;
            write!(out, "\r\n")
        }
        "long" => {
            write!(out, "X: {}\r\n\r\n", "a".repeat(1 << 20))
        }
        _ => {
            let part = vec![b'a'; 1 << 16];
            for _ in 0..16_384 {
                out.write_all(&part)?;
            }
            panic!("a gigabyte of headers was taken");
        }
    }
}
