//! `order_pins`.

use pinfold_core::{Draft, rules};
use pinfold_store::Scope;
use pinfold_wire::commands::OrderPins;
use pinfold_wire::pinfold::order_pins::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for OrderPins {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.recent_contact_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let items = parse::list("RecentContactItem", &request.recent_contact_item);
        let items = items.and_then(|items| parse::conversations("RecentContactItem", items));
        let (account, items) = parse::both(call.account(), items)?;
        let named = items.parsed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let ctx = call.context(account);
        let order = |draft: &mut Draft<'_>| rules::order_pins(&ctx, draft, &named);
        let pins = call.update(account, &Scope::Head, order).await?;
        Ok(Response { recent_contact_item: pins.iter().map(parse::echo).collect() })
    }
}
