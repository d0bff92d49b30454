//! From a record to what would be posted: one candidate per account, composed, checked and with its exact bytes.

use crate::args::Add;
use crate::compose::{Links, Template, links_in};
use crate::eligible::{Purpose, only_for, purpose};
use crate::outbox::draft;
use crate::services::Services;
use crate::settings::{Channel, Settings};
use crate::tables::New;
use chrono::{DateTime, Utc};
use cm_cli::Failure;
use cm_record::{Item, Meta, Parent, Record, ShortenPart, draft_id, post_id};

/// No text of a post is longer, whatever the network, in bytes.
const LONGEST_TEXT: usize = 256 << 10;

/// A post that could be queued.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub new: New,
    pub channel: Channel,
    /// The exact bytes that would be sent.
    pub body: Vec<u8>,
    /// What people will read, where that is not the text as it stands.
    pub shown: Option<String>,
}

/// Makes candidates as `add` was asked to.
pub(crate) struct Maker<'a> {
    pub args: &'a Add,
    pub settings: &'a Settings,
    pub services: &'a Services<'a>,
    template: Template,
    /// When this run began.
    now: DateTime<Utc>,
}

impl<'a> Maker<'a> {
    /// Fails when the template cannot work.
    pub(crate) fn new(
        args: &'a Add,
        settings: &'a Settings,
        services: &'a Services<'a>,
        now: DateTime<Utc>,
    ) -> Result<Maker<'a>, Failure> {
        Ok(Maker {
            args,
            settings,
            services,
            now,
            template: Template::parse(&args.template).map_err(Failure::usage)?,
        })
    }

    /// One candidate per account, or why that account gets none; the outer error is about the record itself.
    pub(crate) fn candidates(&self, record: &Record) -> Result<Vec<Result<Candidate, String>>, String> {
        let item = record.item()?;
        let shorten: Option<ShortenPart> = record.get("_cm_shorten")?;
        let purpose = purpose(&item, self.args.share_unknown)?;
        let accounts = self.accounts(&item, shorten.as_ref(), &purpose)?;
        Ok(accounts
            .iter()
            .map(|name| self.candidate(record, &item, shorten.as_ref(), &purpose, name))
            .collect())
    }

    /// Those of `--to`; without it a reply or action goes to its parent's account, and anything else to the accounts that
    /// its links were shortened for.
    fn accounts(
        &self,
        item: &Item,
        shorten: Option<&ShortenPart>,
        purpose: &Purpose,
    ) -> Result<Vec<String>, String> {
        if !self.args.to.is_empty() {
            return Ok(self.args.to.clone());
        }
        if matches!(purpose, Purpose::Reply | Purpose::Act(_)) {
            let parent = item.cm.as_ref().and_then(|meta| meta.parent.as_ref());
            let account = parent.map(|parent| parent.account.clone()).filter(|account| !account.is_empty());
            return account.map(|account| vec![account]).ok_or_else(nowhere);
        }
        let mut accounts: Vec<String> = Vec::new();
        for account in shorten.iter().flat_map(|part| &part.links).filter_map(|link| link.account.as_ref()) {
            if !accounts.contains(account) {
                accounts.push(account.clone());
            }
        }
        if accounts.is_empty() { Err(nowhere()) } else { Ok(accounts) }
    }

    fn candidate(
        &self,
        record: &Record,
        item: &Item,
        shorten: Option<&ShortenPart>,
        purpose: &Purpose,
        name: &str,
    ) -> Result<Candidate, String> {
        let channel = self.settings.channel(name).map_err(|e| e.message)?.clone();
        let service = self.services.open(&channel.account).map_err(|e| format!("{e:#}"))?;
        self.refuse_public(item, &channel)?;
        self.refuse_foreign(item, purpose, &channel)?;
        let links = Links::new(shorten, name);
        let text = match purpose {
            Purpose::Share => self.template.fill(item, &links, self.args.campaign.as_deref()),
            // Nothing is said: what text there is may be a stranger's.
            Purpose::Act(_) => String::new(),
            _ => links.replace(item.content_text.as_deref().unwrap_or_default()),
        };
        check(&text, purpose)?;
        let id = post_id(record.id(), name, &purpose_of(record.id(), item, purpose));
        let draft = draft(&id, &text, record.line(), self.now)?;
        let body = service.freeze(&draft).map_err(|why| format!("{name} {why}"))?;
        let meta = item.cm.as_ref();
        let new = New {
            id,
            account: name.to_owned(),
            kind: kind(purpose, meta),
            record_id: record.id().to_owned(),
            record: without_part(record),
            links: serde_json::to_string(&links_in(&text)).map_err(|e| e.to_string())?,
            text,
            in_reply_to: meta.and_then(|meta| meta.in_reply_to.clone()),
            campaign: self.args.campaign.clone(),
        };
        let shown = service.shown(&body);
        Ok(Candidate { new, channel, body, shown })
    }

    /// What is for few people goes only where that is kept, and only when it was asked for.
    fn refuse_public(&self, item: &Item, channel: &Channel) -> Result<(), String> {
        let Some(few) = only_for(item) else { return Ok(()) };
        let name = &channel.account.name;
        if !self.services.keeps_private(&channel.account) {
            return Err(format!(
                "the draft is not for everybody, only for {few}, and what is posted to {name} is: answer by hand"
            ));
        }
        if self.args.private {
            return Ok(());
        }
        Err(format!(
            "the draft is not for everybody, only for {few}: --private sends it to {name} all the same"
        ))
    }

    /// A reference means something only where it was given: another network, or another site of it, would take it for
    /// one of its own.
    fn refuse_foreign(&self, item: &Item, purpose: &Purpose, channel: &Channel) -> Result<(), String> {
        let parent = item.cm.as_ref().and_then(|meta| meta.parent.as_ref());
        let (Purpose::Reply | Purpose::Act(_), Some(parent)) = (purpose, parent) else { return Ok(()) };
        let (from, to) = (parent.account.as_str(), &channel.account);
        let taken_along = self.services.keeps_private(to) || parent.native.is_none();
        if from.is_empty() || from == to.name || taken_along {
            return Ok(());
        }
        let network = |name: &str| name.split_once(':').map(|(network, _)| network.to_owned());
        let known_site = || {
            let site = self.settings.channel(from).ok().and_then(|channel| channel.account.url.clone());
            site.is_some() && site == to.url
        };
        if network(from) == network(&to.name) && (is_everywhere(parent) || known_site()) {
            return Ok(());
        }
        let (what, name) = (purpose.word(), &to.name);
        Err(format!(
            "{what} to {name}: the item came through {from}, and only there it can be answered: leave --to out"
        ))
    }
}

/// Whether a parent's reference is an address, which means the same on every server of its network.
fn is_everywhere(parent: &Parent) -> bool {
    let uri = parent.native.as_ref().and_then(|native| native.get("uri")?.as_str());
    uri.is_some_and(|uri| uri.contains("://"))
}

fn check(text: &str, purpose: &Purpose) -> Result<(), String> {
    if text.trim().is_empty() && !matches!(purpose, Purpose::Act(_)) {
        return Err("there is nothing to say: the text is empty".to_owned());
    }
    if text.len() > LONGEST_TEXT {
        return Err(format!("the text is longer than {LONGEST_TEXT} bytes"));
    }
    Ok(())
}

fn nowhere() -> String {
    "nobody says where to: give --to ACCOUNT".to_owned()
}

/// The record of `-m TEXT`: our own words, from nothing.
pub(crate) fn message(text: &str, campaign: Option<&str>) -> Result<Record, String> {
    let meta = Meta { draft: true, kind: Some("note".to_owned()), ..Meta::default() };
    let item = Item {
        id: draft_id("", campaign.unwrap_or_default(), text),
        content_text: Some(text.to_owned()),
        cm: Some(meta),
        ..Item::default()
    };
    Record::from_item(&item).map_err(|e| e.to_string())
}

/// The purpose in the post's id. A draft's text is part of it: our drafts carry it in their id already, those made by
/// hand may not.
fn purpose_of(record_id: &str, item: &Item, purpose: &Purpose) -> String {
    let word = purpose.word();
    match (&item.content_text, purpose) {
        (Some(text), Purpose::Say | Purpose::Reply) if !record_id.starts_with("urn:cm:draft:") => {
            format!("{word}\u{1f}{text}")
        }
        _ => word.to_owned(),
    }
}

fn kind(purpose: &Purpose, meta: Option<&Meta>) -> &'static str {
    match purpose {
        Purpose::Act(_) => "action",
        Purpose::Reply => "reply",
        Purpose::Share => "share",
        // Words of ours about somebody's item share it, words about nothing are a note.
        Purpose::Say if meta.is_some_and(|meta| meta.parent.is_some()) => "share",
        Purpose::Say => "note",
    }
}

/// The record as it came, without an older part of ours.
fn without_part(record: &Record) -> String {
    let mut record = record.clone();
    record.remove_part("_cm_schedule");
    record.line().trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_made_draft_with_another_text_is_another_post() {
        let item = |text: &str| Item { content_text: Some(text.to_owned()), ..Item::default() };
        let id = |record: &str, text: &str| purpose_of(record, &item(text), &Purpose::Say);
        assert_ne!(id("mine", "a"), id("mine", "b"));
        assert_eq!(id("urn:cm:draft:00", "a"), "share");
        assert_eq!(purpose_of("x", &item("a"), &Purpose::Share), "share");
    }

    /// The golden lines of docs/record.md: a draft with its short link, and the post that it becomes.
    #[test]
    fn the_golden_draft_becomes_the_golden_post() {
        let draft = r#"{"id":"urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f","content_text":"Sorry Ana, fixed now: https://acme.example/shop?id=7","language":"en","_cm":{"version":1,"kind":"reply","draft":true,"in_reply_to":"https://fosstodon.example/users/ana/statuses/113012345678901234","parent":{"id":"https://fosstodon.example/users/ana/statuses/113012345678901234","account":"mastodon:acme","native":{"status":"113012345678901234"}},"audience":"public"},"_cm_shorten":{"at":"2026-08-22T09:31:00Z","links":[{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","tagged_url":"https://acme.example/shop?id=7&utm_source=mastodon&utm_medium=social","short_url":"https://go.acme.example/k7qmtd","code":"k7qmtd","account":"mastodon:acme"}]}}"#;
        let record = Record::parse(draft).unwrap();
        let (item, part) = (record.item().unwrap(), record.get::<ShortenPart>("_cm_shorten").unwrap());
        let purpose = purpose(&item, false).unwrap();
        let id = post_id(record.id(), "mastodon:acme", &purpose_of(record.id(), &item, &purpose));
        assert_eq!(id, "urn:cm:post:7f7f913d611549183e3963d2f11fdcd4");
        let text = Links::new(part.as_ref(), "mastodon:acme").replace(item.content_text.as_deref().unwrap());
        assert_eq!(text, "Sorry Ana, fixed now: https://go.acme.example/k7qmtd");
    }

    #[test]
    fn the_same_words_are_the_same_message_and_a_campaign_makes_another() {
        let id = |text, campaign| message(text, campaign).unwrap().id().to_owned();
        assert_eq!(id("hello", None), id("hello", None));
        assert_ne!(id("hello", None), id("hello", Some("spring")));
    }
}
