//! Lists of texts.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use pinfold_core::{AccountId, WebhookCommand, WebhookCommands};
use pinfold_wire::webhook::COMMAND_PREFIX;
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

pub(in crate::config) const ADDRESSES: Kind<Vec<SocketAddr>> = Kind {
    reason: addresses::mistake,
    ..Kind::new(
        r#"a list of one or more addresses such as "0.0.0.0:8080" or "[::1]:8080""#,
        Shape::AddressList,
        |value| one_or_more(value, |text| text.parse().ok()),
        |addresses| show_all(addresses),
    )
};

pub(in crate::config) const ADDRESSES_OR_NONE: Kind<Vec<SocketAddr>> = Kind {
    allowed: "a list of addresses of `listen`",
    read: |value| list(value, |text| text.parse().ok()),
    ..ADDRESSES
};

/// Networks; an address alone is the network of that one address.
pub(in crate::config) const RANGES: Kind<Vec<IpNet>> = Kind::new(
    r#"a list of addresses and address ranges such as "192.0.2.1", "10.0.0.0/8" or "2001:db8::/32""#,
    Shape::List,
    |value| list(value, |text| text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse()).ok()),
    |networks| show_all(networks),
);

pub(in crate::config) const SIGNING_KEYS: Kind<Vec<Secret>> = Kind {
    quoted: Quoted::Nothing,
    reason: characters::wrong_in_key,
    ..Kind::new(
        "a list of keys, each of 16 or more characters without white space",
        Shape::List,
        |value| list(value, |text| Secret::new(text)),
        |keys| if keys.is_empty() { None } else { show_all(keys.iter().map(|_| MASK)) },
    )
};

pub(in crate::config) const ACCOUNT_IDS: Kind<BTreeSet<AccountId>> = Kind {
    reason: characters::wrong_in_account_id,
    ..Kind::new(
        "a list of one or more account ids, each of 1 to 32 bytes without control characters",
        Shape::List,
        |value| one_or_more(value, account_id).map(BTreeSet::from_iter),
        |ids| show_all(ids.iter().map(AccountId::as_str)),
    )
};

fn account_id(text: &str) -> Option<AccountId> {
    match characters::wrong_in_account_id(text) {
        Some(_) => None,
        None => AccountId::parse(text).ok(),
    }
}

pub(in crate::config) const WEBHOOK_COMMANDS: Kind<WebhookCommands> = Kind {
    reason: meant_command,
    ..Kind::new(
        r#"a list of one or more of "ContactGroupCreate", "ContactGroupUpdate", "ContactGroupDelete", "ContactMark", "ContactTop" and "ContactDelete""#,
        Shape::List,
        |value| one_or_more(value, command).map(WebhookCommands::from_iter),
        |commands| {
            show_all(
                WebhookCommand::ALL.into_iter().filter(|command| commands.contains(*command)).map(WebhookCommand::name),
            )
        },
    )
};

fn command(name: &str) -> Option<WebhookCommand> {
    WebhookCommand::ALL.into_iter().find(|command| command.name() == name)
}

/// The command that a name is near to, the whole name of a callback included.
fn meant_command(name: &str) -> Option<String> {
    let short = name.strip_prefix(COMMAND_PREFIX).unwrap_or(name);
    let ranked = WebhookCommand::ALL.map(|command| (strsim::levenshtein(short, command.name()), command.name()));
    let (distance, meant) = ranked.into_iter().min()?;
    (distance <= meant.len() / 3).then(|| format!("perhaps {meant:?} is meant"))
}
