//! From the text of a file to a [`Transcript`].

use pinfold_core::{AccountId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};
use pinfold_wire::Service;

use super::{Given, Step, StoreMode, Transcript, blocks};

/// Reads a transcript; the error names the file and what is wrong.
pub fn read(name: &str, text: &str) -> Result<Transcript, String> {
    let lines: Vec<&str> = text.lines().collect();
    let comments = lines.iter().take_while(|line| line.starts_with('#')).map(|line| line[1..].trim());
    let sentence = comments.collect::<Vec<_>>().join(" ");
    let mut transcript = Transcript {
        name: name.into(),
        sentence,
        section: 0,
        decided: false,
        every: Vec::new(),
        given: Vec::new(),
        steps: Vec::new(),
    };
    let mut at = 0;
    while at < lines.len() {
        let used = line(&mut transcript, at + 1, &lines[at..]);
        at += used.map_err(|problem| format!("{name}.txt, line {}: {problem}", at + 1))?;
    }
    if !transcript.sentence.ends_with('.') || transcript.section == 0 || transcript.calls().next().is_none() {
        return Err(format!("{name}.txt needs a sentence with a full stop, a section and a call"));
    }
    Ok(transcript)
}

/// Reads what begins here; how many lines it has.
fn line(transcript: &mut Transcript, number: usize, lines: &[&str]) -> Result<usize, String> {
    let words: Vec<&str> = lines[0].split_whitespace().collect();
    match words[..] {
        [] => {}
        [first, ..] if first.starts_with('#') => {}
        ["section", section] => transcript.section = section.parse().map_err(|_| "section needs a number")?,
        ["decided"] => transcript.decided = true,
        ["every", "command", "of", ref services @ ..] if !services.is_empty() => {
            let service = |service: &&str| Service::from_path(service).ok_or("there is no such service");
            transcript.every = services.iter().map(service).collect::<Result<_, _>>()?;
        }
        ["given", ..] if !transcript.steps.is_empty() => return Err("\"given\" stands before the steps".into()),
        ["given", "accounts", ..] => {
            transcript.given.push(Given::Accounts(words[2..].iter().map(|&word| word.into()).collect()));
        }
        ["given", key, "=", ..] => {
            transcript.given.push(setting_of(key, lines[0])?);
        }
        ["clock", second] => transcript.steps.push(Step::Clock(second.parse().map_err(|_| "clock needs a number")?)),
        ["entry" | "message", ..] => transcript.steps.push(Step::Touch(touches_of(&words)?)),
        ["restart"] => transcript.steps.push(Step::Restart(Vec::new())),
        ["restart", "with", key, "=", ..] => transcript.steps.push(Step::Restart(vec![setting_of(key, lines[0])?])),
        ["store", ref mode @ ..] => transcript.steps.push(Step::Store(store_mode_of(mode)?)),
        [">", ..] => {
            let (exchange, used) = blocks::call(number, lines)?;
            transcript.steps.push(Step::Call(exchange));
            return Ok(used);
        }
        _ => return Err(format!("{:?} says nothing", lines[0])),
    }
    Ok(1)
}

/// `entry A with B at SECOND` and `entry A in CHAT_GROUP at SECOND` are entries of A alone, `message in CHAT_GROUP at SECOND`
/// is the time of the chat group alone.
fn touches_of(words: &[&str]) -> Result<Touches, String> {
    let account = |id| AccountId::parse(id).map_err(|problem| format!("{id} {problem}"));
    let chat_group = |id| ChatGroupId::parse(id).map_err(|problem| format!("{id} {problem}"));
    let time = |second: &str| second.parse().map(Timestamp).map_err(|_| "at needs a number");
    let mut touches = Touches::default();
    let (of, conversation, at) = match *words {
        ["entry", of, "with", peer, "at", second] => (of, Conversation::OneToOne(account(peer)?), time(second)?),
        ["entry", of, "in", id, "at", second] => (of, Conversation::ChatGroup(chat_group(id)?), time(second)?),
        ["message", "in", id, "at", second] => {
            touches.chat_groups.push((chat_group(id)?, time(second)?));
            return Ok(touches);
        }
        _ => return Err("it is \"entry A with B at N\", \"entry A in C at N\" or \"message in C at N\"".into()),
    };
    touches.entries.push((account(of)?, RecentEntry { conversation, at }));
    Ok(touches)
}

/// The setting of a line that ends with `= VALUE`.
fn setting_of(key: &str, line: &str) -> Result<Given, String> {
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    Ok(Given::Setting(key.into(), value_of(value)?))
}

fn value_of(text: &str) -> Result<toml::Value, String> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).map_err(|error| error.to_string())?;
    Ok(table["value"].clone())
}

fn store_mode_of(words: &[&str]) -> Result<StoreMode, String> {
    match words {
        ["works"] => Ok(StoreMode::Works),
        ["fails"] => Ok(StoreMode::Fails),
        ["stalls"] => Ok(StoreMode::Stalls),
        ["is", "full"] => Ok(StoreMode::IsFull),
        _ => Err("the store works, fails, stalls or is full".into()),
    }
}
