//! Opening what a power cut left and looking at everything in it.

use std::collections::HashMap;
use std::path::Path;

use pinfold_core::AccountState;
use pinfold_store::{Backend, Embedded, Scope};

use super::workload::{self, ACCOUNTS};

/// The states each account goes through.
pub(crate) struct Model(Vec<Vec<AccountState>>);

impl Model {
    pub(crate) fn new(commits: u64) -> Self {
        Self((0..ACCOUNTS).map(|id| workload::states(id, commits + 3)).collect())
    }

    /// Whether the store opens and every account is as after its last acknowledged commit, or after the next one.
    /// With `go_on` it then makes more commits, opens the store again and compares again.
    pub(crate) fn check(&self, store: &Path, acknowledged: &HashMap<u64, u64>, go_on: bool) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let opened = workload::open(store)?;
            self.compare(&opened, acknowledged).await?;
            if !go_on {
                return Ok(());
            }
            let last = acknowledged.values().copied().max().unwrap_or(0) + 2;
            drop(workload::commit_until(opened, last, |_, _| {}).await?);
            let again = workload::open(store)?;
            self.compare(&again, &(0..ACCOUNTS).map(|id| (id, last)).collect()).await
        })
    }

    async fn compare(&self, store: &Embedded, acknowledged: &HashMap<u64, u64>) -> Result<(), String> {
        for (id, number) in acknowledged {
            let loaded = store.load(&workload::account(*id), &Scope::All).await.map_err(|error| error.to_string())?;
            let (states, number) = (&self.0[usize::try_from(*id).unwrap()], usize::try_from(*number).unwrap());
            if !states[number..=number + 1].contains(&loaded.state) {
                let found = states.iter().position(|state| *state == *loaded.state);
                return Err(format!("account {id}: commit {number} was acknowledged, found is that of {found:?}"));
            }
        }
        Ok(())
    }
}
