//! Single values that are written as a text, and flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use hyper::Uri;
use hyper::http::uri::Authority;
use toml::Value;

use crate::config::kind::{Kind, Quoted, Shape, Wrong};
use crate::config::secret::MASK;
use crate::config::{Password, Secret, StoreUrl, addresses, characters, paths};
use crate::webhooks::WebhookUrl;

fn text<T>(value: &Value, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Wrong> {
    value.as_str().and_then(read).ok_or(Wrong { element: None })
}

pub(in crate::config) const FLAG: Kind<bool> = Kind::new(
    "true or false",
    Shape::Flag,
    |value| value.as_bool().ok_or(Wrong { element: None }),
    |flag| Some(Value::from(*flag)),
);

/// Not checked here: the log is set up by the binary.
pub(in crate::config) const LOG_FILTER: Kind<String> = Kind::new(
    r#"a log filter such as "info" or "info,pinfold_server=debug""#,
    Shape::Text,
    |value| text(value, |text| Some(text.to_owned())),
    |filter| Some(Value::from(filter.as_str())),
);

/// Never empty. The directory in front of it may not be UTF-8, so what is shown may have lost bytes.
pub(in crate::config) const FILE_PATH: Kind<PathBuf> = Kind {
    reason: |text| paths::unexpanded(text).map(str::to_owned),
    ..Kind::new(
        "the path of a file",
        Shape::Text,
        |value| text(value, |text| (!text.is_empty() && paths::unexpanded(text).is_none()).then(|| text.into())),
        |path| (!path.as_os_str().is_empty()).then(|| Value::from(path.display().to_string())),
    )
};

pub(in crate::config) const ADDRESS_OR_NONE: Kind<Option<SocketAddr>> = Kind {
    reason: addresses::mistake,
    ..Kind::new(
        r#"an address such as "127.0.0.1:9090", or "" for none"#,
        Shape::Text,
        |value| text(value, |text| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }),
        |address| Some(Value::from(address.map(|address| address.to_string()).unwrap_or_default())),
    )
};

/// Kept without a slash at its end.
pub(in crate::config) const COLLECTOR_OR_NONE: Kind<Option<String>> = Kind {
    quoted: Quoted::Scheme,
    ..Kind::new(
        r#"a URL such as "http://127.0.0.1:4318" (only http), or "" for none"#,
        Shape::Text,
        |value| {
            text(value, |text| match text {
                "" => Some(None),
                url => is_collector(url).then(|| Some(url.trim_end_matches('/').to_owned())),
            })
        },
        |url| Some(Value::from(url.as_deref().unwrap_or_default())),
    )
};

fn is_collector(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    let is_place = |place: &Authority| {
        // `Authority` reports a port that is out of range as no port.
        let has_port = place.as_str().len() > place.host().len();
        let is_port = place.port_u16().is_some_and(|port| port > 0);
        !place.host().is_empty() && !place.as_str().contains('@') && (is_port || !has_port)
    };
    url.scheme_str() == Some("http") && url.query().is_none() && url.authority().is_some_and(is_place)
}

pub(in crate::config) const STORE_URL: Kind<StoreUrl> = Kind {
    quoted: Quoted::Scheme,
    reason: |text| text.parse::<StoreUrl>().err(),
    ..Kind::new(
        r#""file:DIRECTORY", "memory:" or "postgres://USER@HOST/DATABASE?sslmode=MODE", where MODE is disable, prefer, require, verify-ca or verify-full"#,
        Shape::Text,
        |value| text(value, |text| text.parse().ok()),
        |url| Some(Value::from(url.to_string())),
    )
};

pub(in crate::config) const PASSWORD: Kind<Password> = Kind {
    quoted: Quoted::Nothing,
    ..Kind::new(
        "a text",
        Shape::Text,
        |value| text(value, |text| Some(Password::new(text))),
        |_| Some(Value::from(MASK)),
    )
};

pub(in crate::config) const TOKEN: Kind<Secret> = Kind {
    quoted: Quoted::Nothing,
    reason: characters::wrong_in_key,
    ..Kind::new(
        "a text of 16 or more characters without white space",
        Shape::Text,
        |value| text(value, |text| Secret::new(text)),
        |_| Some(Value::from(MASK)),
    )
};

/// Quoted by nothing: its query may hold a secret.
pub(in crate::config) const WEBHOOK_URL: Kind<WebhookUrl> = Kind {
    quoted: Quoted::Nothing,
    reason: |text| WebhookUrl::parse(text).err().map(str::to_owned),
    ..Kind::new(
        r#"a URL such as "https://chat.example.com/hooks", of http or https"#,
        Shape::Text,
        |value| text(value, |text| WebhookUrl::parse(text).ok()),
        |url| Some(Value::from(url.to_string())),
    )
};
