//! `[app.limits]`: the numbers of docs/protocol.md, section 2, that an operator may change.

use pinfold_core::Limits;
use serde::{Deserialize, Serialize};

use super::values;

/// Limits of one app. The meaning of each is that of the field of the same name in [`Limits`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// 0 forbids conversation groups.
    pub conversation_groups_max: u32,
    /// At least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub name_bytes_max: u32,
    /// 0 leaves every conversation group empty.
    pub grouped_conversations_max: u32,
    /// 0 forbids marks.
    pub marked_conversations_max: u32,
    /// 0 forbids custom marks.
    pub custom_mark_bytes_max: u32,
    /// At least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub conversations_per_update_max: u32,
    /// 0 lets only empty conversation groups be created.
    pub conversations_per_create_max: u32,
    /// At least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub conversations_per_search_max: u32,
    /// 0 forbids pins.
    pub pins_max: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            conversation_groups_max: 20,
            name_bytes_max: 32,
            grouped_conversations_max: 1000,
            marked_conversations_max: 1000,
            custom_mark_bytes_max: 256,
            conversations_per_update_max: 100,
            conversations_per_create_max: 100,
            conversations_per_search_max: 300,
            pins_max: 50,
        }
    }
}

impl From<&LimitsConfig> for Limits {
    fn from(config: &LimitsConfig) -> Self {
        Self {
            conversation_groups_max: config.conversation_groups_max as usize,
            name_bytes_max: config.name_bytes_max as usize,
            grouped_conversations_max: config.grouped_conversations_max as usize,
            marked_conversations_max: config.marked_conversations_max as usize,
            custom_mark_bytes_max: config.custom_mark_bytes_max as usize,
            conversations_per_update_max: config.conversations_per_update_max as usize,
            conversations_per_create_max: config.conversations_per_create_max as usize,
            conversations_per_search_max: config.conversations_per_search_max as usize,
            pins_max: config.pins_max as usize,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_limits_are_those_of_the_protocol() {
        assert_eq!(Limits::from(&LimitsConfig::default()), Limits::default());
    }
}
