//! The URL that an app's webhooks are sent to.

use std::fmt;

use hyper::Uri;
use hyper::http::uri::{Authority, Scheme};

/// Longest URL. With the parameters of a request it stays well below what servers accept.
const URL_BYTES_MAX: usize = 2000;

/// An absolute `http` or `https` URL without user information and without a fragment, to which parameters can be added.
///
/// `Display` and `Debug` hide its query, which may hold a secret of the receiver's.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    text: String,
    host: String,
    is_https: bool,
}

impl WebhookUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence; nothing of the URL is repeated.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > URL_BYTES_MAX {
            return Err("it has more than 2000 bytes");
        }
        if !text.is_ascii() {
            return Err(
                "it has characters that are not ASCII; percent-encode them, and write a host in its ASCII form",
            );
        }
        // The parser would drop it.
        if text.contains('#') {
            return Err("it has a fragment (#), which is never sent");
        }
        let uri: Uri = text.parse().map_err(|_| "it is not a URL")?;
        let is_https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) | None => return Err("it begins with neither http:// nor https://"),
        };
        let authority = uri.authority().ok_or("it names no host")?;
        unless_place(authority)?;
        Ok(Self { text: text.to_owned(), host: authority.to_string(), is_https })
    }

    /// The whole of it, for sending only.
    pub(super) fn expose(&self) -> &str {
        &self.text
    }

    /// The host, with the port if it names one.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }
}

fn unless_place(authority: &Authority) -> Result<(), &'static str> {
    if authority.as_str().contains('@') {
        return Err("it has user information (name:password@); requests are signed with the token instead");
    }
    if authority.host().is_empty() {
        return Err("it names no host");
    }
    // The parser reports a port that is empty or out of range as no port.
    let names_port = authority.as_str().len() > authority.host().len();
    if names_port && authority.port_u16().is_none_or(|port| port == 0) {
        return Err("its port is not a number from 1 to 65535");
    }
    Ok(())
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.split_once('?') {
            Some((path, query)) if !query.is_empty() => write!(f, "{path}?****"),
            Some(_) | None => f.write_str(&self.text),
        }
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use pinfold_wire::webhook;
    use proptest::proptest;

    use super::*;

    #[test]
    fn an_absolute_url_of_http_or_https_is_taken_as_it_is() {
        for (text, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("https://chat.example.com/hook?app=1&", "chat.example.com"),
            ("HTTPS://Chat.Example.com/%C3%A9", "Chat.Example.com"),
            ("http://[::1]:80/", "[::1]:80"),
        ] {
            let url = WebhookUrl::parse(text).unwrap();
            assert_eq!((url.expose(), url.host()), (text, host));
            assert_eq!(url.is_https(), text.to_lowercase().starts_with("https"));
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_named_and_nothing_of_it_repeated() {
        for (text, wrong) in [
            ("", "it is not a URL"),
            ("https://a b/", "it is not a URL"),
            ("chat.example.com/hook", "it is not a URL"),
            ("/hook", "it begins with neither http:// nor https://"),
            ("chat.example.com", "it begins with neither http:// nor https://"),
            ("ftp://chat.example.com/", "it begins with neither http:// nor https://"),
            ("https://me:geheim@chat.example.com/", "it has user information"),
            ("https://chat.example.com/#part", "it has a fragment"),
            ("https://chat.example.com:99999/", "its port is not a number"),
            ("https://chat.example.com:/", "its port is not a number"),
            ("https://chat.example.com:0/", "its port is not a number"),
            ("https://chät.example.com/", "it has characters that are not ASCII"),
        ] {
            let problem = WebhookUrl::parse(text).unwrap_err();
            assert!(problem.starts_with(wrong), "{text}: {problem}");
        }
        let long = format!("https://h/{}", "a".repeat(URL_BYTES_MAX));
        assert_eq!(WebhookUrl::parse(&long), Err("it has more than 2000 bytes"));
    }

    #[test]
    fn the_query_of_a_url_is_never_shown() {
        let shown = |text: &str| WebhookUrl::parse(text).unwrap().to_string();
        assert_eq!(shown("https://h/hook?key=geheim"), "https://h/hook?****");
        assert_eq!(shown("https://h/hook?"), "https://h/hook?");
        let debug = format!("{:?}", WebhookUrl::parse("http://h?key=geheim").unwrap());
        assert_eq!(debug, r#""http://h?****""#);
    }

    proptest! {
        #[test]
        fn whatever_url_is_taken_takes_the_parameters_too(rest in "[!-~]{0,40}") {
            if let Ok(url) = WebhookUrl::parse(&format!("http://h{rest}")) {
                let uri: Uri = webhook::url(url.expose(), 7, "ContactMark", "token", 1).parse().unwrap();
                assert_eq!(uri.authority().unwrap().as_str(), url.host());
                let (before, parameters) = uri.query().unwrap().rsplit_once("SdkAppid=7").unwrap();
                assert!(before.is_empty() || before.ends_with('&'), "{before}");
                assert!(parameters.ends_with("&RequestTime=1"), "{parameters}");
            }
        }
    }
}
