//! Bodies of requests.

use std::ops::Range;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use pinfold_wire::user_sig::{Claims, make};

pub(crate) const APP: u32 = 1_400_000_001;
pub(crate) const KEY: &str = "a-made-up-key-for-the-bench-of-pinfold";
/// Peers that are imported.
pub(crate) const PEERS: u32 = 1000;

/// Chat groups that messages are sent in.
pub(crate) const CHAT_GROUPS: u32 = 1000;

/// The n-th peer.
pub(crate) fn peer(number: u32) -> String {
    format!("peer{number:03}")
}

fn item(number: u32) -> String {
    format!(r#"{{"Type":1,"To_Account":"{}"}}"#, peer(number))
}

fn marks(account: &str, peers: Range<u32>, marks: &str) -> String {
    let item = |number| format!(r#"{{"OptType":3,"ContactItem":{},{marks}}}"#, item(number));
    let items: Vec<_> = peers.map(item).collect();
    format!(r#"{{"From_Account":"{account}","MarkItem":[{}]}}"#, items.join(","))
}

/// Marks that change something each time, as [`crate::request::Request::renew`] writes other digits.
pub(crate) fn mark(account: &str, peers: Range<u32>) -> String {
    marks(account, peers, r#""SetMark":[1,2,3],"CustomMark":"mark-000000""#)
}

/// The marks that accounts are loaded with.
pub(crate) fn load(account: &str, peers: Range<u32>) -> String {
    marks(account, peers, r#""SetMark":[0,33],"CustomMark":"loaded""#)
}

/// Registers names, 100 at most.
pub(crate) fn import(names: &[String]) -> String {
    format!(r#"{{"Accounts":["{}"]}}"#, names.join("\",\""))
}

/// A conversation leaves the group "Work" and comes back.
pub(crate) fn update(account: &str, peer: u32) -> String {
    let item = item(peer);
    let update = r#""UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Work""#;
    let items = format!(r#"[{{"ContactOptType":2,"ContactItem":{item}}},{{"ContactOptType":1,"ContactItem":{item}}}]"#);
    format!(r#"{{"From_Account":"{account}",{update},"ContactUpdateItem":{items}}}}}"#)
}

pub(crate) fn create(account: &str, name: &str, peers: Range<u32>) -> String {
    let items: Vec<_> = peers.map(item).collect();
    let group = format!(r#"[{{"GroupName":"{name}","ContactItem":[{}]}}]"#, items.join(","));
    format!(r#"{{"From_Account":"{account}","GroupContactItem":{group}}}"#)
}

pub(crate) fn delete(account: &str, name: &str) -> String {
    format!(r#"{{"From_Account":"{account}","GroupName":["{name}"]}}"#)
}

pub(crate) fn search(account: &str, peers: Range<u32>) -> String {
    let items: Vec<_> = peers.map(item).collect();
    format!(r#"{{"From_Account":"{account}","ContactItem":[{}]}}"#, items.join(","))
}

pub(crate) fn get(account: &str, start: u64) -> String {
    format!(r#"{{"From_Account":"{account}","StartIndex":{start}}}"#)
}

pub(crate) fn list(account: &str) -> String {
    format!(
        r#"{{"From_Account":"{account}","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":63}}"#
    )
}

/// The n-th chat group.
pub(crate) fn chat_group(number: u32) -> String {
    format!("@TGS#bench{number:04}")
}

const TEXT: &str = r#""MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}]"#;

pub(crate) fn message(account: &str, to: &str) -> String {
    format!(r#"{{"From_Account":"{account}","To_Account":"{to}","MsgRandom":1287657,{TEXT}}}"#)
}

pub(crate) fn group_message(account: &str, chat_group: &str) -> String {
    format!(r#"{{"GroupId":"{chat_group}","From_Account":"{account}","Random":8912345,{TEXT}}}"#)
}

/// A message to each of these peers.
pub(crate) fn messages(account: &str, peers: Range<u32>) -> String {
    let peers: Vec<_> = peers.map(peer).collect();
    let to = peers.join("\",\"");
    format!(r#"{{"From_Account":"{account}","To_Account":["{to}"],"MsgRandom":1287657,{TEXT}}}"#)
}

/// The administrator's signature, one for the whole run; valid for a day.
pub(crate) fn signature() -> &'static str {
    static SIGNATURE: OnceLock<String> = OnceLock::new();
    SIGNATURE.get_or_init(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims =
            Claims { sdkappid: APP, identifier: "administrator".into(), time: now, expire: 86_400, userbuf: None };
        make(KEY, &claims).expect("the identifier has no control characters")
    })
}
