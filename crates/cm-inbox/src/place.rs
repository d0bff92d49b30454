//! On which page something was said. In: the address of a thread, and the page's title where it came in too. Out: how
//! people call it.

use url::Url;

/// A page that people comment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub address: String,
    /// Its title, where its feed is read as well.
    pub title: Option<String>,
}

impl Place {
    /// For a column: the title, else the end of the address, which tells one post of a blog from another.
    pub fn short(&self) -> String {
        self.title.clone().or_else(|| end(&self.address)).unwrap_or_else(|| self.address.clone())
    }

    /// For a line of its own: the title and the address.
    pub fn full(&self) -> String {
        match &self.title {
            Some(title) => format!("{title} ({})", self.address),
            None => self.address.clone(),
        }
    }
}

/// `launch` of `https://blog.example/2026/11/launch/`, `?p=4` of `https://blog.example/?p=4`.
fn end(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let last = url.path_segments()?.rfind(|segment| !segment.is_empty()).map(str::to_owned);
    last.or_else(|| url.query().map(|query| format!("?{query}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_called_by_its_title_or_the_end_of_its_address() {
        for (address, short) in [
            ("https://blog.example/2026/11/launch/", "launch"),
            ("https://blog.example/launch", "launch"),
            ("https://blog.example/?p=4", "?p=4"),
            ("https://blog.example/", "https://blog.example/"),
        ] {
            let place = |title: Option<&str>| Place { address: address.into(), title: title.map(Into::into) };
            assert_eq!((place(None).short().as_str(), place(None).full().as_str()), (short, address));
            assert_eq!(place(Some("The launch")).short(), "The launch");
            assert_eq!(place(Some("The launch")).full(), format!("The launch ({address})"));
        }
    }
}
