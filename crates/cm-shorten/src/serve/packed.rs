//! A link as the arena keeps it: where it leads, how it redirects and when it ends, in few bytes.

use crate::rows::Route;
use crate::target;
use hyper::StatusCode;
use hyper::header::HeaderValue;

/// The statuses of redirects; their places are kept.
const STATUSES: [StatusCode; 4] = [
    StatusCode::FOUND,
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::TEMPORARY_REDIRECT,
    StatusCode::PERMANENT_REDIRECT,
];
/// What follows the first byte.
const MAX_AGE: u8 = 4;
const EXPIRES: u8 = 8;
const MAX_CLICKS: u8 = 16;
const FALLBACK: u8 = 32;

/// A link as it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The `Location`.
    pub location: HeaderValue,
    /// 301, 302, 307 or 308.
    pub status: StatusCode,
    /// Seconds that browsers may keep it.
    pub max_age: u32,
    /// When it ends, ms.
    pub expires_ms: Option<i64>,
    /// After how many people's clicks it ends.
    pub max_clicks: Option<u64>,
    /// Where it leads then.
    pub fallback: Option<HeaderValue>,
}

/// A link for memory; `None` for one whose target cannot be written into a header, which none that we made is.
pub fn pack(route: &Route) -> Option<Vec<u8>> {
    let location = target::location(&route.target)?;
    let status = route.status.and_then(|status| STATUSES.iter().position(|known| *known == status));
    let mut packed = vec![u8::try_from(status.unwrap_or(0)).ok()?];
    let mut put = |flag: u8, bytes: &[u8]| {
        packed[0] |= flag;
        packed.extend_from_slice(bytes);
    };
    if let Some(seconds) = route.max_age {
        put(MAX_AGE, &seconds.to_le_bytes());
    }
    if let Some(at_ms) = route.expires_ms {
        put(EXPIRES, &at_ms.to_le_bytes());
    }
    if let Some(most) = route.max_clicks {
        put(MAX_CLICKS, &most.to_le_bytes());
    }
    if let Some(fallback) = route.fallback.as_deref().and_then(target::location) {
        put(FALLBACK, &u16::try_from(fallback.len()).ok()?.to_le_bytes());
        put(FALLBACK, fallback.as_bytes());
    }
    packed.extend_from_slice(location.as_bytes());
    Some(packed)
}

/// What was packed.
pub fn unpack(packed: &[u8]) -> Option<Entry> {
    let (flags, mut rest) = packed.split_first()?;
    let max_age = take(flags & MAX_AGE, &mut rest)?.map_or(0, u32::from_le_bytes);
    let expires_ms = take(flags & EXPIRES, &mut rest)?.map(i64::from_le_bytes);
    let max_clicks = take(flags & MAX_CLICKS, &mut rest)?.map(u64::from_le_bytes);
    let fallback = match take(flags & FALLBACK, &mut rest)?.map(u16::from_le_bytes) {
        Some(long) => {
            let (fallback, after) = rest.split_at_checked(usize::from(long))?;
            rest = after;
            Some(HeaderValue::from_bytes(fallback).ok()?)
        }
        None => None,
    };
    Some(Entry {
        location: HeaderValue::from_bytes(rest).ok()?,
        status: STATUSES[usize::from(flags & 3)],
        max_age,
        expires_ms,
        max_clicks,
        fallback,
    })
}

/// The next `N` bytes, if they are there by the flag; the outer `None` is for bytes that nobody packed.
fn take<const N: usize>(flag: u8, rest: &mut &[u8]) -> Option<Option<[u8; N]>> {
    if flag == 0 {
        return Some(None);
    }
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(Some(*taken))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn route(target: &str) -> Route {
        Route {
            code: "k".into(),
            target: target.into(),
            expires_ms: None,
            max_clicks: None,
            fallback: None,
            status: None,
            max_age: None,
        }
    }

    #[test]
    fn a_plain_link_takes_one_byte_more_than_its_target() {
        let packed = pack(&route("https://a.example/x")).unwrap();
        assert_eq!(packed.len(), 20);
        let entry = unpack(&packed).unwrap();
        assert_eq!(
            (entry.location.as_bytes(), entry.status.as_u16(), entry.max_age),
            (&b"https://a.example/x"[..], 302, 0)
        );
        assert_eq!((pack(&route("nonsense")), unpack(b"")), (None, None));
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out(
            expires_ms: Option<i64>, max_clicks: Option<u64>, max_age: Option<u32>,
            status in prop::sample::select(vec![None, Some(301), Some(302), Some(307), Some(308)]),
            fallback in prop::option::of("https://b\\.example/[a-z]{0,9}"), path in "[a-z]{0,9}",
        ) {
            let target = format!("https://a.example/{path}");
            let route = Route { expires_ms, max_clicks, max_age, status, fallback: fallback.clone(), ..route(&target) };
            let entry = unpack(&pack(&route).unwrap()).unwrap();
            prop_assert_eq!(entry.location.to_str().unwrap(), target);
            prop_assert_eq!((entry.expires_ms, entry.max_clicks, entry.max_age), (expires_ms, max_clicks, max_age.unwrap_or(0)));
            prop_assert_eq!(entry.status.as_u16(), status.unwrap_or(302));
            prop_assert_eq!(entry.fallback.map(|value| value.to_str().unwrap().to_owned()), fallback);
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack(&bytes);
        }
    }
}
