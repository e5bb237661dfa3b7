//! What is measured: the commands and the accounts they touch.

use clap::ValueEnum;
use rand::Rng;
use rand::rngs::SmallRng;

use crate::accounts::{Accounts, RECORDS, Size};
use crate::prepare;
use crate::request::{Request, Whose};

/// One kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// One item, a random account.
    Mark,
    /// A hundred items, a random account of 100 records.
    Mark100,
    /// As `mark`, of accounts of 1,000 records.
    Mark1000,
    /// One conversation out of a group and into it again.
    Update,
    /// A conversation group is created and deleted.
    CreateDelete,
    /// One conversation.
    Search,
    /// A hundred conversations, 20 of them with a record.
    Search100,
    /// The page of 20 records.
    Get,
    /// All pages of an account of 1,000 records; a request is one page of 100.
    Get1000,
    /// 90 % reads of 20 records, 10 % marks.
    Mixed,
    /// Every connection marks one account.
    Hot,
    /// A message between two random accounts of 100,000.
    Touch,
    /// A message of a random account in one of 1,000 chat groups.
    GroupMessage,
    /// The list of 100 recent conversations.
    List,
    /// As `mark`, of accounts that keep 500 recent conversations.
    MarkListed,
    /// As `get`, of accounts that keep 500 recent conversations.
    GetListed,
    /// 70 % marks, 20 % updates, 10 % groups created and deleted; for the soak.
    Writes,
}

/// Requests that a connection has prepared. A multiple of 10, so that pages and pairs come out even.
pub(crate) const PREPARED: u32 = 20;

impl Scenario {
    /// Every scenario of the table, in its order.
    pub(crate) const ALL: [Self; 16] = [
        Self::Mark,
        Self::Update,
        Self::CreateDelete,
        Self::Search,
        Self::Search100,
        Self::Get,
        Self::Mixed,
        Self::Hot,
        Self::Mark100,
        Self::Mark1000,
        Self::Get1000,
        Self::Touch,
        Self::GroupMessage,
        Self::List,
        Self::MarkListed,
        Self::GetListed,
    ];

    /// Items of one call: changed, asked for or on the page.
    pub(crate) fn items(self) -> u32 {
        match self {
            Self::Mark100 | Self::Search100 | Self::Get1000 | Self::List => 100,
            Self::Get | Self::GetListed => RECORDS,
            Self::Update | Self::Touch | Self::GroupMessage => 2,
            Self::Mark | Self::Mark1000 | Self::MarkListed | Self::CreateDelete | Self::Search => 1,
            Self::Mixed | Self::Hot | Self::Writes => 1,
        }
    }

    /// The accounts it touches where the usual ones are these many.
    pub(crate) fn accounts(self, size: Size) -> Accounts {
        match self {
            Self::Mark100 => Accounts::BULK,
            Self::Mark1000 => Accounts::LONG,
            Self::Get1000 => Accounts::WIDE,
            Self::Touch | Self::GroupMessage => Accounts::MANY,
            Self::List => Accounts::LIST,
            Self::MarkListed | Self::GetListed => Accounts::BUSY,
            Self::Mark | Self::Update | Self::CreateDelete | Self::Search | Self::Search100 => Accounts::usual(size),
            Self::Get | Self::Mixed | Self::Hot | Self::Writes => Accounts::usual(size),
        }
    }

    /// Whether accounts need the group "Work".
    pub(crate) fn needs_work(self) -> bool {
        matches!(self, Self::Update | Self::Writes)
    }

    /// Whether the server has to take messages; pinfold 0.1.0 does not know that key.
    pub(crate) fn needs_messages(self) -> bool {
        matches!(self, Self::Touch | Self::GroupMessage | Self::List | Self::MarkListed | Self::GetListed)
    }

    /// The `turn`-th of the requests that a connection prepares. `place` is the connection's number.
    pub(crate) fn request(self, place: usize, turn: u32, random: &mut SmallRng) -> Request {
        // Any number does: it is written anew.
        let account = &self.accounts(Size { stored: 1, touched: 1 }).name(0);
        let one = random.random_range(0..RECORDS);
        match self {
            Self::Mark | Self::MarkListed => Request::random("mark_contact", &prepare::mark(account, one..one + 1)),
            Self::Mark1000 => {
                let one = random.random_range(0..prepare::PEERS);
                Request::random("mark_contact", &prepare::mark(account, one..one + 1))
            }
            Self::Mark100 => Request::random("mark_contact", &prepare::mark(account, 0..100)),
            Self::Hot => {
                Request::new("recentcontact", "mark_contact", &prepare::mark(account, one..one + 1), Whose::Fixed)
            }
            Self::Update => Request::random("update_contact_group", &prepare::update(account, one)),
            Self::CreateDelete => create_delete(account, place, turn, one),
            Self::Search => Request::random("search_contact_group", &prepare::search(account, one..one + 1)),
            Self::Search100 => Request::random("search_contact_group", &prepare::search(account, 0..100)),
            Self::Get | Self::GetListed => Request::random("get_contact_group", &prepare::get(account, 0)),
            Self::List => Request::random("get_list", &prepare::list(account)),
            Self::Touch => Request::new("openim", "sendmsg", &prepare::message(account, account), Whose::Random),
            Self::GroupMessage => {
                let chat_group = prepare::chat_group(random.random_range(0..prepare::CHAT_GROUPS));
                let body = prepare::group_message(account, &chat_group);
                Request::new("group_open_http_svc", "send_group_msg", &body, Whose::Random)
            }
            Self::Get1000 => page(account, turn % 10),
            Self::Mixed if turn.is_multiple_of(10) => Self::Mark.request(place, turn, random),
            Self::Mixed => Self::Get.request(place, turn, random),
            Self::Writes => match turn % 20 {
                0..14 => Self::Mark.request(place, turn, random),
                14..18 => Self::Update.request(place, turn, random),
                _ => Self::CreateDelete.request(place, turn, random),
            },
        }
    }
}

/// Even turns create what the odd ones after them delete; the name is the connection's own.
fn create_delete(account: &str, place: usize, turn: u32, peer: u32) -> Request {
    let name = &format!("Bench {place}-{}", turn / 2);
    if turn.is_multiple_of(2) {
        Request::random("create_contact_group", &prepare::create(account, name, peer..peer + 1))
    } else {
        Request::new("recentcontact", "del_contact_group", &prepare::delete(account, name), Whose::Same)
    }
}

/// The n-th page of 100 records. After the load the change numbers are 1 to 1000 in the order of the records, so the
/// cursors are known; the load makes sure of it.
fn page(account: &str, number: u32) -> Request {
    let whose = if number == 0 { Whose::Random } else { Whose::Same };
    Request::new("recentcontact", "get_contact_group", &prepare::get(account, u64::from(number) * 100), whose)
}
