//! Dumps that were cut or changed: the reader says so, and on which line.

use std::io::Cursor;

use pinfold_store::dump::{LineError, Mode, Moved, Reader};
use pinfold_store::{Backend, Memory};

use crate::handwritten::{account, account_with, chat_group, dump, ended, header, sealed};
use crate::stores::{exported, fill, imported};

/// How many accounts and chat groups there are.
fn read(dump: &[u8]) -> Result<(u64, u64), LineError> {
    Reader::new(Cursor::new(dump))
        .read_to_end(|_| ())
        .map(|Moved { accounts, chat_groups, .. }| (accounts, chat_groups))
}

fn error(dump: &str) -> (u64, String) {
    let LineError { line, problem } = read(dump.as_bytes()).unwrap_err();
    (line, problem)
}

async fn good() -> String {
    let store = Memory::new();
    fill(&store).await;
    exported(&store as &dyn Backend).await
}

/// Number of the line that holds this byte.
fn line_of(dump: &[u8], place: usize) -> u64 {
    1 + dump[..place].iter().filter(|byte| **byte == b'\n').count() as u64
}

#[test]
fn a_dump_that_is_written_by_hand_as_documented_is_read() {
    let record =
        r#"{"chat_group":"g","standard":"101","custom":"vip","conversation_groups":[3],"change":9,"changed_at":100}"#;
    let pin = r#"{"one_to_one":"bob","change":8,"pinned_at":100}"#;
    let lists = format!(r#""conversation_groups":[{{"id":3,"name":"Work"}}],"records":[{record}],"pins":[{pin}]"#);
    let repeat = format!(
        r#""nick":"A","repeat":{{"fingerprint":"{}","answer":"renamed","conversation_group":3}},"last_change":9,"last_conversation_group_id":3,"grouped":1,"marked":1,"newest":100"#,
        "0f".repeat(32)
    );
    let rich = account_with("alice", &repeat, &lists);
    assert_eq!(read(dump(&[&rich, &account("bob"), &chat_group(4, "g")]).as_bytes()), Ok((2, 1)));
    assert_eq!(read(dump(&[]).as_bytes()), Ok((0, 0)));
}

#[tokio::test]
async fn the_example_of_the_docs_is_read_and_written_just_so() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operate/move.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let example = docs.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let store = Memory::new();
    imported(&store, example, Mode::IntoEmpty).await.unwrap();
    let written = exported(&store).await;
    // Not the head, which tells the version of the build, and not the sum of all.
    let of = |text: &str| text.lines().skip(1).take(5).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of(&written), of(example));
}

#[tokio::test]
async fn a_dump_cut_anywhere_is_told_with_the_line_of_the_cut() {
    let good = good().await.into_bytes();
    assert!(read(&good).is_ok());
    for place in 0..good.len() {
        let LineError { line, problem } = read(&good[..place]).unwrap_err();
        assert_eq!(line, line_of(&good, place), "cut at {place}: {problem}");
        assert!(problem.contains("cut"), "{problem}");
    }
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_told_with_its_line() {
    let good = good().await.into_bytes();
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1 << (place % 8);
        let LineError { line, problem } = read(&bad).unwrap_err();
        assert_eq!(line, line_of(&good, place), "byte {place}: {problem}");
    }
}

#[test]
fn lines_that_were_lost_doubled_or_moved_are_found_at_the_end() {
    let (a, b) = (sealed(&account("a")), sealed(&account("b")));
    let whole = header(1) + &a + &b;
    let end = &ended(whole.clone(), 2, 0)[whole.len()..];
    let counted = "the end line counts 2 accounts, but";
    for (lines, expected) in [
        (header(1) + &a + end, (3, counted)),
        (header(1) + &a + &b + &b + end, (5, counted)),
        (header(1) + &b + &a + end, (4, "the sum of the whole dump is another")),
    ] {
        let (line, problem) = error(&lines);
        assert!(line == expected.0 && problem.starts_with(expected.1), "line {line}: {problem}");
    }
    assert!(error(&ended(header(1), 0, 1)).1.starts_with("the end line counts 1 chat groups, but there are 0"));
}

#[test]
fn a_file_that_is_not_a_dump_or_of_another_version_is_refused_on_line_1() {
    let (line, problem) = error("{\"accounts\":[]}\n");
    assert!(line == 1 && problem.starts_with("this is not a dump of pinfold, or it is damaged: "), "{problem}");
    assert!(error("").1.starts_with("this is not a dump"));
    assert!(error(&ended(sealed(&account("a")), 1, 0)).1.ends_with("the head is missing"));
    let newer = sealed(r#"{"pinfold_dump":{"version":3,"written_by":"pinfold 9","compressed":false}}"#);
    let expected = "the dump has version 3, this build reads up to 2; use the build that wrote it";
    assert_eq!(error(&ended(newer, 0, 0)), (1, expected.to_owned()));
}

#[test]
fn lines_in_the_wrong_place_are_told() {
    let two = dump(&[&account("a")]);
    assert_eq!(error(&format!("{two}{two}")), (4, "something follows the end".into()));
    let again = header(1) + &header(1);
    assert!(error(&ended(again, 0, 0)).1.starts_with("a second head"));
    let after = dump(&[&chat_group(1, "g"), &account("a")]);
    assert_eq!(error(&after), (3, "an account after a chat group; accounts come before chat groups".into()));
    let order = dump(&[&chat_group(2, "g"), &chat_group(2, "h")]);
    assert_eq!(error(&order), (3, "chat group \"h\" of app 1 is not in the order of app and serial".into()));
}

#[test]
fn a_line_that_is_too_long_is_told_before_it_is_held() {
    let text = dump(&[&account("a"), &account(&"b".repeat(32))]);
    let longest = text.lines().map(|line| line.len() + 1).max().unwrap();
    let read = |bytes_max| Reader::new(Cursor::new(text.clone())).with_line_bytes_max(bytes_max).read_to_end(|_| ());
    assert_eq!(read(longest).map(|read| read.accounts), Ok(2));
    let problem = format!("it is longer than {} bytes", longest - 1);
    assert_eq!(read(longest - 1), Err(LineError { line: 3, problem }));
}

#[test]
fn a_value_that_is_none_is_told_with_its_account_and_field() {
    let with = |lists: &str| account_with("a", "", lists);
    let record = |fields: &str| with(&format!(r#""conversation_groups":[],"records":[{fields}],"pins":[]"#));
    let none = r#""conversation_groups":[],"records":[],"pins":[]"#;
    let of_a = "account \"a\" of app 1: ";
    let bob = r#"{"one_to_one":"bob","change":1,"pinned_at":1}"#;
    for (object, expected) in [
        (account(&"a".repeat(33)), "account: id is 33 bytes long, at most 32 are allowed".to_owned()),
        (account("a").replace("\"app\":1", "\"app\":0"), "app must not be 0".into()),
        (account("a").replace("true", "1"), "column 41: invalid type: integer `1`, expected a boolean".into()),
        (account("a").replace("imported", "colour"), "column 37: unknown field `colour`, expected one of ".into()),
        (record(r#"{"change":1,"changed_at":1}"#), format!("{of_a}records[0]: one of one_to_one and chat_group must")),
        (record(r#"{"one_to_one":"","change":1,"changed_at":1}"#), format!("{of_a}records[0]: one_to_one must not be")),
        (record(r#"{"chat_group":"a\u0001","change":1,"changed_at":1}"#), format!("{of_a}records[0]: chat_group must")),
        (
            record(r#"{"chat_group":"g","standard":"01","change":1,"changed_at":1}"#),
            format!("{of_a}records[0]: standard"),
        ),
        (
            record(r#"{"chat_group":"g","standard":"1","change":1,"changed_at":1}"#),
            format!("{of_a}marked is 0, and 1 "),
        ),
        (
            with(&none.replace("groups\":[]", r#"groups":[{"id":1,"name":""}]"#)),
            format!("{of_a}conversation_groups[0]: name"),
        ),
        (
            with(&none.replace("pins\":[]", &format!("pins\":[{bob},{bob}]"))),
            format!("{of_a}pins[1]: it is there twice"),
        ),
        (
            account_with("a", r#""repeat":{"fingerprint":"00","answer":"deleted","conversation_group":1},"#, none),
            format!("{of_a}repeat: fingerprint has to be 64 digits"),
        ),
        (chat_group(1, &"g".repeat(49)), "chat_group: id is 49 bytes long".into()),
        (chat_group(1, "g").replace("Public", "Club"), "chat_group: kind: \"Club\" is not a kind".into()),
        (chat_group(0, "g"), "chat_group: serial must not be 0".into()),
    ] {
        let (line, problem) = error(&dump(&[&object]));
        assert_eq!(line, 2);
        assert!(problem.starts_with(&expected), "{problem}\nnot {expected}");
    }
}
