//! Removes the rows that deleted accounts left behind, slowly.

use super::rounds::{PAUSE, Rounds};
use crate::state::State;

/// Rows that one step looks at.
const ROWS_MAX: usize = 256;

/// Sweeps round after round. Never returns.
pub(super) async fn run(state: &State) {
    let mut rounds = Rounds::default();
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        pause = match state.store.backend().sweep(rounds.after(), ROWS_MAX).await {
            Ok(step) => {
                state.meters.swept(step.removed);
                if let Some(damage) = rounds.first_damage(&step) {
                    tracing::warn!(cause = damage.problem, "damaged rows are not swept; pinfold check names them");
                }
                rounds.advance(step)
            }
            Err(error) => {
                tracing::warn!(cause = %error, "rows of deleted accounts cannot be swept");
                rounds.retry()
            }
        };
    }
}
