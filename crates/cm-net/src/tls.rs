//! TLS with the system's root certificates, loaded by the first address that needs them, so that http works without.

use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, OnceLock};

/// What TLS connections are made with.
#[derive(Default)]
pub(crate) struct Tls {
    configs: OnceLock<Option<Configs>>,
}

struct Configs {
    either: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
}

impl Tls {
    /// How to offer HTTP/2 and HTTP/1.1, or only the latter. `None`: the system has no roots.
    pub(crate) fn config(&self, http1: bool) -> Option<Arc<ClientConfig>> {
        let configs = self.configs.get_or_init(configs).as_ref()?;
        Some(Arc::clone(if http1 { &configs.http1 } else { &configs.either }))
    }
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR`, else where the system keeps its roots.
fn configs() -> Option<Configs> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return None;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let mut http1 = builder.with_root_certificates(roots).with_no_client_auth();
    http1.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut either = http1.clone();
    either.alpn_protocols.insert(0, b"h2".to_vec());
    Some(Configs { either: Arc::new(either), http1: Arc::new(http1) })
}
