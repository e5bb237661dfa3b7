//! A field of a body, and the bad values for it.

use serde_json::{Value, json};

/// A field of a body.
pub(crate) struct Field {
    /// Its place as a JSON pointer.
    pointer: &'static str,
    shape: Shape,
    is_required: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An account id; `true` if the account must be known.
    Account(bool),
    ChatGroup,
    /// The name of a conversation group: a new one, or one that must exist.
    NewName,
    OldName,
    /// A text of so many bytes; 0 for a text that is one of a few words.
    Text(usize),
    /// Any text.
    AnyText,
    /// Texts, of which one may stand alone.
    Words,
    /// One of a few numbers, of which this one is good.
    Choice(i64),
    /// A number with a smallest and, perhaps, a largest one.
    Number(i64, Option<i64>),
    /// The number of a change, of which the second one can be undone.
    Revision,
    /// Any number.
    Integer,
    /// Anything at all: it is not looked at.
    Anything,
    Object,
    Objects,
    /// Accounts, for which plain ids may stand.
    Accounts,
    Names,
    /// Names of conversation groups that must exist, or none.
    OldNames,
    ChatGroups,
    /// Bits; `true` where there must be one.
    Bits(bool),
    Flag,
}

use Shape::{
    Account, Accounts, AnyText, Anything, Bits, ChatGroup, ChatGroups, Choice, Flag, Integer, Names, NewName, Number,
    Object, Objects, OldName, OldNames, Revision, Text, Words,
};

pub(crate) const fn needs(pointer: &'static str, shape: Shape) -> Field {
    Field { pointer, shape, is_required: true }
}

pub(crate) const fn takes(pointer: &'static str, shape: Shape) -> Field {
    Field { pointer, shape, is_required: false }
}

impl Field {
    /// The field's name; an element of an array has that of the array.
    pub(crate) fn name(&self) -> &'static str {
        let is_name = |part: &&str| part.parse::<usize>().is_err();
        self.pointer.rsplit('/').find(is_name).unwrap_or_default()
    }

    /// The body with another value in this place, or with none.
    pub(crate) fn put(&self, body: &str, value: Option<&Value>) -> String {
        let mut body: Value = serde_json::from_str(body).unwrap();
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        match (value, body.pointer_mut(parent).unwrap()) {
            (Some(value), _) => *body.pointer_mut(self.pointer).unwrap() = value.clone(),
            (None, Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
            (None, parent) => drop(parent.as_object_mut().unwrap().remove(name)),
        }
        body.to_string()
    }

    /// The values to try, `None` for leaving the field out, and whether each must be refused.
    pub(crate) fn values(&self) -> Vec<(Option<Value>, bool)> {
        let mut values = vec![(None, self.is_required), (Some(Value::Null), self.is_required)];
        let takes_all = self.shape == Anything;
        values.extend([(Some(json!(true)), !takes_all && self.shape != Flag), (Some(json!(1.5)), !takes_all)]);
        values.extend(self.shape.values().into_iter().map(|(value, is_refused)| (Some(value), is_refused)));
        values
    }

    /// Whether a refusal names the field, or says in other words what is wrong with this value.
    pub(crate) fn is_named_in(&self, text: &str, value: Option<&Value>) -> bool {
        let value = value.and_then(Value::as_str).unwrap_or("no text");
        let other = match self.shape {
            NewName | OldName => "conversation group name",
            // Where accounts fail their ids are listed and nothing is said.
            Accounts | Account(_) | Text(_) if text == "FailAccounts" => "FailAccounts",
            Accounts => "UserID",
            ChatGroups | ChatGroup => "GroupId",
            Objects => "conversations",
            OldNames => "conversation group",
            Account(_) | Text(_) | AnyText | Words | Choice(_) | Number(..) | Revision | Integer | Anything
            | Object | Names | Bits(_) | Flag => self.name(),
        };
        text.contains(self.name()) || text.contains(other) || text.contains(value)
    }
}

impl Shape {
    /// Values besides none, null, a boolean and a fraction, and whether each must be refused.
    fn values(self) -> Vec<(Value, bool)> {
        let long = |bytes: usize| json!("x".repeat(bytes));
        let no_text = [(json!(7), true), (json!([]), true), (json!({}), true)];
        let no_number = [(json!("many"), true), (json!([]), true), (json!({}), true), (json!(1e30), true)];
        let mut values = match self {
            Account(must_be_known) => {
                vec![(long(33), true), (json!("a\u{0}b"), true), (json!("stranger"), must_be_known)]
            }
            ChatGroup => vec![(long(49), true), (json!("a\nb"), true)],
            NewName => vec![(long(33), true), (json!(""), true)],
            OldName => vec![(long(33), true), (json!(""), true), (json!("Nowhere"), true)],
            Text(0) => vec![(json!("Unknown"), true), (long(1000), true)],
            Text(bytes_max) => vec![(long(bytes_max + 1), true), (long(bytes_max), false)],
            AnyText => vec![(long(1000), false)],
            Words => vec![(json!(7), true), (json!([7]), true), (json!([]), false), (json!("word"), false)],
            Choice(good) => vec![(json!(99), true), (json!(-1), true), (json!(good.to_string()), false)],
            Number(min, max) => {
                let above = max.map(|max| (json!(max + 1), true));
                above.into_iter().chain([(json!(min - 1), true), (json!("1"), false)]).collect()
            }
            Revision => vec![(json!(0), true), (json!(1_u64 << 31), true), (json!("2"), false)],
            Integer => vec![(json!(-1), false), (json!(i64::MAX), false), (json!("1"), false)],
            Anything => vec![(json!("text"), false), (json!(1e30), false), (json!([]), false), (json!({}), false)],
            Object => {
                [json!("text"), json!(7), json!([]), json!([7]), json!([{}, {}])].map(|value| (value, true)).into()
            }
            Objects | Accounts => vec![
                (json!(7), true),
                (json!([7]), true),
                (json!({"0": {}, "2": {}}), true),
                (json!("text"), self != Accounts),
            ],
            Names | ChatGroups => vec![
                (json!(7), true),
                (json!([]), true),
                (json!([7]), true),
                (json!({}), true),
                (json!({"0": "Work"}), true),
            ],
            OldNames => old_names(),
            Bits(must_have_one) => vec![
                (json!([64]), true),
                (json!([-1]), true),
                (json!(["many"]), true),
                (json!({"0": 1}), true),
                (json!("many"), true),
                (json!([]), must_have_one),
            ],
            Flag => flags(),
        };
        match self {
            Account(_) | ChatGroup | NewName | OldName | Text(_) | AnyText => values.extend(no_text),
            Choice(_) | Number(..) | Revision | Integer => values.extend(no_number),
            Anything | Object | Objects | Accounts | Names | OldNames | Words | ChatGroups | Bits(_) | Flag => {}
        }
        values
    }
}

/// Names of conversation groups of which one exists, or none.
fn old_names() -> Vec<(Value, bool)> {
    vec![
        (json!(7), true),
        (json!([]), false),
        (json!("Work"), false),
        (json!([7]), true),
        (json!([null]), true),
        (json!([""]), true),
        (json!(["Work", "Nowhere"]), true),
        (json!(["x".repeat(33)]), true),
        (json!(vec!["Work"; 501]), true),
        (json!({}), true),
        (json!({"0": "Work"}), true),
    ]
}

/// Booleans, and what may stand for them.
fn flags() -> Vec<(Value, bool)> {
    vec![
        (json!(false), false),
        (json!(1), false),
        (json!("0"), false),
        (json!(2), true),
        (json!("true"), true),
        (json!([]), true),
        (json!({}), true),
    ]
}
