//! Makes one call twice, and checks the store between and afterwards.

use std::sync::Arc;

use pinfold_core::{AccountState, AppId, ChatGroupSeq, RecentEntry, Timestamp};
use pinfold_server::fuzzing::Calls;
use pinfold_store::{AccountKey, ChatGroupList, Scope, Store};
use pinfold_wire::Service;
use pinfold_wire::commands::{COMMANDS, Repeat};

use super::answer::code;
use crate::state::is_kept;

/// A call to be made.
pub(super) struct Tried<'a> {
    pub(super) store: &'a Store,
    pub(super) app: AppId,
    pub(super) calls: &'a Calls,
    pub(super) place: usize,
    pub(super) now: Timestamp,
    pub(super) body: &'a [u8],
}

/// Everything that is kept.
#[derive(PartialEq)]
struct Everything {
    accounts: Vec<(AccountKey, Arc<AccountState>)>,
    /// The recent conversations of each of them.
    entries: Vec<Vec<RecentEntry>>,
    chat_groups: ChatGroupList,
}

impl Tried<'_> {
    /// Makes the call, and once more; gives the code of the first answer.
    ///
    /// * Each answer is one of the protocol, and no internal error.
    /// * A call that is refused as a whole changes nothing.
    /// * Every account that changed is consistent and can be kept.
    /// * What bears repeating is repeated.
    pub(super) async fn run(&self) -> u32 {
        let before = self.everything().await;
        let answer = self.calls.answer(self.place, self.now, self.body).await;
        let code = code(&answer);
        let after = self.everything().await;
        assert!(code == 0 || after == before, "a call refused with {code} changed something");
        after.are_kept(&before);
        self.again(&answer, code, &after).await;
        code
    }

    async fn again(&self, first: &[u8], first_code: u32, after: &Everything) {
        let command = COMMANDS[self.place];
        // Times of messages are compared with the clock: a second later they may be allowed.
        let is_timed = command.service == Service::OpenIm || command.name.ends_with("group_msg");
        let now = if is_timed { self.now } else { Timestamp(self.now.0 + 1) };
        let answer = self.calls.answer(self.place, now, self.body).await;
        let again_code = code(&answer);
        let behind = self.everything().await;
        behind.are_kept(after);
        let renames =
            command.name == "update_contact_group" && String::from_utf8_lossy(first).contains("\"UpdateGroupType\":1");
        if renames || first_code != 0 || command.repeat == Repeat::Same {
            let (first, answer) = (String::from_utf8_lossy(first), String::from_utf8_lossy(&answer));
            assert_eq!((again_code, &answer), (first_code, &first), "the same call is answered otherwise");
            assert!(behind == *after, "the same call changes something");
        }
    }

    async fn everything(&self) -> Everything {
        let backend = self.store.backend();
        let (mut accounts, mut entries) = (Vec::new(), Vec::new());
        for key in backend.list_accounts(None, None, usize::MAX).await.expect("memory can be read") {
            let loaded = backend.load(&key, &Scope::All).await.expect("memory can be read");
            if let Some(version) = loaded.version {
                entries.push(backend.entries(&key, version.life).await.expect("memory can be read"));
            }
            accounts.push((key, loaded.state));
        }
        let chat_groups = backend.list_chat_groups(self.app, ChatGroupSeq(0), usize::MAX).await;
        Everything { accounts, entries, chat_groups: chat_groups.expect("memory can be read") }
    }
}

impl Everything {
    /// Looks at each account that is not as it was.
    fn are_kept(&self, before: &Self) {
        for (account, state) in &self.accounts {
            let same = before.accounts.iter().any(|(other, before)| other == account && Arc::ptr_eq(before, state));
            if !same {
                is_kept(account, state);
            }
        }
    }
}
