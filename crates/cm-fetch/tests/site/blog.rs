//! A WordPress that answers as it is told to, for what a real one does seldom or only in time: refusing a password, asking to
//! come back later, being killed under. Documented (REST API reference): the routes, `X-WP-Total`, the members of comments
//! and users, errors as `{"code", "message", "data"}`; the link to the API in `Link` of any page. Assumed: that firewalls
//! before it answer 429 with `Retry-After`. Queries but for `status` and `include` are ignored: every list is one page.

use super::{Page, Place, Site};
use serde_json::{Value, json};

const COMMENTS: &str = "/wp-json/wp/v2/comments";
/// The password of the account.
pub const PASSWORD: &str = "plan ted5 3cre tpwd";

/// A comment: number, date (GMT), text.
pub type Comment<'t> = (u64, &'t str, &'t str);

/// A site that is a blog whose lists are empty, and an account for it.
pub fn start(place: &Place) -> Site {
    let site = Site::start();
    let api = format!("<{}>; rel=\"https://api.w.org/\"", site.url("/wp-json/"));
    site.put("/", Page::new(200, "<html>A blog").with("link", &api));
    let passwords =
        json!({"application-passwords": {"endpoints": {"authorization": site.url("/authorize")}}});
    let index = json!({"namespaces": ["wp/v2"], "authentication": passwords}).to_string();
    for address in ["/wp-json/", "/wp-json/?*"] {
        site.put(address, Page::new(200, index.as_str()));
    }
    welcome(&site);
    for status in ["approve", "hold", "spam", "trash"] {
        list(&site, status, &[]);
    }
    site.put(&format!("{COMMENTS}?include=*"), rows(&[]));
    let url = site.url("/");
    place.write(
        "cm.toml",
        format!(
            "[accounts.\"wordpress:blog\"]\nurl = \"{url}\"\nuser = \"ana\"\npassword_file = \"secret\"\n"
        ),
    );
    password(place, PASSWORD);
    site
}

/// Writes the password that the account has.
pub fn password(place: &Place, password: &str) {
    place.write("secret", format!("{password}\n"));
    #[cfg(unix)]
    std::fs::set_permissions(
        place.dir.path().join("secret"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
}

/// What a list holds: `approve`, `hold`, `spam`, `trash`.
pub fn list(site: &Site, status: &str, comments: &[Comment]) {
    let shown = if status == "approve" { "approved" } else { status };
    let all: Vec<Value> = comments.iter().rev().map(|comment| row(site, shown, comment)).collect();
    site.put(&format!("{COMMENTS}?status={status}*"), rows(&all));
}

/// A list of approved comments that is longer than a page, with what the second page is.
pub fn pages(site: &Site, comments: &[Comment], second: Page) {
    let total = comments.len().to_string();
    let mut first = rows_of(site, &comments[comments.len() - 100..]);
    first.headers = vec![("x-wp-total".into(), total.clone())];
    site.put(&format!("{COMMENTS}?status=approve*"), first);
    let asked = "status=approve&type=all&orderby=id&order=desc&per_page=100&offset=90";
    let second =
        Page { headers: second.headers.into_iter().filter(|(n, _)| n != "x-wp-total").collect(), ..second };
    site.put(&format!("{COMMENTS}?{asked}*"), second.with("x-wp-total", &total));
}

/// Approved comments as a page of a list, the highest number first.
pub fn rows_of(site: &Site, comments: &[Comment]) -> Page {
    rows(&comments.iter().rev().map(|comment| row(site, "approved", comment)).collect::<Vec<_>>())
}

/// What is found when comments are asked for by their numbers.
pub fn found(site: &Site, status: &str, comments: &[Comment]) {
    let all: Vec<Value> = comments.iter().map(|comment| row(site, status, comment)).collect();
    site.put(&format!("{COMMENTS}?include=*"), rows(&all));
}

fn row(site: &Site, status: &str, (id, date, text): &Comment) -> Value {
    json!({
        "id": id, "post": 4, "parent": 0, "author": 0, "author_name": "Zoe", "author_url": "",
        "content": {"rendered": format!("<p>{text}</p>")}, "date_gmt": date, "status": status, "type": "comment",
        "link": site.url(&format!("/ships/#comment-{id}")),
    })
}

fn rows(rows: &[Value]) -> Page {
    Page::new(200, Value::from(rows.to_vec()).to_string()).with("x-wp-total", &rows.len().to_string())
}

/// Takes any password.
pub fn welcome(site: &Site) {
    let rights = json!({"moderate_comments": true, "edit_posts": true});
    let me = json!({"id": 1, "name": "Ana", "roles": ["editor"], "capabilities": rights});
    site.put("/wp-json/wp/v2/users/me*", Page::new(200, me.to_string()));
}

/// Refuses every password from now on.
pub fn refuse(site: &Site) {
    let error = json!({"code": "incorrect_password", "message": "No.", "data": {"status": 401}});
    site.put("/wp-json/wp/v2/users/me*", Page::new(401, error.to_string()));
}

/// Asks to come back later.
pub fn busy(site: &Site, seconds: u32) {
    let error = json!({"code": "too_many", "message": "Slow down", "data": {"status": 429}});
    let page = Page::new(429, error.to_string()).with("retry-after", &seconds.to_string());
    site.put("/wp-json/wp/v2/users/me*", page);
}
