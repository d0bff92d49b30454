//! A line of a log that is JSON: Caddy's access log, Cloudflare's Logpush (`http_requests`) and Netlify's log drains
//! (`traffic`). In: a line. Out: the same parts as of any other log.

use crate::access_log::Entry;
use chrono::DateTime;
use serde_json::Value;
use std::borrow::Cow;

/// Reads a line; `None` when it is of none of these.
pub(crate) fn parse(line: &str) -> Option<Entry<'static>> {
    let value: Value = serde_json::from_str(line).ok()?;
    caddy(&value).or_else(|| cloudflare(&value)).or_else(|| netlify(&value))
}

/// <https://caddyserver.com/docs/caddyfile/directives/log>: `client_ip` is the one behind trusted proxies.
fn caddy(value: &Value) -> Option<Entry<'static>> {
    let request = value.get("request")?;
    let header = |name: &str| {
        let headers = request.get("headers")?;
        let value = headers.get(name).or_else(|| headers.get(name.to_ascii_lowercase()))?;
        value.get(0).and_then(Value::as_str).map(str::to_owned)
    };
    let client = text(request, "client_ip").or_else(|| text(request, "remote_ip"));
    Some(Entry {
        host: text(request, "host").map(Cow::Owned),
        address: client?.into(),
        at_ms: instant(value.get("ts")?)?,
        method: text(request, "method")?.into(),
        target: text(request, "uri")?.into(),
        status: status(value.get("status")?)?,
        referrer: header("Referer").unwrap_or_default().into(),
        agent: Some(header("User-Agent").unwrap_or_default().into()),
        forwarded: None,
    })
}

/// <https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/>
fn cloudflare(value: &Value) -> Option<Entry<'static>> {
    Some(Entry {
        host: text(value, "ClientRequestHost").map(Cow::Owned),
        address: text(value, "ClientIP")?.into(),
        at_ms: instant(value.get("EdgeStartTimestamp")?)?,
        method: text(value, "ClientRequestMethod")?.into(),
        target: text(value, "ClientRequestURI").or_else(|| text(value, "ClientRequestPath"))?.into(),
        status: status(value.get("EdgeResponseStatus")?)?,
        referrer: text(value, "ClientRequestReferer").unwrap_or_default().into(),
        // A field that was not asked for is missing; one that the visitor did not send is empty.
        agent: text(value, "ClientRequestUserAgent").map(Cow::Owned),
        forwarded: None,
    })
}

/// <https://docs.netlify.com/manage/monitoring/log-drains/>
fn netlify(value: &Value) -> Option<Entry<'static>> {
    let url = text(value, "url")?;
    let target = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => url,
    };
    Some(Entry {
        host: text(value, "domain").map(Cow::Owned),
        address: text(value, "client_ip")?.into(),
        at_ms: instant(value.get("timestamp")?)?,
        method: text(value, "method")?.into(),
        target: target.into(),
        status: status(value.get("status_code")?)?,
        referrer: text(value, "referrer").unwrap_or_default().into(),
        agent: text(value, "user_agent").map(Cow::Owned),
        forwarded: None,
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn status(value: &Value) -> Option<u16> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u16::try_from(number).ok().filter(|status| *status < 1000)
}

/// RFC 3339, or a number of seconds, ms, µs or ns since 1970, told apart by its size. Between 2001 and 2286.
fn instant(value: &Value) -> Option<i64> {
    if let Some(text) = value.as_str() {
        return DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
    }
    let mut number = value.as_f64().filter(|number| (1e9..1e19).contains(number))?;
    while number >= 1e10 {
        number /= 1000.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 10^13")]
    let ms = (number * 1000.0).round() as i64;
    (number >= 1e9).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CADDY: &str = r#"{"level":"info","ts":1795162502.25,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.0.0.1","remote_port":"41342","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"go.acme.example","uri":"/k7qmtd?x=1","headers":{"User-Agent":["curl/8.5.0"],"Referer":["https://t.co/x"]}},"status":302}"#;
    const CLOUDFLARE: &str = r#"{"ClientIP":"192.0.2.7","ClientRequestHost":"go.acme.example","ClientRequestMethod":"GET","ClientRequestURI":"/k7qmtd?x=1","ClientRequestReferer":"https://t.co/x","ClientRequestUserAgent":"curl/8.5.0","EdgeResponseStatus":302,"EdgeStartTimestamp":"2026-11-20T08:15:02.25Z"}"#;
    const NETLIFY: &str = r#"{"account_id":"a","client_ip":"192.0.2.7","domain":"go.acme.example","log_type":"traffic","method":"GET","referrer":"https://t.co/x","status_code":302,"timestamp":"2026-11-20T08:15:02.250Z","url":"https://go.acme.example/k7qmtd?x=1","user_agent":"curl/8.5.0"}"#;

    #[test]
    fn three_kinds_tell_the_same() {
        let caddy = parse(CADDY).unwrap();
        assert_eq!((caddy.at_ms, caddy.path(), caddy.status), (1_795_162_502_250, "/k7qmtd", 302));
        assert_eq!((caddy.address.as_ref(), caddy.agent.as_deref()), ("192.0.2.7", Some("curl/8.5.0")));
        assert_eq!(parse(CLOUDFLARE).unwrap(), caddy);
        assert_eq!(parse(NETLIFY).unwrap(), caddy);
        for number in ["1795162502250000000", "1795162502250", "1795162502.25"] {
            let line = CLOUDFLARE.replace("\"2026-11-20T08:15:02.25Z\"", number);
            assert_eq!(parse(&line).unwrap().at_ms, 1_795_162_502_250, "{number}");
        }
    }

    #[test]
    fn other_json_is_none() {
        for line in [
            "{}",
            "[]",
            "1",
            "{\"id\":\"x\"}",
            "{\"request\":{}}",
            &CADDY[..80],
            "{\"url\":\"x\",\"client_ip\":1}",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_json_is_answered(ts in "[0-9.eE+-]{1,25}", status in "[0-9-]{1,6}", uri in "[ -~&&[^\"\\\\]]{0,30}") {
            let line = CADDY.replace("1795162502.25", &ts).replace(":302", &format!(":{status}")).replace("/k7qmtd?x=1", &uri);
            if let Some(entry) = parse(&line) {
                let _ = (entry.path().len(), entry.query().len());
            }
        }
    }
}
