//! `account_check`.

use pinfold_core::{Conversation, PeerStatus};
use pinfold_wire::Service;
use pinfold_wire::account::account_check::{AccountStatus, CheckResult, Request, Response};
use pinfold_wire::commands::AccountCheck;

use super::answers::result_in;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for AccountCheck {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.check_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let policy = &call.app.policy;
        let items = parse::named_accounts(&policy.limits, "CheckItem", &request.check_item)?;
        let peers = items.iter().filter_map(|(_, account)| account.as_ref().ok().cloned().map(Conversation::OneToOne));
        let peers: Vec<_> = peers.collect();
        let statuses = call.store.backend().peer_statuses(call.app.id, &peers).await?;
        let check = |(user_id, account): parse::NamedAccount| {
            let known = account.map(|account| {
                let status = statuses.of(&Conversation::OneToOne(account.clone()));
                policy.is_imported(&account, status == PeerStatus::Registered)
            });
            let (result_code, result_info) = result_in(Service::Account, &known);
            let imported = known == Ok(true);
            let account_status = if imported { AccountStatus::Imported } else { AccountStatus::NotImported };
            CheckResult { user_id, result_code, result_info, account_status }
        };
        Ok(Response { result_item: items.into_iter().map(check).collect() })
    }
}
