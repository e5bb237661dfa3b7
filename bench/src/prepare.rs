//! Bodies of requests, and requests as bytes.

use pinfold_wire::user_sig::{Claims, make};
use rand::Rng;
use rand::rngs::SmallRng;

pub(crate) const APP: u32 = 1_400_000_001;
pub(crate) const KEY: &str = "a-made-up-key-for-the-bench-of-pinfold";
/// Records of each account, about conversations with these many peers.
pub(crate) const PEERS: u32 = 20;

/// The n-th account.
pub(crate) fn account(number: u32) -> String {
    format!("user{number:07}")
}

/// The n-th peer.
pub(crate) fn peer(number: u32) -> String {
    format!("peer{number:03}")
}

fn item(number: u32) -> String {
    format!(r#"{{"Type":1,"To_Account":"{}"}}"#, peer(number))
}

/// Marks that differ from call to call, so that nearly every one changes something.
pub(crate) fn mark(account: &str, random: &mut SmallRng, items: u32) -> String {
    let items: Vec<_> = (0..items)
        .map(|place| {
            let of = if items == 1 { random.random_range(0..PEERS) } else { place };
            let mark: u32 = random.random_range(0..1_000_000);
            format!(r#"{{"OptType":3,"ContactItem":{},"SetMark":[1,2,3],"CustomMark":"mark-{mark:06}"}}"#, item(of))
        })
        .collect();
    format!(r#"{{"From_Account":"{account}","MarkItem":[{}]}}"#, items.join(","))
}

/// The marks that every account is loaded with.
pub(crate) fn load(account: &str) -> String {
    let items: Vec<_> = (0..PEERS)
        .map(|number| {
            format!(r#"{{"OptType":3,"ContactItem":{},"SetMark":[0,33],"CustomMark":"loaded"}}"#, item(number))
        })
        .collect();
    format!(r#"{{"From_Account":"{account}","MarkItem":[{}]}}"#, items.join(","))
}

pub(crate) fn update(account: &str, random: &mut SmallRng) -> String {
    let item = item(random.random_range(0..PEERS));
    let update = r#""UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Work""#;
    let items = format!(r#"[{{"ContactOptType":2,"ContactItem":{item}}},{{"ContactOptType":1,"ContactItem":{item}}}]"#);
    format!(r#"{{"From_Account":"{account}",{update},"ContactUpdateItem":{items}}}}}"#)
}

/// A name of its own for each pair of calls on one account, so that calls of other connections do not meet it.
fn bench_group(pair: u32, accounts: u32) -> String {
    format!("Bench {}", pair / accounts)
}

pub(crate) fn create(pair: u32, accounts: u32) -> (&'static str, String) {
    let group =
        format!(r#"[{{"GroupName":"{}","ContactItem":[{}]}}]"#, bench_group(pair, accounts), item(pair % PEERS));
    ("create_contact_group", format!(r#"{{"From_Account":"{}","GroupContactItem":{group}}}"#, account(pair % accounts)))
}

/// The group that every account is loaded with, for `update`.
pub(crate) fn create_work(account: &str) -> String {
    format!(r#"{{"From_Account":"{account}","GroupContactItem":[{{"GroupName":"Work"}}]}}"#)
}

pub(crate) fn delete(pair: u32, accounts: u32) -> (&'static str, String) {
    let name = bench_group(pair, accounts);
    ("del_contact_group", format!(r#"{{"From_Account":"{}","GroupName":["{name}"]}}"#, account(pair % accounts)))
}

pub(crate) fn search(account: &str, first: u32, count: u32) -> String {
    let items: Vec<_> = (first..first + count).map(item).collect();
    format!(r#"{{"From_Account":"{account}","ContactItem":[{}]}}"#, items.join(","))
}

pub(crate) fn get(account: &str) -> String {
    format!(r#"{{"From_Account":"{account}","StartIndex":0}}"#)
}

/// A whole HTTP/1.1 request.
pub(crate) fn request(signature: &str, service: &str, command: &str, body: &str, random: u32) -> Vec<u8> {
    format!(
        "POST /v4/{service}/{command}?sdkappid={APP}&identifier=administrator&usersig={signature}&random={random}\
         &contenttype=json HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A signature that is valid for a day.
pub(crate) fn signature() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let claims = Claims { sdkappid: APP, identifier: "administrator".into(), time: now, expire: 86_400, userbuf: None };
    make(KEY, &claims).expect("the identifier has no control characters")
}
