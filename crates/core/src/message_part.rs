//! The parts of a message that are refused each in its own way.

/// A part of a message. The service of one-to-one messages has a code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessagePart {
    /// A field that has no code of its own.
    Field,
    /// `MsgBody`, where it is missing or empty.
    NoBody,
    /// `MsgBody`, where it is not an array.
    Body,
    /// An element of `MsgBody`.
    Element,
    /// `To_Account`.
    Receiver,
    /// `From_Account`.
    Sender,
    /// `From_Account`, where it names an account that is not known to `importmsg`.
    UnknownSender,
    /// `MsgRandom`.
    Random,
    /// `MsgTimeStamp`.
    Time,
    /// `MsgLifeTime`, where it is not an integer.
    LifeTime,
    /// `MsgLifeTime`, where it is negative.
    NegativeLifeTime,
    /// `SyncOtherMachine`.
    SyncOtherMachine,
    /// `SyncFromOldSystem`.
    SyncFromOldSystem,
}
