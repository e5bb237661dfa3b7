//! Makes one call twice, and checks the store between and afterwards.

use pinfold_core::{AppId, Timestamp};
use pinfold_server::fuzzing::Calls;
use pinfold_store::Store;
use pinfold_wire::Service;
use pinfold_wire::commands::{COMMANDS, Repeat};

use super::answer::code;
use crate::everything::Everything;

/// A call to be made.
pub(super) struct Tried<'a> {
    pub(super) store: &'a Store,
    pub(super) app: AppId,
    pub(super) calls: &'a Calls,
    pub(super) place: usize,
    pub(super) now: Timestamp,
    pub(super) body: &'a [u8],
}

impl Tried<'_> {
    /// Makes the call, and once more; gives the code of the first answer.
    ///
    /// * Each answer is one of the protocol, and no internal error.
    /// * A call that is refused as a whole changes nothing.
    /// * Every account that changed is consistent and can be kept.
    /// * What bears repeating is repeated.
    pub(super) async fn run(&self) -> u32 {
        let before = Everything::of(self.store, self.app).await;
        let answer = self.calls.answer(self.place, self.now, self.body).await;
        let code = code(&answer);
        let after = Everything::of(self.store, self.app).await;
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
        let behind = Everything::of(self.store, self.app).await;
        behind.are_kept(after);
        let renames =
            command.name == "update_contact_group" && String::from_utf8_lossy(first).contains("\"UpdateGroupType\":1");
        if renames || first_code != 0 || command.repeat == Repeat::Same {
            let (first, answer) = (String::from_utf8_lossy(first), String::from_utf8_lossy(&answer));
            assert_eq!((again_code, &answer), (first_code, &first), "the same call is answered otherwise");
            assert!(behind == *after, "the same call changes something");
        }
    }
}
