//! is.gd. Documented: the error codes and the members of answers. Assumed: that failures of the JSON format come with
//! 200, and that the same target gives the same link.

use super::{Answer, Service, form, json, path};
use crate::server::Asked;
use serde_json::json;

#[derive(Default)]
pub struct IsGd {
    /// Name and target.
    pub rows: Vec<(String, String)>,
}

fn failed(code: u64, message: &str) -> Answer {
    json(200, &json!({"errorcode": code, "errormessage": message}))
}

impl Service for IsGd {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let form = form(asked);
        let wished = form.get("shorturl").cloned();
        match path(asked) {
            "forward.php" => match self.rows.iter().find(|(name, _)| Some(name) == wished.as_ref()) {
                Some((_, url)) => json(200, &json!({"url": url})),
                None => failed(1, "Sorry, that shortened URL does not exist"),
            },
            "create.php" => {
                let url = form["url"].clone();
                let old = self.rows.iter().find(|(_, target)| *target == url && wished.is_none());
                if let Some((name, _)) = old {
                    return json(200, &json!({"shorturl": format!("https://is.gd/{name}")}));
                }
                let name = wished.unwrap_or_else(|| format!("is{}", self.rows.len() + 1));
                if self.rows.iter().any(|(taken, _)| *taken == name) {
                    return failed(2, "The shortened URL you picked already exists, please choose another.");
                }
                self.rows.push((name.clone(), url));
                json(200, &json!({"shorturl": format!("https://is.gd/{name}")}))
            }
            _ => Answer(404, String::new(), Vec::new()),
        }
    }
}
