//! What is measured: the commands and the accounts they touch.

use clap::ValueEnum;
use rand::Rng;
use rand::rngs::SmallRng;

use crate::prepare::{self, PEERS};

/// One kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// One item, a random account.
    Mark,
    /// A hundred items, a random account.
    Mark100,
    /// One conversation into a group and out of it again.
    Update,
    /// A conversation group is created and deleted.
    CreateDelete,
    /// One conversation.
    Search,
    /// A hundred conversations.
    Search100,
    /// The page of 20 records.
    Get,
    /// 90 % reads of 20 records, 10 % marks.
    Mixed,
    /// Every connection marks one account.
    Hot,
}

impl Scenario {
    /// Every scenario, in the order of the table. The last one gives accounts more than 20 records.
    pub(crate) const ALL: [Self; 9] = [
        Self::Mark,
        Self::Update,
        Self::CreateDelete,
        Self::Search,
        Self::Search100,
        Self::Get,
        Self::Mixed,
        Self::Hot,
        Self::Mark100,
    ];

    /// Items of one call that change something.
    pub(crate) fn items(self) -> u32 {
        match self {
            Self::Mark100 => 100,
            Self::Update | Self::CreateDelete => 2,
            Self::Search100 => 100,
            Self::Mark | Self::Search | Self::Get | Self::Mixed | Self::Hot => 1,
        }
    }

    /// One request of this kind: the command and its body. `turn` counts the requests that were prepared.
    pub(crate) fn request(self, random: &mut SmallRng, accounts: u32, turn: u32) -> (&'static str, String) {
        let account = prepare::account(random.random_range(0..accounts));
        match self {
            Self::Mark => ("mark_contact", prepare::mark(&account, random, 1)),
            Self::Mark100 => ("mark_contact", prepare::mark(&account, random, 100)),
            Self::Hot => ("mark_contact", prepare::mark(&prepare::account(0), random, 1)),
            Self::Update => ("update_contact_group", prepare::update(&account, random)),
            Self::CreateDelete if turn.is_multiple_of(2) => prepare::create(turn / 2, accounts),
            Self::CreateDelete => prepare::delete(turn / 2, accounts),
            Self::Search => ("search_contact_group", prepare::search(&account, random.random_range(0..PEERS), 1)),
            Self::Search100 => ("search_contact_group", prepare::search(&account, 0, 100)),
            Self::Get => ("get_contact_group", prepare::get(&account)),
            Self::Mixed if random.random_range(0..10) == 0 => ("mark_contact", prepare::mark(&account, random, 1)),
            Self::Mixed => ("get_contact_group", prepare::get(&account)),
        }
    }
}
