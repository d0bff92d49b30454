//! Tells what became of posts that were tried: every one that is not out is named, with what a person can do about it.

use crate::outbox::{Outbox, Tried};
use crate::post::Queued;
use crate::{about, list};
use cm_cli::Exit;
use cm_record::PostState;

impl Outbox<'_> {
    /// Tells what became of a post. With `--strict` the error ends the run.
    pub(crate) fn report(&self, tried: &Tried) -> anyhow::Result<()> {
        let (post, outcome) = (&tried.post, &tried.outcome);
        let (what, id) = (format!("post {} to {}", post.short_id(), post.account), post.short_id());
        let error = outcome.error.as_deref().unwrap_or("no reason given");
        let again = outcome.again.map(|at| list::local(self.session, at)).transpose()?.unwrap_or_default();
        let (code, told) = match outcome.state {
            PostState::Published => {
                let url = outcome.url.as_deref().unwrap_or("-");
                self.session.say(match post.kind.as_str() {
                    "action" => format!("{what} is done: {}", about::first_words(post)),
                    _ => format!("{what} is out: {url}"),
                });
                return Ok(());
            }
            PostState::Queued => {
                let guarded = error.ends_with(cm_net::GUARDED) && !self.session.allow_private();
                let mend = if guarded {
                    "; cm-schedule publish --allow-private does not wait for the next try"
                } else {
                    ""
                };
                ("later", format!("{what} was not sent, next try {again}: {error}{mend}"))
            }
            PostState::Sending => ("unknown", format!("{what} may be out, found out {again}: {error}")),
            PostState::Unsure => {
                ("unsure", format!("{what} may be out or not: {error}; {}", self.ways_out(post)))
            }
            _ => {
                let mend = format!("cm-schedule resolve {id} --send-again | --drop");
                ("refused", format!("{what} failed: {error}; {mend}"))
            }
        };
        self.session.failed(code, told)
    }

    /// `it says "Sorry Ana, fix…": look at PLACE, then say cm-schedule resolve ...`.
    fn ways_out(&self, post: &Queued) -> String {
        let account = self.settings.channel(&post.account).ok().map(|channel| &channel.account);
        let unsure = Queued { state: PostState::Unsure, ..post.clone() };
        let Some((place, [sent, again, drop])) = about::ways_out(&unsure, account) else {
            return String::new();
        };
        let is = if post.kind == "action" { "it is to" } else { "it says" };
        let words = about::first_words(post);
        format!("{is} {words:?}: look at {place}, then say {sent} | {again} | {drop}")
    }

    /// Marks the run when nothing went out for want of credentials.
    pub(crate) fn mark_credentials(&self, published: usize, refused: usize) {
        if published == 0 && refused > 0 {
            self.session.mark(Exit::Credentials);
        }
    }
}
