//! Items of `update_contact_group`.

use pinfold_core::Refusal;
use pinfold_core::rules::{MemberChange, MemberOperation};
use pinfold_wire::Lenient;
use pinfold_wire::recent_contact::update_contact_group::ContactUpdateItem;

use super::conversation::{Item, element, named, operation_echo, whole_call};
use super::fields::operation;

const OPERATIONS: [(i64, MemberOperation); 2] = [(1, MemberOperation::Add), (2, MemberOperation::Remove)];

/// One item.
///
/// # Errors
/// [`Refusal::AccountIdNotText`] for the whole call; everything else is the item's own.
pub(crate) fn member_change(item: &Lenient<ContactUpdateItem>) -> Result<Item<MemberChange>, Refusal> {
    let item = match element("an element of ContactUpdateItem", item) {
        Ok(item) => item,
        Err(refusal) => return Ok(Item::unreadable(refusal)),
    };
    let (echo, conversation) = named(&item.contact_item);
    let operation_type = operation_echo(&item.contact_opt_type);
    let parsed = conversation.and_then(|conversation| {
        let operation = operation("ContactOptType", &item.contact_opt_type, &OPERATIONS)?;
        Ok(MemberChange { operation, conversation })
    });
    whole_call(Item::new(echo, operation_type, parsed))
}
