//! `import_group`.

use pinfold_core::{Refusal, Timestamp, rules};
use pinfold_wire::Lenient;
use pinfold_wire::commands::ImportGroup;
use pinfold_wire::group::{NewChatGroup, RegisteredChatGroup};

use super::register_chat_group::register;
use super::{Call, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for ImportGroup {
    async fn handle(call: &Call<'_>, request: NewChatGroup) -> Result<RegisteredChatGroup, Failure> {
        let new = parse::new_chat_group(&call.app.policy.limits, &request);
        let (new, created_at) = parse::both(new, created_at(call, &request.create_time))?;
        register(call, &request.group_id, &new, created_at, rules::import_chat_group).await
    }
}

/// `CreateTime`; a missing one, or 0, is now.
fn created_at(call: &Call<'_>, value: &Lenient<i64>) -> Result<Timestamp, Refusal> {
    if value.given() == Some(&0) {
        return Ok(call.now);
    }
    parse::within("CreateTime", value, [1, i32::MAX as u32], call.now.0).map(Timestamp)
}
