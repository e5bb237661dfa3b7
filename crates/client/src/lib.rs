//! A typed client for the recentcontact protocol, over HTTP or HTTPS.
//!
//! ```no_run
//! use pinfold_client::{CallError, Client, Settings};
//! use pinfold_wire::recent_contact::{ContactItem, mark_contact};
//! use pinfold_wire::commands::MarkContact;
//!
//! # async fn mark() -> Result<(), Box<dyn std::error::Error>> {
//! let key = "the secret key of the app";
//! let client = Client::new(Settings::new("http://127.0.0.1:8080", 1_400_000_001, "administrator", key))?;
//! let favourite = mark_contact::MarkItem {
//!     opt_type: 1.into(),
//!     contact_item: ContactItem::one_to_one("bob").into(),
//!     set_mark: [0].into(),
//!     ..Default::default()
//! };
//! let request = mark_contact::Request { from_account: "alice".into(), mark_item: [favourite].into() };
//! match client.call::<MarkContact>(&request).await {
//!     Ok(response) => assert_eq!(response.result_item[0].result_code, 0),
//!     Err(CallError::Refused { code, info }) => println!("the service says no, {code}: {info}"),
//!     Err(other) => println!("whether the mark was set is not known: {other}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call is sent once and never repeated by the client. Commands of `recentcontact` and imports of accounts may be
//! repeated by the caller when an answer was lost. `account_delete`, `destroy_group` and `create_group` with an id answer a
//! repeat with an error, which does no harm; `create_group` without an id registers a second chat group. A message may be
//! sent again, as only its time is kept. What it says is not: the types of `MsgContent` hold nothing of it.
//!
//! What happened to an account is read by the call of `GetChanges` and taken back by that of `Undo`:
//!
//! ```no_run
//! # use pinfold_client::{CallError, Client};
//! use pinfold_wire::commands::{GetChanges, Undo};
//! use pinfold_wire::pinfold::{get_changes, undo};
//!
//! # async fn take_back(client: Client) -> Result<(), CallError> {
//! let newest = get_changes::Request { from_account: "alice".into(), limit: 1.into(), ..Default::default() };
//! for change in client.call::<GetChanges>(&newest).await?.change {
//!     println!("{} called {}: {:?}", change.caller, change.command, change.event);
//!     let request = undo::Request { from_account: "alice".into(), revision: i64::from(change.revision).into() };
//!     client.call::<Undo>(&request).await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::watch`] follows the changes of an account, over interruptions too:
//!
//! ```no_run
//! # use pinfold_client::{CallError, Client, Watched};
//! # fn load() {}
//! # async fn follow(client: Client) -> Result<(), CallError> {
//! let mut watch = client.watch(Some("alice"), None);
//! let mut is_loaded = false;
//! while let Some(told) = watch.next().await {
//!     match told? {
//!         Watched::Began(_) if is_loaded => {}
//!         Watched::Began(_) | Watched::Reset(_) => {
//!             load();
//!             is_loaded = true;
//!         }
//!         Watched::Change(cursor, change) => println!("{}, go on after {cursor}: {:?}", change.revision, change.event),
//!         Watched::Waiting(cause, delay) => println!("{cause}; connecting again in {} ms", delay.as_millis()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod client;
mod error;
mod settings;
mod signer;
mod tls;
mod watch;

pub use client::Client;
pub use error::{CallError, SettingsError};
pub use settings::Settings;
pub use watch::{Cursor, Watch, Watched};
