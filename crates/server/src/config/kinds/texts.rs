//! Single values that are written as a text, and flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use hyper::Uri;
use hyper::http::uri::Authority;
use toml::Value;

use crate::config::kind::{Kind, Quoted, Shape, Wrong};
use crate::config::secret::MASK;
use crate::config::{Password, StoreUrl, addresses, paths};

fn text<T>(value: &Value, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Wrong> {
    value.as_str().and_then(read).ok_or(Wrong { element: None })
}

pub(in crate::config) struct Flag;

impl Kind<bool> for Flag {
    const ALLOWED: &'static str = "true or false";
    const SHAPE: Shape = Shape::Flag;

    fn read(value: &Value) -> Result<bool, Wrong> {
        value.as_bool().ok_or(Wrong { element: None })
    }

    fn show(field: &bool) -> Option<Value> {
        Some(Value::from(*field))
    }
}

/// Not checked here: the log is set up by the binary.
pub(in crate::config) struct LogFilter;

impl Kind<String> for LogFilter {
    const ALLOWED: &'static str = r#"a log filter such as "info" or "info,pinfold_server=debug""#;

    fn read(value: &Value) -> Result<String, Wrong> {
        text(value, |text| Some(text.to_owned()))
    }

    fn show(field: &String) -> Option<Value> {
        Some(Value::from(field.as_str()))
    }
}

/// Never empty. The directory in front of it may not be UTF-8, so what is shown may have lost bytes.
pub(in crate::config) struct FilePath;

impl Kind<PathBuf> for FilePath {
    const ALLOWED: &'static str = "the path of a file";

    fn read(value: &Value) -> Result<PathBuf, Wrong> {
        text(value, |text| (!text.is_empty() && paths::unexpanded(text).is_none()).then(|| text.into()))
    }

    fn show(field: &PathBuf) -> Option<Value> {
        (!field.as_os_str().is_empty()).then(|| Value::from(field.display().to_string()))
    }

    fn reason(text: &str) -> Option<String> {
        paths::unexpanded(text).map(str::to_owned)
    }
}

pub(in crate::config) struct AddressOrNone;

impl Kind<Option<SocketAddr>> for AddressOrNone {
    const ALLOWED: &'static str = r#"an address such as "127.0.0.1:9090", or "" for none"#;

    fn read(value: &Value) -> Result<Option<SocketAddr>, Wrong> {
        text(value, |text| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) })
    }

    fn show(field: &Option<SocketAddr>) -> Option<Value> {
        Some(Value::from(field.map(|address| address.to_string()).unwrap_or_default()))
    }

    fn reason(text: &str) -> Option<String> {
        addresses::mistake(text)
    }
}

/// Kept without a slash at its end.
pub(in crate::config) struct CollectorOrNone;

impl Kind<Option<String>> for CollectorOrNone {
    const ALLOWED: &'static str = r#"a URL such as "http://127.0.0.1:4318" (only http), or "" for none"#;
    const QUOTED: Quoted = Quoted::Scheme;

    fn read(value: &Value) -> Result<Option<String>, Wrong> {
        text(value, |text| match text {
            "" => Some(None),
            url => is_collector(url).then(|| Some(url.trim_end_matches('/').to_owned())),
        })
    }

    fn show(field: &Option<String>) -> Option<Value> {
        Some(Value::from(field.as_deref().unwrap_or_default()))
    }
}

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

pub(in crate::config) struct StoreLocation;

impl Kind<StoreUrl> for StoreLocation {
    const ALLOWED: &'static str = r#""file:DIRECTORY", "memory:" or "postgres://USER@HOST/DATABASE?sslmode=MODE", where MODE is disable, prefer, require, verify-ca or verify-full"#;
    const QUOTED: Quoted = Quoted::Scheme;

    fn read(value: &Value) -> Result<StoreUrl, Wrong> {
        text(value, |text| text.parse().ok())
    }

    fn show(field: &StoreUrl) -> Option<Value> {
        Some(Value::from(field.to_string()))
    }

    fn reason(text: &str) -> Option<String> {
        text.parse::<StoreUrl>().err()
    }
}

pub(in crate::config) struct DatabasePassword;

impl Kind<Password> for DatabasePassword {
    const ALLOWED: &'static str = "a text";
    const QUOTED: Quoted = Quoted::Nothing;

    fn read(value: &Value) -> Result<Password, Wrong> {
        text(value, |text| Some(Password::new(text)))
    }

    fn show(_: &Password) -> Option<Value> {
        Some(Value::from(MASK))
    }
}
