//! What `create_group` and `import_group` share: registering under the chosen id, or under one that is drawn.

use pinfold_core::rules::{self, NewChatGroup};
use pinfold_core::{ChatGroup, ChatGroupId, Refusal, Timestamp};
use pinfold_store::StoreError;
use pinfold_wire::Lenient;
use pinfold_wire::group::RegisteredChatGroup;

use super::Call;
use crate::parse;
use crate::rest::error::Failure;

/// Attempts to find an unused id; one collision in 36⁹ is already unlikely.
const DRAWS_MAX: usize = 8;

/// The rule that decides whether a chat group may have an id.
pub(super) type Rule = fn(&ChatGroupId, Option<&ChatGroup>, &NewChatGroup, Timestamp) -> Result<ChatGroup, Refusal>;

/// Registers under `id`, or under one that is drawn where that is missing or empty.
pub(super) async fn register(
    call: &Call<'_>,
    id: &Lenient<String>,
    new: &NewChatGroup,
    created_at: Timestamp,
    rule: Rule,
) -> Result<RegisteredChatGroup, Failure> {
    if !id.is_absent() && id.given().is_none_or(|id| !id.is_empty()) {
        let id = parse::chat_group_id(id)?;
        put(call, &id, new, created_at, rule).await?;
        return Ok(RegisteredChatGroup { group_id: id.as_str().to_owned() });
    }
    for _ in 0..DRAWS_MAX {
        let id = rules::assigned_id(new.kind, rand::random());
        // A drawn id looks assigned, which only an import may; it is the service's own here.
        match put(call, &id, new, created_at, rules::import_chat_group).await {
            Err(Failure::Refused(Refusal::ChatGroupTaken { .. })) => {}
            Err(failure) => return Err(failure),
            Ok(()) => return Ok(RegisteredChatGroup { group_id: id.as_str().to_owned() }),
        }
    }
    Err(StoreError::Failed("no free chat group id was drawn".into()).into())
}

async fn put(
    call: &Call<'_>,
    id: &ChatGroupId,
    new: &NewChatGroup,
    created_at: Timestamp,
    rule: Rule,
) -> Result<(), Failure> {
    Ok(call.store.update_chat_group(call.app.id, id, |existing| rule(id, existing, new, created_at)).await?)
}
