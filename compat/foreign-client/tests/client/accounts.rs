//! The account service, which the six commands depend on.

use tencent_im_rs::api::v4::common::AccountStatus;
use tencent_im_rs::api::v4::im_open_login_svc::account_check::{api_account_check, AccountCheckRequest, CheckItem};
use tencent_im_rs::api::v4::im_open_login_svc::account_import::{api_account_import, AccountImportRequest};

use crate::server::Server;

#[tokio::test]
async fn an_imported_account_is_known_and_another_is_not() {
    let server = Server::start();
    let mut client = server.client();
    let mut request = AccountImportRequest::new("alice");
    request.set_nick(Some("Alice"));
    assert_eq!(api_account_import(&mut client, request).await.unwrap().error_code, Some(0));
    let request = AccountCheckRequest::new(["alice", "bob"].map(CheckItem::new).into());
    let items = api_account_check(&mut client, request).await.unwrap().result_item.unwrap();
    let known: Vec<_> = items.iter().map(|item| (&*item.user_id, &item.account_status)).collect();
    assert_eq!(known, [("alice", &AccountStatus::Imported), ("bob", &AccountStatus::NotImported)]);
}
