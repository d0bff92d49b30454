//! What a request carries, and whether it has left.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// A body that leaves word when it is taken up: from then on nobody can say that it was not sent. It can be taken once, so
/// that nobody repeats it behind our back.
pub(crate) struct Sent {
    bytes: Option<Bytes>,
    taken: Arc<AtomicBool>,
}

impl Sent {
    /// One that sets `taken` when it leaves.
    pub(crate) fn new(bytes: Bytes, taken: &Arc<AtomicBool>) -> Sent {
        Sent { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), taken: Arc::clone(taken) }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut();
        let bytes = body.bytes.take();
        if bytes.is_some() {
            body.taken.store(true, Ordering::SeqCst);
        }
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
