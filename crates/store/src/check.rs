//! Reads a whole store, recounts what it counts, and reports everything that is inconsistent.

use std::collections::BTreeMap;

use pinfold_core::{AppId, RecentEntry};

use crate::dump::{name, name_of_chat_group};
use crate::recents::check_time;
use crate::{Backend, Damage, ListedChatGroup, OnDamage, RegisterCounts, SnapshotItem, StoreError};

/// How far a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Accounts that were read.
    pub accounts: u64,
    /// Chat groups that were read.
    pub chat_groups: u64,
    /// Entries of recent conversations.
    pub entries: u64,
    /// Changes of the history.
    pub changes: u64,
    /// Chat groups with the time of a last message.
    pub chat_group_times: u64,
    /// Things that are damaged.
    pub damaged: u64,
}

/// The chat groups of an app: what the register says, and what was found.
#[derive(Default)]
struct Register {
    kept: RegisterCounts,
    found: RegisterCounts,
}

/// Reads everything once. Damage is reported when it is found, with the account it concerns.
///
/// # Errors
/// [`StoreError`] if the snapshot could not go to its end.
pub async fn check(
    backend: &dyn Backend,
    mut progress: impl FnMut(&Checked),
    mut damaged: impl FnMut(&Damage),
) -> Result<Checked, StoreError> {
    let mut snapshot = backend.snapshot(None, OnDamage::Skip, true).await?;
    let (mut checked, mut registers) = (Checked::default(), BTreeMap::<AppId, Register>::new());
    let mut tell = |checked: &mut Checked, damage: &Damage| {
        checked.damaged += 1;
        damaged(damage);
    };
    while let Some(found) = snapshot.next().await? {
        match found {
            SnapshotItem::Account(account, state) => {
                checked.accounts += 1;
                if let Err(inconsistency) = state.check() {
                    tell(&mut checked, &Damage::new(name(&account), &inconsistency));
                }
            }
            SnapshotItem::Entry(account, RecentEntry { conversation, at }) => {
                checked.entries += 1;
                if let Err(problem) = check_time(at) {
                    let problem = format!("the entry of {conversation}: {problem}");
                    tell(&mut checked, &Damage::new(name(&account), &problem));
                }
            }
            SnapshotItem::Change(..) => checked.changes += 1,
            SnapshotItem::ChatGroupTime(app, id, at) => {
                checked.chat_group_times += 1;
                if let Err(problem) = check_time(at) {
                    let problem = format!("its last message: {problem}");
                    tell(&mut checked, &Damage::new(name_of_chat_group(app, &id), &problem));
                }
            }
            SnapshotItem::ChatGroup(app, ListedChatGroup { chat_group, .. }) => {
                checked.chat_groups += 1;
                let found = &mut registers.entry(app).or_default().found;
                found.live += u64::from(!chat_group.destroyed);
                // None is ever left out.
                found.last_serial += 1;
            }
            SnapshotItem::Counts(app, counts) => registers.entry(app).or_default().kept = counts,
            SnapshotItem::LostHistory(_, damage) | SnapshotItem::Damage(damage) => tell(&mut checked, &damage),
        }
        progress(&checked);
    }
    for (app, Register { kept, found }) in registers {
        if kept != found {
            tell(&mut checked, &miscounted(app, kept, found));
        }
    }
    Ok(checked)
}

fn miscounted(app: AppId, kept: RegisterCounts, found: RegisterCounts) -> Damage {
    let described =
        |counts: RegisterCounts| format!("{}, of which {} are not destroyed", counts.last_serial, counts.live);
    let problem = format!("it says {}; found were {}", described(kept), described(found));
    Damage::new(format!("the count of chat groups of app {}", app.0), &problem)
}
