//! Pieces that the commands of messages share: who takes part, what is kept, and the names of a message.

use pinfold_core::{AccountId, AppId, Timestamp, Touches};
use sha2::{Digest, Sha256};

use super::Call;
use crate::messages::MessageTaker;
use crate::parse::Sent;

/// How the names of messages begin in client SDKs: the hosted service's number for it, to which ten digits are added.
const MSG_ID_PREFIX: &str = "144115";
const TEN_DIGITS: u64 = 10_000_000_000;

impl Call<'_> {
    /// The sender of a message: the account that it names, or the administrator who signed.
    pub(super) fn sender(&self, named: Option<AccountId>) -> AccountId {
        named.unwrap_or_else(|| self.signer.account().clone())
    }

    /// Looks up who takes part in messages, and keeps their times.
    pub(super) fn messages(&self) -> MessageTaker<'_> {
        let Self { app, store, trims, meters, now, .. } = *self;
        MessageTaker { app, store, trims, meters, now }
    }
}

/// The touches of a message in the lists of its sender and its receivers.
pub(super) fn touches<To>(message: &Sent<To>, from: &AccountId, to: &[&AccountId], at: Timestamp) -> Touches {
    let mut touches = Touches::default();
    for receiver in to.iter().filter(|_| message.renews) {
        touches.one_to_one(receiver, from, at);
        if message.is_kept_by_sender {
            touches.one_to_one(from, receiver, at);
        }
    }
    touches
}

/// `MsgKey`: the app's number of the message, or one that is drawn, its random bits and its time.
pub(super) fn msg_key(seq: Option<u32>, random: u32, at: Timestamp) -> String {
    let seq = seq.unwrap_or_else(|| rand::random::<u32>() >> 1);
    format!("{seq}_{random}_{}", at.0)
}

/// `MsgId`: ten digits that stand for app and sender, the time, and the random bits.
pub(super) fn msg_id(app: AppId, sender: &AccountId, at: Timestamp, random: u32) -> String {
    let hash = Sha256::new().chain_update(app.0.to_be_bytes()).chain_update(sender.as_str()).finalize();
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash);
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % TEN_DIGITS;
    format!("{MSG_ID_PREFIX}{number:010}-{}-{random}", at.0)
}

#[cfg(test)]
mod tests {
    use pinfold_core::{Conversation, RecentEntry};

    use super::*;

    const AT: Timestamp = Timestamp(1_750_000_000);

    fn id(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn message(is_kept_by_sender: bool, renews: bool) -> Sent<()> {
        Sent { from: None, to: (), seq: None, random: 7, is_kept_by_sender, renews }
    }

    /// Whose list is touched, and for the conversation with whom.
    fn touched(message: &Sent<()>) -> Vec<(String, String)> {
        let touches = touches(message, &id("alice"), &[&id("bob"), &id("carol")], AT);
        assert!(touches.chat_groups.is_empty());
        let pair = |(account, entry): &(AccountId, RecentEntry)| {
            let Conversation::OneToOne(peer) = &entry.conversation else { unreachable!() };
            assert_eq!(entry.at, AT);
            (account.to_string(), peer.to_string())
        };
        touches.entries.iter().map(pair).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(account, peer)| ((*account).to_owned(), (*peer).to_owned())).collect()
    }

    #[test]
    fn a_message_touches_each_receiver_and_the_sender_who_keeps_it_and_nothing_if_it_renews_nothing() {
        let both = pairs(&[("bob", "alice"), ("alice", "bob"), ("carol", "alice"), ("alice", "carol")]);
        assert_eq!(touched(&message(true, true)), both);
        assert_eq!(touched(&message(false, true)), pairs(&[("bob", "alice"), ("carol", "alice")]));
        assert_eq!(touched(&message(true, false)), []);
    }

    #[test]
    fn the_key_of_a_message_has_at_most_50_bytes_and_a_number_of_31_bits_where_the_app_gave_none() {
        assert_eq!(msg_key(Some(u32::MAX), u32::MAX, Timestamp(2_147_483_647)), "4294967295_4294967295_2147483647");
        let key = msg_key(None, 7, AT);
        let (seq, rest) = key.split_once('_').unwrap();
        assert_eq!(rest, "7_1750000000");
        assert!(seq.parse::<u32>().unwrap() < 1 << 31);
    }

    #[test]
    fn the_id_of_a_message_differs_by_app_and_sender_and_has_the_form_of_the_hosted_service() {
        let of = |app, sender| msg_id(AppId(app), &id(sender), AT, 7);
        let (first, rest) = of(1, "alice").split_once('-').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!((first.len(), &first[..6], rest.as_str()), (16, "144115", "1750000000-7"));
        assert_ne!(of(1, "alice"), of(2, "alice"));
        assert_ne!(of(1, "alice"), of(1, "bob"));
    }
}
