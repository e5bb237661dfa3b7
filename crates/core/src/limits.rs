//! The numbers an account may not pass (docs/protocol.md, section 2).

/// The one list of limits: hands every row to the macro `$then`.
///
/// A row is a doc line, the name and the default. A limit that an operator may configure also says the least value
/// that makes sense. The server makes its section `[app.limits]` from the same rows.
///
/// ```
/// macro_rules! names {
///     (configurable { $($(#[doc = $doc:literal])+ $name:ident = $default:literal, from $min:literal;)+ } $($fixed:tt)*) => {
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
            }
            fixed {
                /// Conversations in one call that pins or unpins.
                conversations_per_pin_max = 100;
                /// Records on one page of `get_contact_group`.
                records_per_page_max = 100;
            }
        }
    };
}

macro_rules! declare {
    (
        configurable { $($(#[doc = $doc:literal])+ $name:ident = $default:literal, from $min:literal;)+ }
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
        let per_call =
            [self.conversations_per_update_max, self.conversations_per_create_max, self.conversations_per_pin_max];
        per_call.into_iter().max().unwrap_or_default()
    }
}
