//! How much a server keeps of the changes of accounts.

use std::fmt;

/// What the configuration says about it; where nothing is said, a server has its defaults, and one that knows no history starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// 0 keeps none.
    pub(crate) days: Option<u32>,
    /// Changes of an account that are kept at most.
    pub(crate) changes_max: Option<u32>,
}

impl History {
    /// A setting for each of these numbers of days; the defaults if there is none.
    pub(crate) fn each(days: &[u32], changes_max: Option<u32>) -> Vec<Self> {
        if days.is_empty() {
            return vec![Self { days: None, changes_max }];
        }
        days.iter().map(|days| Self { days: Some(*days), changes_max }).collect()
    }

    /// Whether changes are kept, where that is said.
    pub(crate) fn is_kept(self) -> Option<bool> {
        self.days.map(|days| days > 0)
    }

    /// Lines for the end of an app, the table of its limits included.
    pub(crate) fn lines(self) -> String {
        let days = self.days.map_or(String::new(), |days| format!("history_days = {days}\n"));
        let limits = |max| format!("[app.limits]\nhistory_changes_max = {max}\n");
        days + &self.changes_max.map_or(String::new(), limits)
    }
}

/// For a table; nothing where nothing is said.
impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.days, self.changes_max) {
            (None, _) => Ok(()),
            (Some(0), _) => formatter.write_str(", no history"),
            (Some(days), None) => write!(formatter, ", history of {days} days"),
            (Some(days), Some(max)) => write!(formatter, ", history of {days} days and {max} changes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_stand_after_the_keys_of_the_app_and_defaults_are_not_written() {
        let [with, without] = History::each(&[7, 0], Some(20))[..] else { panic!("two settings") };
        assert_eq!(with.lines(), "history_days = 7\n[app.limits]\nhistory_changes_max = 20\n");
        assert_eq!((with.is_kept(), without.is_kept()), (Some(true), Some(false)));
        assert_eq!(History::each(&[], None), [History::default()]);
        assert_eq!(History::default().lines(), "");
    }
}
