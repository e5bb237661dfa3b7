//! The metrics of a real server, before and after calls. Documents, dashboard and alert rules name
//! nothing else.

#![allow(clippy::unwrap_used, reason = "test code")]

mod callbacks;
mod calls;
mod documents;
mod housekeeping;
mod page;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod scrape;
mod stores;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

/// How long something that happens at once may take on a machine that is busy.
const TIMEOUT: Duration = Duration::from_secs(20);

const IMPORT: (&str, &str) = ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#);
const MARK: (&str, &str) = (
    "recentcontact/mark_contact",
    r#"{"From_Account":"alice","MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0]}]}"#,
);
