//! Leases of shares.

use pinfold_core::AppId;

/// Which instance sends the changes of one share of the accounts of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The app.
    pub app: AppId,
    /// The share, below [`SHARES`](super::SHARES).
    pub share: u8,
    /// The instance; 0: none.
    pub holder: u64,
    /// One more with every renewal and every change of the holder; a wish leaves it.
    pub serial: u64,
    /// An instance that has too few shares; 0 for none. It is not compared: a wish that is overwritten is made again.
    pub wanted_by: u64,
}

impl Lease {
    /// Whether it has the holder and the serial of `expected`, or neither is there.
    pub(crate) fn is_as(found: Option<&Self>, expected: Option<&Self>) -> bool {
        let compared = |lease: &Self| (lease.holder, lease.serial);
        found.map(compared) == expected.map(compared)
    }
}
