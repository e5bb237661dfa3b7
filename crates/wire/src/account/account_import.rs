//! `account_import`: registers one account, or renews its nick and picture.

use serde::{Deserialize, Serialize};

use crate::{
    Lenient, Malformed,
    lenient::{self, Item, SentAs},
};

/// The body of the call, and an element of the lists of `multiaccount_import`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", from = "Spellings")]
pub struct Request {
    /// `UserID`, or the older `Identifier`: the account.
    #[serde(rename = "UserID", skip_serializing_if = "Lenient::is_absent")]
    pub user_id: Lenient<String>,
    /// Which name the account's id had.
    #[serde(skip)]
    pub user_id_sent_as: SentAs,
    /// The name to show.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub nick: Lenient<String>,
    /// The address of the picture.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub face_url: Lenient<String>,
}

/// The same with a field for each spelling; `UserID` wins.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Spellings {
    #[serde(rename = "UserID")]
    user_id: Lenient<String>,
    identifier: Lenient<String>,
    nick: Lenient<String>,
    face_url: Lenient<String>,
}

impl From<Spellings> for Request {
    fn from(spellings: Spellings) -> Self {
        let Spellings { user_id, identifier, nick, face_url } = spellings;
        let (user_id_sent_as, user_id) = lenient::first_id([("UserID", user_id), ("Identifier", identifier)]);
        Self { user_id, user_id_sent_as, nick, face_url }
    }
}

/// In a list an account may stand as its plain id.
impl Item for Request {
    const WANTED_FOR_NUMBER: Malformed = Malformed::NumberForString;

    fn from_text(user_id: &str) -> Option<Self> {
        Some(Self { user_id: user_id.into(), ..Self::default() })
    }
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
