//! `import_group`.

use pinfold_core::rules;
use pinfold_wire::commands::ImportGroup;
use pinfold_wire::group::{NewChatGroup, RegisteredChatGroup};

use super::register_chat_group::register;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for ImportGroup {
    fn from_account(_: &NewChatGroup) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: NewChatGroup) -> Result<RegisteredChatGroup, Failure> {
        let new = parse::new_chat_group(&call.app.policy.limits, &request);
        let (new, created_at) = parse::both(new, parse::created_at(&request.create_time, call.now))?;
        register(call, &request.group_id, &new, created_at, rules::import_chat_group).await
    }
}
