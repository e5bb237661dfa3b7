//! `get_appid_group_list`.

use pinfold_core::ChatGroupSeq;
use pinfold_core::rules::ChatGroupPage;
use pinfold_store::ChatGroupList;
use pinfold_wire::commands::GetAppidGroupList;
use pinfold_wire::group::get_appid_group_list::{GroupIdItem, Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

/// Chat groups that are read at a time where all of an app are looked at; bounds the memory this takes.
const CHAT_GROUPS_PER_READ: usize = 10_000;

impl Handle for GetAppidGroupList {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let page_max = call.app.policy.limits.chat_groups_per_page_max as u32;
        let limit = parse::within("Limit", &request.limit, [1, page_max], page_max)? as usize;
        let next = parse::next_chat_group(&request.next)?;
        let group_type = parse::text("GroupType", &request.group_type)?;
        let kind = group_type.map(|word| parse::chat_group_kind("GroupType", word)).transpose()?;
        let mut page = ChatGroupPage::new(kind, next, limit);
        let total = match kind {
            // One more than the page holds tells whether another page follows.
            None => fill(call, &mut page, next, limit + 1).await?.live,
            Some(_) => {
                fill_from_all(call, &mut page).await?;
                page.of_kind
            }
        };
        Ok(answer(&page, total))
    }
}

/// Puts chat groups after a place onto the page; what the register lists there, taken from it.
async fn fill(
    call: &Call<'_>,
    page: &mut ChatGroupPage,
    after: ChatGroupSeq,
    count_max: usize,
) -> Result<ChatGroupList, Failure> {
    let list = call.store.backend().list_chat_groups(call.app.id, after, count_max).await?;
    list.page.iter().for_each(|listed| page.take(listed.seq, &listed.id, &listed.chat_group));
    Ok(list)
}

/// Looks at the whole register of the app, which is simple and right up to 100,000 chat groups or so.
async fn fill_from_all(call: &Call<'_>, page: &mut ChatGroupPage) -> Result<(), Failure> {
    let mut after = ChatGroupSeq::default();
    while let Some(last) = fill(call, page, after, CHAT_GROUPS_PER_READ).await?.page.last() {
        after = last.seq;
    }
    Ok(())
}

fn answer(page: &ChatGroupPage, total: u64) -> Response {
    Response {
        total_count: u32::try_from(total).unwrap_or(i32::MAX as u32).min(i32::MAX as u32),
        group_id_list: page.ids.iter().map(|id| GroupIdItem { group_id: id.as_str().to_owned() }).collect(),
        next: page.next().map_or(0, |seq| seq.0),
    }
}
