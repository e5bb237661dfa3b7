//! How single values are read and written: the types of core and std that need words of their own.
//!
//! The errors made here carry no sentence: whoever reports one knows the key and says what is allowed.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use pinfold_core::{AccountId, AppId, Edition, Registration};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{characters, paths};

/// The words for [`Edition`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Edition", rename_all = "kebab-case")]
pub(super) enum EditionText {
    Standard,
    Pro,
    ProPlus,
    Enterprise,
}

/// The words for [`Registration`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Registration", rename_all = "kebab-case")]
pub(super) enum RegistrationText {
    Imported,
    Any,
}

pub(super) fn above_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(de::Error::custom("zero")),
        number => Ok(number),
    }
}

pub(super) fn one_or_more<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Vec::deserialize(deserializer)?;
    if items.is_empty() { Err(de::Error::custom("empty")) } else { Ok(items) }
}

pub(super) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_path = !text.is_empty() && paths::unexpanded(&text).is_none();
    if is_path { Ok(text.into()) } else { Err(de::Error::custom("no path")) }
}

pub(super) fn some_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    path(deserializer).map(Some)
}

/// Networks; an address alone is the network of that one address.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    struct Text(IpNet);

    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            let alone = text.parse::<IpAddr>().map(IpNet::from);
            alone.or_else(|_| text.parse()).map(Self).map_err(de::Error::custom)
        }
    }

    Ok(Vec::<Text>::deserialize(deserializer)?.into_iter().map(|Text(network)| network).collect())
}

/// A path for a reader. The directory in front of it may be no UTF-8, so this may lose bytes; it is never read back.
pub(super) fn path_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

pub(super) fn some_path_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path_text(path.as_deref().unwrap_or(Path::new("")), serializer)
}

/// An address, or `""` for none.
pub(super) mod address_or_none {
    use std::net::SocketAddr;

    use super::{Deserialize, Deserializer, Serializer, de};

    pub(in super::super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<SocketAddr>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(de::Error::custom) }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        address: &Option<SocketAddr>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&address.map(|address| address.to_string()).unwrap_or_default())
    }
}

/// The base URL of a collector without a slash at its end, or `""` for none.
pub(super) mod collector_or_none {
    use hyper::Uri;
    use hyper::http::uri::Authority;

    use super::{Deserialize, Deserializer, Serializer, de};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        let url: Uri = text.parse().map_err(de::Error::custom)?;
        let is_plain = url.scheme_str() == Some("http") && url.query().is_none();
        let is_place = |place: &Authority| {
            // A number that is no port counts as none there.
            let has_port = place.as_str().len() > place.host().len();
            let is_port = place.port_u16().is_some_and(|port| port > 0);
            !place.host().is_empty() && !place.as_str().contains('@') && (is_port || !has_port)
        };
        if is_plain && url.authority().is_some_and(is_place) {
            Ok(Some(text.trim_end_matches('/').to_owned()))
        } else {
            Err(de::Error::custom("no"))
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(url: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(url.as_deref().unwrap_or_default())
    }
}

/// A length of time as a number of milliseconds, never 0.
pub(super) mod millis {
    use std::time::Duration;

    use super::{Deserializer, Serializer, above_zero};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        above_zero(deserializer).map(|millis| Duration::from_millis(millis.into()))
    }

    pub(in super::super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(time.as_millis() as u64)
    }
}

/// An app id, never 0.
pub(super) mod app_id {
    use super::{AppId, Deserializer, Serializer, above_zero};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AppId, D::Error> {
        above_zero(deserializer).map(AppId)
    }

    pub(in super::super) fn serialize<S: Serializer>(app: &AppId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(app.0)
    }
}

/// A list of account ids, never empty.
pub(super) mod account_ids {
    use super::{AccountId, BTreeSet, Deserialize, Deserializer, Serializer, characters, de, one_or_more};

    struct Text(AccountId);

    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            match characters::wrong_in_account_id(&text) {
                Some(wrong) => Err(de::Error::custom(wrong)),
                None => AccountId::parse(&text).map(Self).map_err(de::Error::custom),
            }
        }
    }

    pub(in super::super) fn deserialize<'de, D>(deserializer: D) -> Result<BTreeSet<AccountId>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Ok(one_or_more::<D, Text>(deserializer)?.into_iter().map(|Text(id)| id).collect())
    }

    pub(in super::super) fn serialize<S: Serializer>(
        ids: &BTreeSet<AccountId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(AccountId::as_str))
    }
}
