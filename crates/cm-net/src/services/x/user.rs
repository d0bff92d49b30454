//! Who we are there: a number, which lists are asked for by. A handle is looked up once, and what it costs is told; the number
//! is kept where sessions are.

use super::read::Reader;
use super::trouble::{is_free, trouble};
use crate::services::members::{count, name, text, web};
use crate::services::{Item, Money, Page, Person, Trouble, Wanted};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Reader {
    /// Our number.
    pub(super) async fn id(&self, wanted: &Wanted) -> Result<String, Trouble> {
        if self.user.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(self.user.clone());
        }
        let key = format!("{} number", self.name);
        let kept = self.vault.load(&key).map_err(Trouble::Elsewhere)?;
        let kept = kept.and_then(|kept| serde_json::from_str::<Value>(&kept).ok());
        let ours =
            kept.filter(|kept| kept["handle"].as_str().is_some_and(|h| h.eq_ignore_ascii_case(&self.user)));
        if let Some(id) = ours.and_then(|kept| text(&kept["id"])) {
            return Ok(id);
        }
        let answer = self.look(&format!("2/users/by/username/{}", self.user), "", wanted).await?;
        let id = name(&answer["data"]["id"]).filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        let id = id.ok_or_else(|| Trouble::Refused(format!("{} is nobody's handle on X", self.user)))?;
        self.vault
            .save(&key, &json!({"handle": self.user, "id": id}).to_string())
            .map_err(Trouble::Elsewhere)?;
        Ok(id)
    }

    /// Our counts, once a day.
    pub(super) async fn profile(&self, wanted: &Wanted) -> Result<Page, Trouble> {
        let today = self.api.now().date_naive().to_string();
        let mark = Some(today.clone());
        if wanted.mark == mark {
            return Ok(Page { mark, ..Page::default() });
        }
        let id = self.id(wanted).await?;
        let fields = "name,username,description,profile_image_url,public_metrics,created_at";
        let answer = self.look(&format!("2/users/{id}"), fields, wanted).await?;
        let user = &answer["data"];
        let author = person(user);
        let item = Item {
            id: format!("profiles/{id}/{today}"),
            kind: "profile",
            own: true,
            url: author.as_ref().and_then(|author| author.url.clone()),
            author,
            text: text(&user["description"]).or(Some(String::new())),
            published: Some(self.api.now()),
            counts: counts(&user["public_metrics"]),
            ..Item::default()
        };
        Ok(Page { items: vec![item], mark, ..Page::default() })
    }

    /// A user, for money.
    async fn look(&self, path: &str, fields: &str, wanted: &Wanted) -> Result<Value, Trouble> {
        let price = self.costs.of_a_user();
        let taken = self.costs.take(price, &wanted.purse).map_err(Trouble::Elsewhere)?;
        let query = [("user.fields", fields)];
        let query = if fields.is_empty() { &[][..] } else { &query[..] };
        match self.api.api()?.get(path, query).await {
            Ok(answer) if answer.value["data"].is_object() => Ok(answer.value),
            Ok(answer) => {
                taken.put_back(Money(0));
                Err(Trouble::Refused(said(&answer.value, "no such user")))
            }
            Err(fault) => {
                if is_free(&fault) {
                    taken.put_back(Money(0));
                }
                Err(trouble(fault, self.api.now()))
            }
        }
    }
}

/// What is wrong, in X's words: errors come with a status of 200 too.
pub(super) fn said(answer: &Value, otherwise: &str) -> String {
    let error = &answer["errors"][0];
    let words = text(&error["detail"]).or_else(|| text(&error["title"]));
    crate::services::api::words(words.as_deref().unwrap_or(otherwise))
}

/// An author.
pub(super) fn person(user: &Value) -> Option<Person> {
    let handle = text(&user["username"])?;
    Some(Person {
        name: text(&user["name"]),
        url: Some(format!("https://x.com/{handle}")),
        handle: Some(format!("@{handle}")),
        avatar: web(&user["profile_image_url"]),
        followers: count(&user["public_metrics"]["followers_count"]),
    })
}

fn counts(metrics: &Value) -> BTreeMap<String, u64> {
    let names = [
        ("followers", "followers_count"),
        ("following", "following_count"),
        ("posts", "tweet_count"),
        ("listed", "listed_count"),
    ];
    names.into_iter().filter_map(|(ours, theirs)| Some((ours.to_owned(), count(&metrics[theirs])?))).collect()
}
