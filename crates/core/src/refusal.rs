//! Every "no" the rules can say, as a sentence to the caller.

use std::fmt;

use crate::{AccountId, ChatGroupId, Conversation, Element, GroupName, MessagePart, Revision};

/// What a limit of conversations counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Conversations in at least one conversation group.
    Grouped,
    /// Conversations with a standard or custom mark.
    Marked,
}

/// Why a call, or one item of it, is refused. The server turns each into a code of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account the call is about is not imported.
    AccountNotImported(AccountId),
    /// A call that is signed by an account, and not by an administrator, names another account.
    OtherAccount {
        /// The account that `From_Account` names.
        named: AccountId,
        /// The account that signed.
        signer: AccountId,
    },
    /// The account of a one-to-one conversation is not imported.
    PeerNotImported(AccountId),
    /// The chat group is unknown or was destroyed.
    ChatGroupUnknown(ChatGroupId),
    /// A field of the request is missing or cannot be read; the text is a sentence that names it.
    Malformed(String),
    /// An account id came as something else than a string; the field's name.
    AccountIdNotText(&'static str),
    /// A call names fewer conversations than one or more than it may.
    ConversationsPerCall {
        /// How many it names.
        given: usize,
        /// The least it must name.
        min: usize,
        /// The most it may name.
        max: usize,
    },
    /// A list whose length is checked as a field is: it has fewer elements than it must have, or more than it may.
    ListLength {
        /// The field.
        field: &'static str,
        /// What its elements are, as a plural.
        elements: &'static str,
        /// How many it has.
        given: usize,
        /// The least it must have.
        min: usize,
        /// The most it may have.
        max: usize,
    },
    /// A text is too long.
    TextLength {
        /// The field.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The account has all the grouped or marked conversations it may have.
    ConversationsFull {
        /// Which of the two counts is full.
        counted: Counted,
        /// The limit.
        max: usize,
    },
    /// The account has no conversation group of this name.
    ConversationGroupUnknown(GroupName),
    /// The account has all the conversation groups it may have.
    ConversationGroupsFull {
        /// The limit.
        max: usize,
    },
    /// Another conversation group of the account has this name.
    NameTaken(GroupName),
    /// The name of a conversation group is empty or too long.
    NameLength {
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The call would pin more conversations than an account may pin.
    PinsFull {
        /// The limit.
        max: usize,
    },
    /// A call that orders pins names a conversation that is not pinned.
    NotPinned(Conversation),
    /// A part of a message is missing or cannot be read.
    Message {
        /// Which part.
        part: MessagePart,
        /// A sentence that names the field.
        sentence: String,
    },
    /// The sender of a message is not imported.
    SenderUnknown(AccountId),
    /// No receiver of a message is imported; this is the first.
    ReceiversUnknown(AccountId),
    /// The kind of the chat group keeps no messages, so that none can be imported into it.
    ChatGroupHasNoHistory(ChatGroupId),
    /// The app's edition has neither conversation groups nor standard marks.
    EditionLacks,
    /// The account used up its change numbers or conversation group ids, which fit 31 bits.
    NumbersUsedUp,
    /// `account_delete` for an account that nothing is kept for.
    AccountUnknown(AccountId),
    /// The chat group's id is in use.
    ChatGroupTaken {
        /// The id.
        id: ChatGroupId,
        /// Whether the owner of the chat group that has it is the one the call names.
        by_same_owner: bool,
    },
    /// The chat group's chosen id has a form that an app may not choose; the text is a sentence.
    ChatGroupIdBad(String),
    /// The app keeps no changes, so that none can be undone.
    HistoryOff,
    /// A change that is to be undone is not kept.
    RevisionNotKept {
        /// The change.
        revision: Revision,
        /// The first and the last change that can be kept, if any is.
        kept: Option<(Revision, Revision)>,
    },
    /// A change cannot be undone, for one of its events has no opposite.
    NotUndoable {
        /// The change.
        revision: Revision,
        /// The name of the event.
        event: &'static str,
    },
    /// A change cannot be undone, for something of it was changed since.
    ChangedSince {
        /// The change.
        revision: Revision,
        /// What is neither as the change left it nor as it was before.
        element: Element,
    },
}

impl Refusal {
    /// Refuses a list of this field that is empty or has too many elements.
    ///
    /// # Errors
    /// [`Refusal::ListLength`].
    pub(crate) fn unless_list_fits(
        field: &'static str,
        elements: &'static str,
        given: usize,
        max: usize,
    ) -> Result<(), Self> {
        let fits = (1..=max).contains(&given);
        if fits { Ok(()) } else { Err(Self::ListLength { field, elements, given, min: 1, max }) }
    }

    /// Refuses a list of this field that has too many elements; it may be empty.
    ///
    /// # Errors
    /// [`Refusal::ListLength`].
    pub(crate) fn unless_list_is_short(
        field: &'static str,
        elements: &'static str,
        given: usize,
        max: usize,
    ) -> Result<(), Self> {
        if given <= max { Ok(()) } else { Err(Self::ListLength { field, elements, given, min: 0, max }) }
    }

    /// Refuses a text of this field that is too long.
    ///
    /// # Errors
    /// [`Refusal::TextLength`].
    pub(crate) fn unless_text_fits(field: &'static str, text: &str, bytes_max: usize) -> Result<(), Self> {
        let bytes = text.len();
        if bytes <= bytes_max { Ok(()) } else { Err(Self::TextLength { field, bytes, bytes_max }) }
    }

    /// The same refusal with the number that the call really names: a rule gets at most one element more than is allowed.
    #[must_use]
    pub fn of_so_many(mut self, named: usize) -> Self {
        if let Self::ConversationsPerCall { given, .. } | Self::ListLength { given, .. } = &mut self {
            *given = named;
        }
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccountNotImported(account)
            | Self::PeerNotImported(account)
            | Self::SenderUnknown(account)
            | Self::ReceiversUnknown(account) => {
                write!(f, "account \"{account}\" is not imported; import it with account_import first")
            }
            Self::OtherAccount { named, signer } => {
                write!(f, "From_Account is \"{named}\"; a signature of \"{signer}\" is for that account alone")
            }
            Self::ChatGroupUnknown(chat_group) => {
                write!(f, "chat group \"{chat_group}\" is unknown or was disbanded")
            }
            Self::Malformed(sentence) | Self::ChatGroupIdBad(sentence) | Self::Message { sentence, .. } => {
                f.write_str(sentence)
            }
            Self::AccountIdNotText(field) => write!(f, "{field} must be a string"),
            Self::ConversationsPerCall { given, min, max } => {
                write!(f, "the call names {given} conversations; {min} to {max} are allowed")
            }
            Self::ListLength { field, elements, given, min, max } => {
                write!(f, "{field} has {given} {elements}; {min} to {max} are allowed")
            }
            Self::TextLength { field, bytes, bytes_max } => {
                write!(f, "{field} has {bytes} bytes; at most {bytes_max} are allowed")
            }
            Self::ConversationsFull { counted, max } => {
                let what = match counted {
                    Counted::Grouped => "in conversation groups",
                    Counted::Marked => "with marks",
                };
                write!(f, "the account may have {max} conversations {what} at most")
            }
            Self::ConversationGroupUnknown(name) => write!(f, "conversation group \"{name}\" does not exist"),
            Self::ConversationGroupsFull { max } => {
                write!(f, "the account may have {max} conversation groups at most")
            }
            Self::NameTaken(name) => write!(f, "conversation group \"{name}\" exists already"),
            Self::NameLength { bytes, bytes_max } => {
                write!(f, "the conversation group name has {bytes} bytes; 1 to {bytes_max} are allowed")
            }
            Self::PinsFull { max } => write!(f, "the account may pin {max} conversations at most"),
            Self::NotPinned(Conversation::OneToOne(account)) => {
                write!(f, "the conversation with \"{account}\" is not pinned; pin it with top first")
            }
            Self::NotPinned(Conversation::ChatGroup(chat_group)) => {
                write!(f, "chat group \"{chat_group}\" is not pinned; pin it with top first")
            }
            Self::ChatGroupHasNoHistory(chat_group) => {
                write!(f, "chat group \"{chat_group}\" is an AVChatRoom, into which no message can be imported")
            }
            Self::EditionLacks => f.write_str(
                "the app's edition is standard: conversation groups and standard marks need pro, pro-plus or enterprise",
            ),
            Self::NumbersUsedUp => f.write_str("the account has used up its change numbers"),
            Self::AccountUnknown(account) => write!(f, "account \"{account}\" does not exist"),
            Self::ChatGroupTaken { id, by_same_owner: false } => write!(f, "chat group id \"{id}\" is in use"),
            Self::ChatGroupTaken { id, by_same_owner: true } => {
                write!(f, "chat group id \"{id}\" is in use by a chat group of the same Owner_Account")
            }
            Self::HistoryOff => f.write_str("no changes are kept: app.history_days is 0"),
            Self::RevisionNotKept { revision, kept } => fmt_not_kept(f, *revision, *kept),
            Self::NotUndoable { revision, event } => {
                write!(f, "change {revision} cannot be undone: {event} has no opposite")
            }
            Self::ChangedSince { revision, element } => write!(f, "change {revision} cannot be undone: {element}"),
        }
    }
}

fn fmt_not_kept(f: &mut fmt::Formatter<'_>, revision: Revision, kept: Option<(Revision, Revision)>) -> fmt::Result {
    match kept {
        None => write!(f, "change {revision} is not kept; no change of the account is"),
        Some((first, last)) => write!(f, "change {revision} is not kept; at most changes {first} to {last} are"),
    }
}
