//! Reading and arranging what `recentcontact` keeps: the project's own service `pinfold` (docs/protocol.md, section 8).

pub mod change;
pub mod find_conversations;
pub mod get_changes;
pub mod list_groups;
pub mod order_groups;
pub mod order_pins;
pub mod set_group_data;
pub mod undo;
pub mod watch;
