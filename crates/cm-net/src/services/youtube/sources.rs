//! What can be read of a channel. In: what stands after the account in a SOURCE. Out: whose comments are meant.

use crate::services::Trouble;
use crate::services::asked::Asked;

/// For people.
pub(super) const OFFERS: &[&str] = &["comments", "comments?video=ID"];

/// Whose comments: the filter of `commentThreads.list`.
pub(super) fn filter(what: &str, channel: Option<&str>) -> Result<(&'static str, String), Trouble> {
    let asked = Asked::of(what);
    if asked.parts() != ["comments"] {
        let why = match asked.parts()[..] {
            ["held"] => {
                "held comments are told to an OAuth login only, an API key is none: YouTube Studio has them"
            }
            _ => return Err(asked.unknown(OFFERS)),
        };
        return Err(Trouble::Refused(why.to_owned()));
    }
    asked.only(&["video"])?;
    match (asked.get("video"), channel) {
        (Some(video), _) if video.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) => {
            Ok(("videoId", video.to_owned()))
        }
        (Some(video), _) => Err(Trouble::Refused(format!("{video:?} is no id of a video"))),
        (None, Some(channel)) => Ok(("allThreadsRelatedToChannelId", channel.to_owned())),
        (None, None) => {
            Err(Trouble::Refused("whose comments? give the channel's id (UC...) as user".to_owned()))
        }
    }
}

/// See `Read::is_stream`: a video's comments come whole.
pub(super) fn is_stream(what: &str) -> bool {
    Asked::of(what).get("video").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        assert_eq!(filter("comments", Some("UCx")), Ok(("allThreadsRelatedToChannelId", "UCx".to_owned())));
        assert_eq!(filter("comments?video=a_-9", None), Ok(("videoId", "a_-9".to_owned())));
        assert!(is_stream("comments") && !is_stream("comments?video=x"));
        let why = |what| filter(what, None).unwrap_err().to_string();
        assert!(
            why("comments").contains("UC...")
                && why("held").contains("OAuth")
                && why("x").contains("comments?video=ID")
        );
        assert!(why("comments?video=a/b").contains("no id of a video"));
    }
}
