//! Callbacks: what was made of them.

use pinfold_core::AppId;

use super::{AppMetrics, Meters};

/// How a callback ended that was answered with success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallbackOutcome {
    /// The time of a message was kept.
    Taken,
    /// The message was not sent.
    NotSent,
    /// The message was for devices that were online only.
    OnlineOnly,
    /// Neither side of the message is imported.
    NotImported,
    /// The chat group was destroyed, or is not registered where it must be.
    ChatGroupUnknown,
    /// The time of the message is not one.
    BadTime,
    /// A field that is needed is missing or malformed, or the body is not an object.
    Unreadable,
    /// Another command, which means nothing here.
    OtherCommand,
    /// A chat group was registered or destroyed.
    Register,
    /// It was ignored: `callback_group_register` is false.
    RegisterOff,
}

impl CallbackOutcome {
    const ALL: [Self; 10] = [
        Self::Taken,
        Self::NotSent,
        Self::OnlineOnly,
        Self::NotImported,
        Self::ChatGroupUnknown,
        Self::BadTime,
        Self::Unreadable,
        Self::OtherCommand,
        Self::Register,
        Self::RegisterOff,
    ];

    /// The label `outcome`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::NotSent => "not_sent",
            Self::OnlineOnly => "online_only",
            Self::NotImported => "not_imported",
            Self::ChatGroupUnknown => "chat_group_unknown",
            Self::BadTime => "bad_time",
            Self::Unreadable => "unreadable",
            Self::OtherCommand => "other_command",
            Self::Register => "register",
            Self::RegisterOff => "register_off",
        }
    }
}

impl Meters {
    /// Makes the counters of an app's callbacks begin at 0.
    pub(super) fn begin_callbacks(&self, app: AppId) {
        for outcome in CallbackOutcome::ALL {
            self.counted.callbacks.with_label_values(&[&app.0.to_string(), outcome.as_str()]);
        }
    }

    /// A callback of an app ended like this.
    pub(crate) fn callback(&self, app: &AppMetrics, outcome: CallbackOutcome) {
        self.counted.callbacks.with_label_values(&[app.label(), outcome.as_str()]).inc();
    }
}
