//! The limits of an app: of its accounts, of one call, of one page (docs/protocol.md, section 2).

/// The one list of limits: hands every row to the macro `$then`.
///
/// A row is a doc line, the name and the default. A limit that an operator may configure also says the least value
/// that makes sense, and the largest where 32 bits are too many. The server makes its section `[app.limits]` from the
/// same rows.
///
/// ```
/// macro_rules! names {
///     (configurable { $($(#[doc = $doc:literal])+ $name:ident = $default:literal, from $min:literal $(to $max:literal)?;)+ } $($fixed:tt)*) => {
///         const NAMES: &[&str] = &[$(stringify!($name)),+];
///     };
/// }
/// pinfold_core::limits!(names);
/// assert!(NAMES.contains(&"pins_max"));
/// ```
#[macro_export]
macro_rules! limits {
    ($then:ident) => {
        $then! {
            configurable {
                /// Conversation groups of an account. 0 forbids them.
                conversation_groups_max = 20, from 0;
                /// Length of a conversation group's name, in bytes of UTF-8.
                name_bytes_max = 32, from 1;
                /// Conversations of an account that are in at least one conversation group. 0 leaves every group empty.
                grouped_conversations_max = 1000, from 0;
                /// Conversations of an account that carry a standard or custom mark. 0 forbids marks.
                marked_conversations_max = 1000, from 0;
                /// Length of a custom mark, in bytes of UTF-8. 0 forbids custom marks.
                custom_mark_bytes_max = 256, from 0;
                /// Conversations in one update or mark call; there must be at least one.
                conversations_per_update_max = 100, from 1;
                /// Conversations in one create call; there may be none.
                conversations_per_create_max = 100, from 0;
                /// Conversations in one search call; there must be at least one.
                conversations_per_search_max = 300, from 1;
                /// Pinned conversations of an account. 0 forbids pins.
                pins_max = 50, from 0;
                /// Length of a conversation group's data, in bytes of UTF-8. 0 forbids data.
                group_data_bytes_max = 1024, from 0 to 65536;
                /// Recent conversations of an account that are shown, the newest; pinned ones always are. Older ones may be forgotten.
                recent_conversations_max = 500, from 1 to 10000;
                /// Conversations on one page of `find_conversations`; a call may ask for fewer.
                find_page_max = 200, from 1 to 1000;
                /// Changes of an account that its history holds; the oldest go first.
                history_changes_max = 10_000, from 1 to 100_000;
                /// Bytes of an account's history, about; the oldest changes go first.
                history_bytes_max = 4_194_304, from 65_536 to 268_435_456;
                /// Streams of `watch` at once. 0 refuses every watcher.
                watchers_max = 10_000, from 0 to 1_000_000;
                /// Streams of `watch` of one account at once.
                watchers_per_account_max = 8, from 1 to 1000;
            }
            fixed {
                /// Conversations in one call that pins or unpins.
                conversations_per_pin_max = 100;
                /// Records on one page of `get_contact_group`.
                records_per_page_max = 100;
                /// Changes on one page of `get_changes`.
                changes_per_page_max = 100;
                /// Names in one call that orders conversation groups.
                conversation_groups_per_order_max = 500;
                /// Receivers of one message; there must be at least one.
                receivers_per_message_max = 500;
                /// Messages in one call that imports them into a chat group; there must be at least one.
                messages_per_import_max = 7;
                /// Accounts in one call of the account service; there must be at least one.
                accounts_per_call_max = 100;
                /// Length of an account's nick name, in bytes of UTF-8.
                nick_bytes_max = 500;
                /// Length of the address of an account's picture, in bytes of UTF-8.
                face_url_bytes_max = 500;
                /// Chat groups in one call of the group service; there must be at least one.
                chat_groups_per_call_max = 50;
                /// Chat groups on one page of `get_appid_group_list`.
                chat_groups_per_page_max = 10_000;
                /// Length of a chat group's name, in bytes of UTF-8.
                chat_group_name_bytes_max = 100;
            }
        }
    };
}

macro_rules! declare {
    (
        configurable { $($(#[doc = $doc:literal])+ $name:ident = $default:literal, from $min:literal $(to $max:literal)?;)+ }
        fixed { $($(#[doc = $fixed_doc:literal])+ $fixed:ident = $fixed_default:literal;)+ }
    ) => {
        /// Limits of an app. The defaults are the protocol's.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: usize,)+
            $($(#[doc = $fixed_doc])+ pub $fixed: usize,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ $($fixed: $fixed_default,)+ }
            }
        }
    };
}

limits!(declare);

impl Limits {
    /// Conversations that any call which changes something may name.
    pub fn conversations_per_call_max(&self) -> usize {
        self.conversations_per_update_max.max(self.conversations_per_create_max).max(self.conversations_per_pin_max)
    }

    /// Elements of the longest array that any call may have.
    pub fn elements_per_call_max(&self) -> usize {
        let others = [
            self.conversations_per_search_max,
            self.accounts_per_call_max,
            self.chat_groups_per_call_max,
            self.conversation_groups_per_order_max,
            self.receivers_per_message_max,
            self.messages_per_import_max,
        ];
        others.into_iter().fold(self.conversations_per_call_max(), usize::max)
    }
}
