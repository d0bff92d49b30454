//! A body as it comes: at a pace, within bounds, without its codings at the end.
//! In: an answer whose head has come. Out: its body, or `Timeout`, `TooLarge` or `Broken`.

use crate::client::{Options, Pace};
use crate::coding::{self, Limit};
use crate::spill::{Body, Budget, Sink};
use crate::transport::{Lane, Lanes};
use crate::workshop::Workshop;
use crate::{Error, Kind};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Of a refusal's words so much is kept, whatever the limits: they are looked at for a reason and shown.
const REFUSAL: usize = 256 << 10;

/// What the bodies of one client share.
pub(crate) struct Room {
    budget: Arc<Budget>,
    workshop: Workshop,
    pub(crate) lanes: Lanes,
}

impl Room {
    /// For so many bytes in memory.
    pub(crate) fn new(bytes: usize) -> Room {
        Room { budget: Budget::new(bytes), workshop: Workshop::default(), lanes: Lanes::new() }
    }
}

/// How much of an answer is taken, and until when.
#[derive(Clone)]
pub(crate) struct Bounds<'a> {
    coded: usize,
    plain: Limit,
    pace: &'a Pace,
    until: Instant,
}

impl Bounds<'_> {
    /// For an answer of at most so many bytes without its codings.
    pub(crate) fn new(options: &Options, most: usize, refused: bool, until: Instant) -> Bounds<'_> {
        let (coded, most) =
            if refused { (REFUSAL, REFUSAL) } else { (options.max_compressed.min(most), most) };
        Bounds { coded, plain: Limit { bytes: most, lenient: refused }, pace: &options.pace, until }
    }
}

/// Reads a body to its end.
pub(crate) async fn read(
    answer: &mut reqwest::Body,
    codings: &str,
    bounds: Bounds<'_>,
    room: &Room,
    lane: &mut Lane<'_>,
    shown: &str,
) -> Result<Body, Error> {
    let layers = coding::layers(codings, shown)?;
    let most = if layers.is_empty() { bounds.plain.bytes } else { bounds.coded };
    let body = receive(answer, most, &bounds, room, lane, shown).await?;
    match layers.is_empty() || body.is_empty() {
        true => Ok(body),
        false if coding::is_light(&layers, &body) => {
            coding::decode(body, &layers, bounds.plain, &room.budget, shown)
        }
        false => room.workshop.decode(body, layers, bounds.plain, &room.budget, shown).await,
    }
}

/// Reads a body as it is sent, at most `most` bytes of it.
async fn receive(
    answer: &mut reqwest::Body,
    most: usize,
    bounds: &Bounds<'_>,
    room: &Room,
    lane: &mut Lane<'_>,
    shown: &str,
) -> Result<Body, Error> {
    let lenient = bounds.plain.lenient;
    let too_large = || Error::after(Kind::TooLarge, shown, format!("the answer is larger than {most} bytes"));
    if !lenient && answer.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let (mut began, mut until) = (Instant::now(), bounds.until);
    let (mut sink, mut large) = (Sink::new(&room.budget), None);
    sink.expect(answer.size_hint().lower());
    loop {
        if large.is_none() && sink.len() > Lanes::LARGE {
            let waiting = Instant::now();
            large = room.lanes.large().await;
            // Who waits for its turn is not slow.
            (began, until) = (began + waiting.elapsed(), until + waiting.elapsed());
        }
        let left = until.saturating_duration_since(Instant::now());
        let patience = bounds.pace.patience(began, sink.len()).min(left);
        let next = timeout(patience, answer.frame());
        // Whoever has a place among the large ones is not put among the slow besides.
        let next = if large.is_none() { lane.wait(next).await } else { next.await };
        let next =
            next.map_err(|_| Error::after(Kind::Timeout, shown, bounds.pace.complaint(patience == left)))?;
        let Some(frame) = next else { break };
        // Trailers are not looked at.
        let Ok(chunk) = frame.map_err(|e| Error::broken(&e, shown))?.into_data() else { continue };
        if sink.len() + chunk.len() > most {
            if lenient {
                break;
            }
            return Err(too_large());
        }
        sink.write_all(&chunk).map_err(|e| Error::disk(shown, &e))?;
    }
    Ok(sink.finish())
}

impl Pace {
    /// How long the next bytes of a body may take that began then and has come so far.
    fn patience(&self, began: Instant, come: usize) -> Duration {
        let earned = Duration::from_secs(come as u64 / self.bytes_per_second.max(1));
        (self.grace + earned).saturating_sub(began.elapsed()).min(self.idle)
    }

    fn complaint(&self, at_the_end: bool) -> String {
        match at_the_end {
            true => "no whole answer in time".to_owned(),
            false => format!("its answer comes slower than {} bytes a second", self.bytes_per_second),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_earned_by_bytes_and_ends() {
        let pace = Pace::default();
        let began = Instant::now();
        assert!(pace.patience(began, 0) <= pace.grace);
        assert!(pace.patience(began, 100 << 20) == pace.idle);
        let Some(earlier) = began.checked_sub(pace.grace * 3) else { return };
        assert_eq!(pace.patience(earlier, 1000), Duration::ZERO, "a drip is not enough");
    }
}
