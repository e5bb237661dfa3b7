//! Forgets the recent conversations of an account that are not shown because so many newer ones are.

use pinfold_core::{RecentEntry, RecentView};
use pinfold_store::{AccountKey, Scope, StoreError};

use crate::state::State;

/// Trims the accounts that wait, one after the other. Never returns.
pub(super) async fn run(state: &State) {
    loop {
        let account = state.trims.next().await;
        match trim(state, &account).await {
            Ok(trimmed) => state.meters.trimmed(trimmed),
            Err(error) => tracing::warn!(cause = %error, "recent conversations cannot be trimmed"),
        }
    }
}

/// How many were forgotten. An app that is no longer configured has no limit, so nothing is trimmed.
async fn trim(state: &State, account: &AccountKey) -> Result<u64, StoreError> {
    let Some(app) = state.app(account.app) else { return Ok(0) };
    let recent = state.store.read_recent(account, &Scope::Head).await?;
    let Some(life) = recent.life() else { return Ok(0) };
    let pins = &recent.loaded.state.pins;
    let beyond_limit = RecentView::beyond_limit(&app.policy, pins, &recent.entries, &recent.activities);
    let beyond_limit: Vec<RecentEntry> = beyond_limit.into_iter().cloned().collect();
    if beyond_limit.is_empty() { Ok(0) } else { state.store.backend().trim(account, life, &beyond_limit).await }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pinfold_core::{AccountId, AppId, Conversation, Timestamp, Touches};
    use pinfold_store::{Memory, Store};

    use super::*;
    use crate::clock::Clock;
    use crate::config::{AppConfig, Config};

    const APP: AppId = AppId(1);

    /// A server whose lists show two conversations.
    fn state() -> State {
        let mut app = AppConfig::new(APP, Vec::new());
        app.limits.recent_conversations_max = 2;
        let config = Config { apps: vec![app], ..Config::default() };
        State::new(&config, Store::new(Arc::new(Memory::new())), Clock::of_ms(|| 1000))
    }

    fn alice(app: AppId) -> AccountKey {
        AccountKey { app, account: AccountId::parse("alice").unwrap() }
    }

    /// Keeps conversations of alice with these times.
    async fn touch(state: &State, alice: &AccountKey, times: &[u32]) {
        let mut touches = Touches::default();
        for at in times {
            touches.one_to_one(&alice.account, &AccountId::parse(&format!("u{at}")).unwrap(), Timestamp(*at));
        }
        state.store.touch(alice.app, &touches, Timestamp(1)).await.unwrap();
    }

    async fn times(state: &State, alice: &AccountKey) -> Vec<u32> {
        let kept = state.store.read_recent(alice, &Scope::Head).await.unwrap().entries;
        kept.iter().map(|entry| entry.at.0).collect()
    }

    #[tokio::test]
    async fn the_oldest_entries_are_forgotten_and_counted() {
        let (state, alice) = (state(), alice(APP));
        touch(&state, &alice, &[5, 3, 7, 4]).await;
        assert_eq!(trim(&state, &alice).await.unwrap(), 2);
        assert_eq!(times(&state, &alice).await, [5, 7]);
        assert_eq!(trim(&state, &alice).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_pinned_conversation_is_kept_however_old() {
        let (state, alice) = (state(), alice(APP));
        touch(&state, &alice, &[5, 3, 7, 4]).await;
        let pinned = Conversation::OneToOne(AccountId::parse("u3").unwrap());
        let pin = state.store.update(&alice, &Scope::Head, &[], Timestamp(1), |draft| draft.pin(&pinned));
        pin.await.unwrap();
        assert_eq!(trim(&state, &alice).await.unwrap(), 1);
        assert_eq!(times(&state, &alice).await, [3, 5, 7]);
    }

    #[tokio::test]
    async fn an_account_of_an_app_that_is_not_configured_keeps_all() {
        let (state, alice) = (state(), alice(AppId(2)));
        touch(&state, &alice, &[5, 3, 7]).await;
        assert_eq!(trim(&state, &alice).await.unwrap(), 0);
        assert_eq!(times(&state, &alice).await.len(), 3);
    }
}
