//! Lists of texts.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use pinfold_core::AccountId;
use toml::Value;

use crate::config::kind::{Kind, Quoted, Shape, Wrong};
use crate::config::secret::MASK;
use crate::config::{Secret, addresses, characters};

fn list<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Wrong> {
    let items = value.as_array().ok_or(Wrong { element: None })?.iter().enumerate();
    items.map(|(index, item)| item.as_str().and_then(&read).ok_or(Wrong { element: Some(index) })).collect()
}

fn one_or_more<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Wrong> {
    list(value, read).and_then(|items| if items.is_empty() { Err(Wrong { element: None }) } else { Ok(items) })
}

fn show_all(items: impl IntoIterator<Item = impl ToString>) -> Option<Value> {
    Some(Value::Array(items.into_iter().map(|item| Value::from(item.to_string())).collect()))
}

pub(in crate::config) struct Addresses;

impl Kind<Vec<SocketAddr>> for Addresses {
    const ALLOWED: &'static str = r#"a list of one or more addresses such as "0.0.0.0:8080" or "[::1]:8080""#;
    const SHAPE: Shape = Shape::AddressList;

    fn read(value: &Value) -> Result<Vec<SocketAddr>, Wrong> {
        one_or_more(value, |text| text.parse().ok())
    }

    fn show(field: &Vec<SocketAddr>) -> Option<Value> {
        show_all(field)
    }

    fn reason(text: &str) -> Option<String> {
        addresses::mistake(text)
    }
}

pub(in crate::config) struct AddressesOrNone;

impl Kind<Vec<SocketAddr>> for AddressesOrNone {
    const ALLOWED: &'static str = "a list of addresses of `listen`";
    const SHAPE: Shape = Shape::AddressList;

    fn read(value: &Value) -> Result<Vec<SocketAddr>, Wrong> {
        list(value, |text| text.parse().ok())
    }

    fn show(field: &Vec<SocketAddr>) -> Option<Value> {
        show_all(field)
    }

    fn reason(text: &str) -> Option<String> {
        addresses::mistake(text)
    }
}

/// Networks; an address alone is the network of that one address.
pub(in crate::config) struct Ranges;

impl Kind<Vec<IpNet>> for Ranges {
    const ALLOWED: &'static str =
        r#"a list of addresses and address ranges such as "192.0.2.1", "10.0.0.0/8" or "2001:db8::/32""#;
    const SHAPE: Shape = Shape::List;

    fn read(value: &Value) -> Result<Vec<IpNet>, Wrong> {
        list(value, |text| text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse()).ok())
    }

    fn show(field: &Vec<IpNet>) -> Option<Value> {
        show_all(field)
    }
}

pub(in crate::config) struct Secrets;

impl Kind<Vec<Secret>> for Secrets {
    const ALLOWED: &'static str = "a list of keys, each of 16 or more characters without white space";
    const SHAPE: Shape = Shape::List;
    const QUOTED: Quoted = Quoted::Nothing;

    fn read(value: &Value) -> Result<Vec<Secret>, Wrong> {
        list(value, |text| Secret::new(text))
    }

    fn show(field: &Vec<Secret>) -> Option<Value> {
        if field.is_empty() { None } else { show_all(field.iter().map(|_| MASK)) }
    }

    fn reason(text: &str) -> Option<String> {
        characters::wrong_in_key(text)
    }
}

pub(in crate::config) struct AccountIds;

impl Kind<BTreeSet<AccountId>> for AccountIds {
    const ALLOWED: &'static str = "a list of one or more account ids, each of 1 to 32 bytes without control characters";
    const SHAPE: Shape = Shape::List;

    fn read(value: &Value) -> Result<BTreeSet<AccountId>, Wrong> {
        let id = |text: &str| match characters::wrong_in_account_id(text) {
            Some(_) => None,
            None => AccountId::parse(text).ok(),
        };
        one_or_more(value, id).map(BTreeSet::from_iter)
    }

    fn show(field: &BTreeSet<AccountId>) -> Option<Value> {
        show_all(field.iter().map(AccountId::as_str))
    }

    fn reason(text: &str) -> Option<String> {
        characters::wrong_in_account_id(text)
    }
}
