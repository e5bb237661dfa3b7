//! The request samples of the documentation, written by the types and read back.

use std::fmt::Debug;

use pinfold_wire::commands::{
    AccountCheck, AccountDelete, AccountImport, CreateContactGroup, CreateGroup, DelContactGroup, DestroyGroup,
    GetAppidGroupList, GetContactGroup, GetGroupInfo, MarkContact, MultiaccountImport, SearchContactGroup, Top,
    UpdateContactGroup,
};
use pinfold_wire::{
    Command, Lenient,
    account::{account_check, account_delete},
    body,
    group::NewChatGroup,
    recent_contact::{
        ContactItem, create_contact_group, del_contact_group, get_contact_group, mark_contact, search_contact_group,
        top, update_contact_group,
    },
};

/// The request is written as the sample, and the sample read as the request.
fn is_sample<C: Command>(request: &C::Request, sample: &str)
where
    C::Request: PartialEq + Debug,
{
    assert_eq!(serde_json::to_string(request).unwrap(), sample);
    assert_eq!(body::read::<C::Request>(sample.as_bytes()).as_ref(), Ok(request));
}

const CHAT_GROUP: &str = "@TGS#1AAAAAAA1";

#[test]
fn create_contact_group_is_written_as_documented() {
    let item = create_contact_group::GroupContactItem {
        group_name: "Work".into(),
        contact_item: [ContactItem::one_to_one("bob"), ContactItem::chat_group(CHAT_GROUP)].into(),
    };
    let request = create_contact_group::Request { from_account: "alice".into(), group_contact_item: [item].into() };
    let sample = r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"},{"Type":2,"ToGroupId":"@TGS#1AAAAAAA1"}]}]}"#;
    is_sample::<CreateContactGroup>(&request, sample);
}

#[test]
fn a_rename_is_written_as_documented() {
    let update_group = update_contact_group::UpdateGroup {
        update_group_type: 1.into(),
        old_group_name: "Work".into(),
        new_group_name: "Office".into(),
        contact_update_item: Lenient::Absent,
    };
    let request = update_contact_group::Request {
        from_account: "alice".into(),
        update_type: 1.into(),
        update_group: update_group.into(),
    };
    let sample = r#"{"From_Account":"alice","UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"Work","NewGroupName":"Office"}}"#;
    is_sample::<UpdateContactGroup>(&request, sample);
}

#[test]
fn an_update_of_conversations_is_written_as_documented() {
    let item = |opt_type: i64, conversation: ContactItem| update_contact_group::ContactUpdateItem {
        contact_opt_type: opt_type.into(),
        contact_item: conversation.into(),
    };
    let update_group = update_contact_group::UpdateGroup {
        update_group_type: 2.into(),
        old_group_name: "Office".into(),
        contact_update_item: [item(1, ContactItem::one_to_one("carol")), item(2, ContactItem::chat_group(CHAT_GROUP))]
            .into(),
        ..Default::default()
    };
    let request = update_contact_group::Request {
        from_account: "alice".into(),
        update_type: 1.into(),
        update_group: update_group.into(),
    };
    let sample = r#"{"From_Account":"alice","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Office","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"carol"}},{"ContactOptType":2,"ContactItem":{"Type":2,"ToGroupId":"@TGS#1AAAAAAA1"}}]}}"#;
    is_sample::<UpdateContactGroup>(&request, sample);
}

#[test]
fn del_contact_group_is_written_as_documented() {
    let request = del_contact_group::Request { from_account: "alice".into(), group_name: ["Office".to_owned()].into() };
    is_sample::<DelContactGroup>(&request, r#"{"From_Account":"alice","GroupName":["Office"]}"#);
}

#[test]
fn mark_contact_is_written_as_documented() {
    let item = mark_contact::MarkItem {
        opt_type: 3.into(),
        contact_item: ContactItem::one_to_one("bob").into(),
        clear_mark: [1].into(),
        set_mark: [0, 33].into(),
        custom_mark: "vip".into(),
    };
    let request = mark_contact::Request { from_account: "alice".into(), mark_item: [item].into() };
    let sample = r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ClearMark":[1],"SetMark":[0,33],"CustomMark":"vip"}]}"#;
    is_sample::<MarkContact>(&request, sample);
}

#[test]
fn search_contact_group_is_written_as_documented() {
    let request = search_contact_group::Request {
        from_account: "alice".into(),
        contact_item: [ContactItem::one_to_one("bob")].into(),
    };
    let sample = r#"{"From_Account":"alice","ContactItem":[{"Type":1,"To_Account":"bob"}]}"#;
    is_sample::<SearchContactGroup>(&request, sample);
}

#[test]
fn get_contact_group_is_written_as_documented() {
    let request = get_contact_group::Request { from_account: "alice".into(), start_index: 0.into() };
    is_sample::<GetContactGroup>(&request, r#"{"From_Account":"alice","StartIndex":0}"#);
}

#[test]
fn top_is_read_as_documented() {
    let request = top::Request {
        from_account: "alice".into(),
        operation_type: 1.into(),
        recent_contact_item: [ContactItem::one_to_one("bob"), ContactItem::chat_group(CHAT_GROUP)].into(),
    };
    let sample = r#"{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"bob"},{"Type":2,"GroupId":"@TGS#1AAAAAAA1"}]}"#;
    assert_eq!(body::read::<<Top as Command>::Request>(sample.as_bytes()), Ok(request));
}

#[test]
fn the_account_commands_are_written_as_documented() {
    let account = |user_id: &str| pinfold_wire::account::account_import::Request {
        user_id: user_id.into(),
        nick: "Bob".into(),
        face_url: "http://x/y.png".into(),
        ..Default::default()
    };
    is_sample::<AccountImport>(&account("bob"), r#"{"UserID":"bob","Nick":"Bob","FaceUrl":"http://x/y.png"}"#);
    let list = pinfold_wire::account::multiaccount_import::Request {
        account_list: [account("bob")].into(),
        ..Default::default()
    };
    let sample = r#"{"AccountList":[{"UserID":"bob","Nick":"Bob","FaceUrl":"http://x/y.png"}]}"#;
    is_sample::<MultiaccountImport>(&list, sample);
    let check = account_check::Request { check_item: ["bob".into()].into() };
    is_sample::<AccountCheck>(&check, r#"{"CheckItem":[{"UserID":"bob"}]}"#);
    let delete = account_delete::Request { delete_item: ["bob".into()].into() };
    is_sample::<AccountDelete>(&delete, r#"{"DeleteItem":[{"UserID":"bob"}]}"#);
}

#[test]
fn the_chat_group_commands_are_written_as_documented() {
    let chat_group = NewChatGroup {
        kind: "Public".into(),
        name: "Team".into(),
        owner_account: "bob".into(),
        group_id: "team".into(),
        create_time: Lenient::Absent,
    };
    let sample = r#"{"Type":"Public","Name":"Team","Owner_Account":"bob","GroupId":"team"}"#;
    is_sample::<CreateGroup>(&chat_group, sample);
    let destroy = pinfold_wire::group::destroy_group::Request { group_id: "team".into() };
    is_sample::<DestroyGroup>(&destroy, r#"{"GroupId":"team"}"#);
    let info = pinfold_wire::group::get_group_info::Request { group_id_list: ["team".to_owned()].into() };
    is_sample::<GetGroupInfo>(&info, r#"{"GroupIdList":["team"]}"#);
    let page = pinfold_wire::group::get_appid_group_list::Request {
        limit: 10.into(),
        next: 0.into(),
        group_type: "Public".into(),
    };
    is_sample::<GetAppidGroupList>(&page, r#"{"Limit":10,"Next":0,"GroupType":"Public"}"#);
}
