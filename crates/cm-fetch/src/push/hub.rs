//! What is sent to a hub (WebSub, 5.1: subscriber sends subscription request). In: a subscription and the address under
//! which the hub reaches us. Out: one POST, and what came of it.

use super::LEASE;
use super::subscription::Subscription;
use cm_net::{Client, Request};
use url::Url;

/// How much of an answer is looked at.
const LONGEST_ANSWER: usize = 4 << 10;
/// So often a hub may lead elsewhere.
const MOST_HOPS: usize = 3;

/// Why a hub was not asked, or said no.
pub(crate) struct No {
    /// One line for a person.
    pub(crate) why: String,
    /// It answered.
    pub(crate) reached: bool,
}

/// Asks a hub to begin, to go on or to end. `Ok` means only that it will ask back. A hub that has moved is followed with the
/// same words (307, 308; RFC 9110, 15.4), but not from https to where all can read them.
pub(crate) async fn ask(client: &Client, subscription: &Subscription, callback: &Url) -> Result<(), No> {
    let no = |why: String| No { why, reached: true };
    let mut hub: Url = subscription.hub.parse().map_err(|e| no(format!("the hub's address: {e}")))?;
    for _ in 0..=MOST_HOPS {
        let request = Request::post(hub.clone(), form(subscription, callback));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let sent = client.send(request).await;
        let response = sent.map_err(|error| No { why: format!("its hub: {error}"), reached: false })?;
        let to = response.header("location").and_then(|to| hub.join(to).ok());
        hub = match (response.status, to) {
            (200..=299, _) => return Ok(()),
            (307 | 308, Some(to)) if to.scheme() == "https" || hub.scheme() == "http" => to,
            (status, _) => return Err(no(refusal(subscription, status, &response.body))),
        };
    }
    Err(no("its hub leads from one address to the next".to_owned()))
}

fn refusal(subscription: &Subscription, status: u16, body: &[u8]) -> String {
    let said = String::from_utf8_lossy(&body[..body.len().min(LONGEST_ANSWER)]);
    let said = subscription.said(&said, 100);
    let says = if said.is_empty() || said.starts_with('<') { String::new() } else { format!(": {said}") };
    format!("its hub answered {status}{says}")
}

fn form(subscription: &Subscription, callback: &Url) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("hub.callback", subscription.callback(callback).as_str())
        .append_pair("hub.mode", if subscription.leaving { "unsubscribe" } else { "subscribe" })
        .append_pair("hub.topic", &subscription.topic)
        // Older hubs want to be told how to ask back; WebSub's ignore it.
        .append_pair("hub.verify", "async");
    if !subscription.leaving {
        form.append_pair("hub.lease_seconds", &LEASE.num_seconds().to_string());
        if let Some(secret) = &subscription.secret {
            form.append_pair("hub.secret", secret);
        }
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_what_is_wanted() {
        let callback: Url = "https://cm.example/push/".parse().unwrap();
        let subscription = Subscription {
            topic: "https://a.example/feed".into(),
            hub: "https://hub.example/".into(),
            token: "abc".into(),
            secret: Some("hush".into()),
            ..Subscription::default()
        };
        assert_eq!(
            form(&subscription, &callback),
            "hub.callback=https%3A%2F%2Fcm.example%2Fpush%2Fabc&hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2Ffeed\
             &hub.verify=async&hub.lease_seconds=864000&hub.secret=hush"
        );
        let leaving = form(&Subscription { leaving: true, ..subscription }, &callback);
        assert!(leaving.contains("hub.mode=unsubscribe") && !leaving.contains("hush"), "{leaving}");
    }
}
