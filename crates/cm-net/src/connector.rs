//! Connections: to a host itself, past the guard, or to the proxy that carries to it; with TLS where the address asks.
//! In: an address. Out: a stream that the HTTP library speaks on.

use crate::guard::Resolver;
use crate::proxy::Proxy;
use crate::tls::Tls;
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

type Failure = Box<dyn StdError + Send + Sync>;
type Connecting = Pin<Box<dyn Future<Output = Result<Conn, Failure>> + Send>>;

/// No connection was there in time.
#[derive(Debug)]
pub(crate) struct Late;

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection in time")
    }
}

impl StdError for Late {}

/// Makes connections along one way; cheap to clone.
#[derive(Clone)]
pub(crate) struct Connector {
    dial: Dial,
    proxy: Option<Proxy>,
    http1: bool,
    timeout: Duration,
}

impl Connector {
    /// Straight to hosts with a resolver that guards them or, with a proxy, to that one. `http1`: HTTP/2 is not offered.
    pub(crate) fn new(
        proxy: Option<Proxy>,
        guarded: bool,
        http1: bool,
        tls: Arc<Tls>,
        timeout: Duration,
    ) -> Connector {
        // What a proxy may reach it decides itself, and its own address is the user's word.
        let mut tcp = HttpConnector::new_with_resolver(Resolver { guarded: guarded && proxy.is_none() });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        Connector { dial: Dial { tcp, tls }, proxy, http1, timeout }
    }

    async fn connect(mut self, to: Uri) -> Result<Conn, Failure> {
        let secure = to.scheme_str() == Some("https");
        match self.proxy {
            None => self.dial.reach(to, secure, self.http1).await,
            Some(proxy) if secure => {
                let tls = Arc::clone(&self.dial.tls);
                let tunnel = Tunnel::new(proxy.uri().clone(), self.dial);
                let mut tunnel = match proxy.authorization() {
                    Some(authorization) => tunnel.with_auth(authorization.clone()),
                    None => tunnel,
                };
                let conn = tunnel.call(to.clone()).await?;
                secured(&tls, conn, &to, self.http1).await
            }
            Some(proxy) => {
                let conn = self.dial.call(proxy.uri().clone()).await?;
                Ok(Conn { proxied: true, ..conn })
            }
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Conn;
    type Error = Failure;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Connecting {
        let connecting = tokio::time::timeout(self.timeout, self.clone().connect(to));
        Box::pin(async move { connecting.await.unwrap_or_else(|_| Err(Late.into())) })
    }
}

/// Reaches whoever is connected to first: the host or the proxy.
#[derive(Clone)]
struct Dial {
    tcp: HttpConnector<Resolver>,
    tls: Arc<Tls>,
}

impl Dial {
    async fn reach(&mut self, to: Uri, secure: bool, http1: bool) -> Result<Conn, Failure> {
        let stream = self.tcp.call(to.clone()).await?;
        let conn = Conn { io: Io::Plain(stream), proxied: false };
        if secure { secured(&self.tls, conn, &to, http1).await } else { Ok(conn) }
    }
}

/// To a proxy; HTTP/1.1 is spoken with it in any case.
impl Service<Uri> for Dial {
    type Response = Conn;
    type Error = Failure;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Connecting {
        let (mut dial, secure) = (self.clone(), to.scheme_str() == Some("https"));
        Box::pin(async move { dial.reach(to, secure, true).await })
    }
}

async fn secured(tls: &Tls, conn: Conn, to: &Uri, http1: bool) -> Result<Conn, Failure> {
    let config = tls.config(http1).ok_or_else(|| io::Error::other("no root certificates"))?;
    let host = to.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    let proxied = conn.proxied;
    let stream = TlsConnector::from(config).connect(name, TokioIo::new(conn)).await?;
    Ok(Conn { io: Io::Tls(Box::new(TokioIo::new(stream))), proxied })
}

/// A connection.
pub(crate) struct Conn {
    io: Io,
    /// By a proxy that is to be asked for whole addresses.
    proxied: bool,
}

enum Io {
    Plain(TokioIo<TcpStream>),
    Tls(Box<TokioIo<TlsStream<TokioIo<Conn>>>>),
}

impl Connection for Conn {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.proxied);
        match &self.io {
            Io::Tls(stream) if stream.inner().get_ref().1.alpn_protocol() == Some(b"h2") => {
                connected.negotiated_h2()
            }
            _ => connected,
        }
    }
}

impl Read for Conn {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().io {
            Io::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_read(cx, buf),
        }
    }
}

impl Write for Conn {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().io {
            Io::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().io {
            Io::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().io {
            Io::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(cx),
        }
    }
}
