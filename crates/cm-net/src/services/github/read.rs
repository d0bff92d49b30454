//! Reading half of `github:`. In: what is wanted. Out: pages of it. Which list is how read: `lists.rs`, `notifications.rs`,
//! `discussions.rs`.

use super::item::Reading;
use super::sources::{List, OFFERS, Source};
use super::trouble::trouble;
use crate::Read;
use crate::services::api::{Answer, Fault};
use crate::services::late::Late;
use crate::services::{Audience, NextPage, Trouble, Wanted};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use url::Url;

/// An account that reads.
pub(super) struct Reader {
    pub(super) api: Late,
    pub(super) graph: Late,
    /// Our login.
    pub(super) us: Option<String>,
    /// Of repositories that were asked for with a token: whether everybody may read them.
    pub(super) public: Mutex<HashMap<String, bool>>,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, _what: &str) -> bool {
        true
    }

    fn server(&self) -> Option<Url> {
        Some(self.api.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            match Source::parse(&wanted.what)? {
                Source::Notifications => self.notifications(wanted, cursor).await,
                Source::Repository(of, List::Discussions) => self.discussions(&of, wanted, cursor).await,
                Source::Repository(of, List::Releases) => self.releases(&of, wanted, cursor).await,
                source => self.list(&source, wanted, cursor).await,
            }
        })
    }
}

impl Reader {
    /// Asks a path; what has not changed is `None`.
    pub(super) async fn ask(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Option<Answer>, Trouble> {
        match self.api.api()?.get_with(path, query, headers).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Fault::Said(said)) if said.status == 304 => Ok(None),
            Err(fault) => Err(trouble(fault, self.api.has_secret(), self.api.now())),
        }
    }

    /// Who reads, of what everybody may read or not.
    pub(super) fn reading(&self, audience: Option<Audience>) -> Reading<'_> {
        Reading { us: self.us.as_deref(), audience }
    }

    /// Who may see a repository: nobody is shown what is not public, a token's owner may be.
    pub(super) async fn audience(&self, of: &str) -> Option<Audience> {
        if !self.api.has_secret() {
            return Some(Audience::Public);
        }
        let known = self.known().get(of).copied();
        let public = match known {
            Some(public) => public,
            None => {
                let answer = self.ask(&format!("repos/{of}"), &[], &[]).await.ok()??;
                let public = answer.value["private"] == false;
                self.known().insert(of.to_owned(), public);
                public
            }
        };
        public.then_some(Audience::Public)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.public.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
