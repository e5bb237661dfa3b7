//! What a load is asked for, and what it gives.

use std::sync::Arc;

use pinfold_core::{AccountId, AccountState, AppId, Conversation};

use crate::sync::atomic::{AtomicU8, Ordering};

/// An account, app and all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The app it belongs to.
    pub app: AppId,
    /// Its id within the app.
    pub account: AccountId,
}

/// How much of an account a call needs. Head, conversation groups and pins always come along; a
/// backend may load more than it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No records.
    Head,
    /// The records of these conversations.
    Conversations(Vec<Conversation>),
    /// Every record.
    All,
}

/// Which of the accounts of one name it is: drawn when the account is created, kept until it is deleted. What is kept
/// beside an account carries it, so that an account that comes after a deletion has nothing of the one before.
///
/// 0, which is never drawn, is the life of the accounts that pinfold 0.1.0 wrote, until they are deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Life(pub u64);

impl Life {
    fn draw() -> Self {
        Self(rand::random_range(1..=u64::MAX))
    }
}

/// Changes with every commit to an account and is not used again by one that comes after its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Another one with every commit.
    pub number: u64,
    /// Of all versions from the account's creation to its deletion.
    pub life: Life,
}

impl Version {
    /// The version after `base`: one with any other number, at random. So a caller that read an account does not
    /// mistake for it one that came after a deletion, or after an older backup took its place.
    pub fn after(base: Option<Self>) -> Self {
        let number: u64 = rand::random();
        match base {
            Some(base) if base.number == number => Self { number: number.wrapping_add(1), ..base },
            Some(base) => Self { number, ..base },
            None => Self { number, life: Life::draw() },
        }
    }

    /// A version of an account that pinfold 0.1.0 created.
    pub fn numbered(number: u64) -> Self {
        Self { number, life: Life::default() }
    }
}

/// What a backend knows of an account.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// `None` for an account that nothing is kept for.
    pub version: Option<Version>,
    /// The part that was asked for, or more.
    pub state: Arc<AccountState>,
    /// Whether this is durable; always so for [`Backend::load`](crate::Backend::load).
    pub durability: Durability,
}

/// What becomes of a state that is shown before the disk has it.
#[derive(Clone, Debug, Default)]
pub struct Durability(Option<Arc<AtomicU8>>);

impl Durability {
    const PENDING: u8 = 0;
    const DURABLE: u8 = 1;
    const NEVER: u8 = 2;

    /// Of a state that is durable.
    pub fn durable() -> Self {
        Self(None)
    }

    /// Of a state that is on its way to the disk.
    pub fn pending() -> Self {
        Self(Some(Arc::new(AtomicU8::new(Self::PENDING))))
    }

    /// Says what became of the state.
    pub fn decide(&self, durable: bool) {
        if let Self(Some(durability)) = self {
            durability.store(if durable { Self::DURABLE } else { Self::NEVER }, Ordering::Release);
        }
    }

    /// Whether the state is durable; `None` while that is open.
    pub fn is_durable(&self) -> Option<bool> {
        match self.0.as_ref().map_or(Self::DURABLE, |durability| durability.load(Ordering::Acquire)) {
            Self::PENDING => None,
            durability => Some(durability == Self::DURABLE),
        }
    }
}
