//! Makes the address of a call from a base address.

use hyper::{
    Uri,
    http::uri::{Authority, Scheme},
};

use crate::{CallError, SettingsError};

/// The scheme and the host with its port.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    scheme: Scheme,
    authority: Authority,
}

impl Base {
    pub(crate) fn parse(base_url: &str) -> Result<Base, SettingsError> {
        let bad = || SettingsError::BaseUrl(base_url.to_owned());
        let parts = base_url.parse::<Uri>().map_err(|_| bad())?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(bad()) };
        let bare = parts.path_and_query.is_none_or(|path| path == "/") && !authority.as_str().contains('@');
        let known = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
        if bare && known { Ok(Base { scheme, authority }) } else { Err(bad()) }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The address of `service/command` with a query whose values are escaped already.
    pub(crate) fn call(&self, service_command: &str, query: &str) -> Result<Uri, CallError> {
        if !is_command(service_command) {
            return Err(CallError::NoCommand(service_command.to_owned()));
        }
        let address = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("/v4/{service_command}?{query}"))
            .build();
        Ok(address.expect("the query is escaped and has a few KiB, as a signature has at most 8"))
    }
}

/// Longest service and command together, bytes. The longest there is has 44.
const COMMAND_BYTES_MAX: usize = 200;

/// Two words and a slash. So a mistyped command is answered by the service, and none changes the rest of the address.
fn is_command(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.len() <= COMMAND_BYTES_MAX
        && text.split_once('/').is_some_and(|(service, command)| word(service) && word(command))
}

/// Percent-encodes everything but letters, digits, `-`, `.`, `_` and `~`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_has_a_scheme_and_a_host_and_no_path() {
        for good in ["http://127.0.0.1:8080", "https://chat.example.com/", "http://[::1]:80"] {
            assert!(Base::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "127.0.0.1:8080", "ftp://x", "http://x/v4", "http://x?a=b", "http://a:b@x", "http:// x", "/v4"]
        {
            assert!(matches!(Base::parse(bad), Err(SettingsError::BaseUrl(text)) if text == bad), "{bad}");
        }
    }

    #[test]
    fn everything_with_a_meaning_in_addresses_is_escaped() {
        assert_eq!(escape("a-Z_0.~"), "a-Z_0.~");
        assert_eq!(escape("a&b=c+d *é%"), "a%26b%3Dc%2Bd%20%2A%C3%A9%25");
    }

    #[test]
    fn a_command_is_two_words_and_nothing_else() {
        let base = Base::parse("http://x").unwrap();
        let address = base.call("recentcontact/top", "q=1").unwrap();
        assert_eq!(address, "http://x/v4/recentcontact/top?q=1");
        for bad in
            ["", "top", "/top", "a/b/c", "a/b?c", "a/b#c", "a/../b", "a/b c", "a/é", &format!("a/{}", "b".repeat(200))]
        {
            assert!(matches!(base.call(bad, "q=1"), Err(CallError::NoCommand(text)) if text == bad), "{bad}");
        }
    }
}
