//! `del_contact_group`.

use pinfold_core::{Draft, Refusal, rules};
use pinfold_store::Scope;
use pinfold_wire::commands::DelContactGroup;
use pinfold_wire::recent_contact::del_contact_group::{Request, Response};

use super::answers::group_item;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for DelContactGroup {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let names = parse::list("GroupName", &request.group_name)?;
        let name = match &names[..] {
            [name] => parse::group_name("GroupName", name, &call.app.policy.limits)?,
            _ => {
                let sentence = format!("GroupName has {} elements; exactly 1 is allowed", names.count());
                return Err(Refusal::Malformed(sentence).into());
            }
        };
        let (ctx, fingerprint) = (call.context(account), call.fingerprint());
        let delete = |draft: &mut Draft<'_>| rules::delete_conversation_group(&ctx, draft, fingerprint, &name);
        let id = call.update(account, &Scope::All, delete).await?;
        Ok(Response { group_item: vec![group_item(id, &name)] })
    }
}
