//! Generated seeds: signatures and stored values. `UPDATE_EXPECT=1` writes them anew, as is needed when the layout of rows
//! changes.

use std::fs;

use pinfold_core::{
    AccountId, AccountState, AppId, Arrangement, ChangeNumber, ChatGroup, ChatGroupId, ChatGroupKind, ChatGroupSeq,
    Conversation, ConversationGroup, ConversationGroupId, CustomMark, Event, Fingerprint, GroupData, GroupName, Head,
    HistoryChange, Pin, Profile, Record, Repeat, RepeatedAnswer, Revision, StandardMarks, TimeMs, Timestamp, Via,
};
use pinfold_fuzz_targets::seeds::{self, Seeds};
use pinfold_fuzz_targets::{APP, KEY, NOW, TARGETS};
use pinfold_store::embedded::fuzzing::{Value, rows};
use pinfold_store::{AccountKey, Version};
use pinfold_wire::user_sig::{Claims, make};

#[test]
fn the_archives_are_those_that_these_tests_would_write() {
    for (target, _) in TARGETS {
        let mut seeds = super::seeds_of(target);
        seeds.extend(generated(target));
        let how = "`UPDATE_EXPECT=1 cargo test -p pinfold-fuzz-targets` writes them";
        assert!(is_fresh(target, &seeds), "seeds of {target} are missing, stale or packed in another way: {how}");
    }
}

/// Whether the archive of a target is the one of these seeds.
fn is_fresh(target: &str, seeds: &Seeds) -> bool {
    let (archive, packed) = (seeds::archive(target), seeds::pack(seeds).unwrap());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        // Other tests read the archive meanwhile.
        let new = archive.with_extension("new");
        fs::write(&new, &packed).unwrap();
        fs::rename(new, &archive).unwrap();
    }
    fs::read(archive).ok() == Some(packed)
}

fn generated(target: &str) -> Seeds {
    match target {
        "user_sig" => signatures(),
        "stored" => stored(),
        _ => Seeds::new(),
    }
}

/// Signatures of many packages, and documents for which each is right or wrong in its own way.
fn signatures() -> Seeds {
    let mut seeds = Seeds::new();
    let vectors = include_str!("../../../wire/tests/data/user_sig_vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        for (package, text) in vector["usersig"].as_object().unwrap() {
            let name = format!("{}-{package}", vector["name"].as_str().unwrap());
            seeds.insert(name, [b"=", text.as_str().unwrap().as_bytes()].concat());
        }
    }
    let claims = |expire| Claims { sdkappid: APP, identifier: "alice".into(), time: NOW, expire, userbuf: None };
    for (name, expire) in [("now", 0), ("for-ever", u64::MAX)] {
        seeds.insert(name.into(), [b"=", make(KEY, &claims(expire)).unwrap().as_bytes()].concat());
    }
    let good = r#"{"TLS.ver":"2.0","TLS.identifier":"a","TLS.sdkappid":1,"TLS.time":1,"TLS.expire":2,"TLS.userbuf":"QQ==","TLS.sig":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}"#;
    let changes = [
        ("good", "", ""),
        ("ver", "\"2.0\"", "2.0"),
        ("identifier", "\"a\"", "\"a\\n\""),
        ("sdkappid", ":1,\"TLS.time", ":4294967296,\"TLS.time"),
        ("time", ":1,\"TLS.expire", ":\"1\",\"TLS.expire"),
        ("expire", ":2,", ":18446744073709551615,"),
        ("userbuf", "QQ==", "QQ"),
        ("sig", "AAAAAAAA", "A"),
        ("twice", "{", "{\"TLS.ver\":\"2.0\","),
        ("null", "\"QQ==\"", "null"),
    ];
    for (name, from, to) in changes {
        seeds.insert(format!("json-{name}"), format!("j{}", good.replacen(from, to, 1)).into_bytes());
    }
    seeds.insert("zlib".into(), [b"z", &pinfold_fuzz_targets::zlib(good.as_bytes())[..]].concat());
    seeds.insert("zlib-more".into(), [b"z", &pinfold_fuzz_targets::zlib(&[b' '; 5000])[..]].concat());
    seeds
}

/// Values of every kind, keys, and the rows of an account that has some of everything.
fn stored() -> Seeds {
    let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
    let (small, large) = (state(3), state(12));
    let chat_group = ChatGroup {
        kind: ChatGroupKind::Community,
        name: "Room".into(),
        owner: Some(AccountId::parse("bob").unwrap()),
        created_at: Timestamp(1_750_000_000),
        destroyed: true,
    };
    let record = small.records.values().next().unwrap().clone();
    let values = [
        Value::Head(Version::numbered(u64::MAX), small.head.clone()),
        Value::Profile(small.profile.clone()),
        Value::ConversationGroup(group("工作", "#f00")),
        Value::Pin(Pin { change: ChangeNumber(300), pinned_at: Timestamp(1_750_000_000) }),
        Value::Record(record),
        Value::Bulk(ChangeNumber(20), large.clone()),
        Value::ChatGroup(ChatGroupSeq(7), chat_group),
        Value::ChatGroupCount { live: 6, last_serial: 7 },
        Value::ChatGroupId(ChatGroupId::parse("@TGS#1").unwrap()),
        Value::Number(1 << 40),
        Value::Time(Timestamp(1_750_000_000)),
        Value::Change(change()),
    ];
    let mut seeds = Seeds::new();
    for (number, value) in values.iter().enumerate() {
        let kind = b'0' + u8::try_from(number).unwrap();
        seeds.insert(format!("value-{number}"), [&[kind], &value.write()[..]].concat());
    }
    for (name, key) in [
        ("last-commit", &b"m"[..]),
        ("count", b"c\0\0\0\x01"),
        ("entry", b"e\0\0\0\x01\x05alice\x01\x02\x03\x04\x05\x06\x07\x08\x02@TGS#1"),
        ("change", b"h\0\0\0\x01\x05alice\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x0c"),
        ("chat-group", b"g\0\0\0\x01@TGS#1"),
        ("serial", b"s\0\0\0\x01\0\0\0\x07"),
        ("time", b"t\0\0\0\x01@TGS#1"),
    ] {
        seeds.insert(format!("key-of-{name}"), [b"o", key].concat());
    }
    // As pinfold 0.1.0 wrote them.
    seeds.insert("value-0-format-1".into(), b"0\x01\x09\x01\x04\x03\x02\x01\x05\0".to_vec());
    seeds.insert("value-2-format-1".into(), b"2\x01\x04Work".to_vec());
    let prefix = b"a\0\0\0\x01\x05alice";
    for (name, state) in [("small", small), ("bulk", large)] {
        let rows = rows(&account, Version::numbered(9), &state);
        for (number, (key, _)) in rows.iter().enumerate() {
            seeds.insert(format!("key-{name}-{number:02}"), [b"k", &prefix[..], key].concat());
        }
        seeds
            .insert(format!("account-{name}"), rows.iter().fold(b"a".to_vec(), |all, row| [all, framed(row)].concat()));
    }
    seeds
}

/// A row as the target takes it.
fn framed((key, value): &(Vec<u8>, Vec<u8>)) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[u8::try_from(key.len()).unwrap()], &key[..], &length, value].concat()
}

/// A change with texts, lists and parts that may be missing.
fn change() -> HistoryChange {
    let account = |id| AccountId::parse(id).unwrap();
    let conversation = || Conversation::OneToOne(account("bob"));
    let (id, name) = (ConversationGroupId(1), GroupName::stored("工作"));
    let pin = Some((Timestamp(1_750_000_000), 2));
    HistoryChange {
        revision: Revision(1),
        at: TimeMs(1_750_000_100_123),
        caller: Some(account("root")),
        via: Via::Undo,
        command: "a command of tomorrow".into(),
        events: vec![
            Event::GroupDeleted { id, name, data: GroupData::stored("#f00"), place: 3, members: vec![conversation()] },
            Event::MarkChanged {
                conversation: conversation(),
                old_standard: StandardMarks(u64::MAX),
                standard: StandardMarks(0),
                old_custom: None,
                custom: CustomMark::stored("vip"),
            },
            Event::GroupsOrdered { old: vec![id], new: vec![id] },
            Event::ConversationDeleted { conversation: conversation(), entry: None, pin },
            Event::Forgotten,
        ],
    }
}

/// A conversation group with data, none if it is empty.
fn group(name: &str, data: &str) -> ConversationGroup {
    ConversationGroup { name: GroupName::stored(name), data: GroupData::stored(data) }
}

/// An account that has this many records and something of everything else.
fn state(records: u32) -> AccountState {
    let group_id = ConversationGroupId(2);
    let peer = |number: u32| match number % 3 {
        0 => Conversation::ChatGroup(ChatGroupId::parse(&format!("@TGS#{number}")).unwrap()),
        _ => Conversation::OneToOne(AccountId::parse(&format!("peer{number}")).unwrap()),
    };
    let record = |number: u32| {
        let arrangement = Arrangement {
            standard: StandardMarks(1 << (5 * number)),
            custom: CustomMark::stored(if number == 1 { "vip" } else { "" }),
            conversation_groups: vec![group_id],
        };
        (peer(number), Record { arrangement, change: ChangeNumber(number), changed_at: Timestamp(number) })
    };
    let pin = |more: u32| Pin { change: ChangeNumber(records + more), pinned_at: Timestamp(5) };
    let answer = RepeatedAnswer::Renamed(group_id);
    AccountState {
        head: Head {
            imported: true,
            last_change: ChangeNumber(records + 2),
            last_conversation_group_id: 3,
            grouped: records,
            marked: records,
            newest: Timestamp(records),
            repeat: Some(Repeat { fingerprint: Fingerprint([7; 32]), answer }),
            revision: records + 3,
            newest_ms: 1_750_000_000_123,
            history_from: 0,
            group_order: vec![ConversationGroupId(3), group_id],
            pin_order: vec![ChangeNumber(records + 2), ChangeNumber(records + 1)],
        },
        profile: Profile { nick: "Alice".into(), face_url: "http://example.org/a".into() },
        conversation_groups: [(group_id, group("Work", "#f00")), (ConversationGroupId(3), group("Home", ""))].into(),
        records: (1..=records).map(record).collect(),
        pins: [(peer(40), pin(1)), (peer(41), pin(2))].into(),
    }
}
