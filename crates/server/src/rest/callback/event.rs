//! Takes over the events that callbacks tell of.

use pinfold_core::rules::{self, NewChatGroup};
use pinfold_core::{AccountId, ChatGroupId, ChatGroupKind, Refusal, Timestamp, Touches};
use pinfold_wire::callback::{Body, Event};

use crate::messages::MessageTaker;
use crate::metrics::CallbackOutcome as Outcome;
use crate::parse;
use crate::rest::error::Failure;

/// Takes over the events of one app.
pub(super) struct Receiver<'a>(pub(super) MessageTaker<'a>);

impl Receiver<'_> {
    /// Takes over one event.
    pub(super) async fn receive(&self, event: Event, body: &Body) -> Result<Outcome, Failure> {
        match event {
            Event::OneToOneMessageSent => self.one_to_one(body).await,
            Event::GroupMessageSent => self.in_chat_group(body).await,
            Event::ChatGroupCreated | Event::ChatGroupDestroyed if !self.0.app.registers_by_callback() => {
                Ok(Outcome::RegisterOff)
            }
            Event::ChatGroupCreated => self.created(body).await,
            Event::ChatGroupDestroyed => self.destroyed(body).await,
        }
    }

    async fn one_to_one(&self, body: &Body) -> Result<Outcome, Failure> {
        let sides = parse::account("From_Account", &body.from_account)
            .and_then(|from| Ok((from, parse::account("To_Account", &body.to_account)?)));
        let Ok((from, to)) = sides else { return Ok(Outcome::Unreadable) };
        let at = match self.time(body) {
            Ok(at) => at,
            Err(outcome) => return Ok(outcome),
        };
        let policy = &self.0.app.policy;
        let statuses = self.0.account_statuses([&from, &to]).await?;
        let mut touches = Touches::default();
        for (account, peer) in [(&from, &to), (&to, &from)] {
            if rules::sender_is_known(policy, &statuses, account).is_ok() {
                touches.one_to_one(account, peer, at);
            }
        }
        if touches.entries.is_empty() {
            return Ok(Outcome::NotImported);
        }
        self.touch(touches).await
    }

    async fn in_chat_group(&self, body: &Body) -> Result<Outcome, Failure> {
        let sides = parse::chat_group_id(&body.group_id)
            .and_then(|id| Ok((id, parse::from_account(&body.from_account).transpose()?)));
        let Ok((id, from)) = sides else { return Ok(Outcome::Unreadable) };
        let at = match self.time(body) {
            Ok(at) => at,
            Err(outcome) => return Ok(outcome),
        };
        let registered = self.0.chat_group(&id).await?;
        if rules::takes_messages(&self.0.app.policy, &id, registered.as_ref()).is_err() {
            return Ok(Outcome::ChatGroupUnknown);
        }
        let sender = match from {
            Some(from) => self.known(from).await?,
            None => None,
        };
        let mut touches = Touches::default();
        touches.in_chat_group(&id, sender.as_ref(), at);
        self.touch(touches).await
    }

    /// The time of a message that was sent and is kept, or why it is not taken.
    fn time(&self, body: &Body) -> Result<Timestamp, Outcome> {
        let number = |field, value| parse::integer(field, value).map_err(|_| Outcome::Unreadable);
        if number("SendMsgResult", &body.send_msg_result)?.is_some_and(|result| result != 0) {
            return Err(Outcome::NotSent);
        }
        if number("OnlineOnlyFlag", &body.online_only_flag)?.is_some_and(|flag| flag > 0) {
            return Err(Outcome::OnlineOnly);
        }
        let sent_at = parse::integer("MsgTime", &body.msg_time).map_err(|_| Outcome::BadTime)?;
        rules::time_of_message(sent_at, self.0.now).map_err(|_| Outcome::BadTime)
    }

    /// The account, if the app knows it.
    async fn known(&self, account: AccountId) -> Result<Option<AccountId>, Failure> {
        let statuses = self.0.account_statuses([&account]).await?;
        let known = rules::sender_is_known(&self.0.app.policy, &statuses, &account);
        Ok(known.is_ok().then_some(account))
    }

    async fn touch(&self, touches: Touches) -> Result<Outcome, Failure> {
        self.0.touch(&touches).await?;
        Ok(Outcome::Taken)
    }

    async fn created(&self, body: &Body) -> Result<Outcome, Failure> {
        let new = parse::chat_group_id(&body.group_id).and_then(|id| Ok((id, self.chat_group(body)?)));
        let Ok((id, new)) = new else { return Ok(Outcome::Unreadable) };
        let created = self.0.store.update_chat_group(self.0.app.id, &id, |existing| {
            Ok(rules::chat_group_was_created(existing, &new, self.0.now))
        });
        created.await?;
        Ok(Outcome::Register)
    }

    /// Only the id is needed: of a chat group that was destroyed nothing else is shown.
    async fn destroyed(&self, body: &Body) -> Result<Outcome, Failure> {
        let Ok(id) = parse::chat_group_id(&body.group_id) else { return Ok(Outcome::Unreadable) };
        let gone = self.chat_group(body).unwrap_or_else(|_| unnamed(&id));
        let destroyed = self.0.store.update_chat_group(self.0.app.id, &id, |existing| {
            Ok(rules::chat_group_was_destroyed(existing, &gone, self.0.now))
        });
        destroyed.await?;
        Ok(Outcome::Register)
    }

    /// The chat group of an event; an owner that cannot be read counts as none.
    fn chat_group(&self, body: &Body) -> Result<NewChatGroup, Refusal> {
        parse::told_chat_group(&self.0.app.policy.limits, &body.kind, &body.name, &body.owner_account)
    }
}

fn unnamed(id: &ChatGroupId) -> NewChatGroup {
    NewChatGroup { kind: ChatGroupKind::Public, name: id.as_str().to_owned(), owner: None }
}
