//! The couriers of all apps: they begin and end with the configuration and with the server.

use std::collections::BTreeMap;
use std::mem;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pinfold_core::AppId;
use pinfold_store::{Store, StoreError};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::courier::Courier;
use super::leasing::{HeldShares, LeaseKeeper};
use super::notices::Notices;
use super::pace::Pace;
use super::report::{WebhookReport, webhook_reports};
use super::run;
use super::targets::{Target, WebhookError};
use crate::config::AppConfig;
use crate::state::State;

/// Where the webhook of each app goes.
pub(crate) type Targets = BTreeMap<AppId, Arc<Target>>;

/// The webhooks of a server.
pub(crate) struct Webhooks {
    pub(crate) notices: Arc<Notices>,
    pace: Arc<Pace>,
    couriers: Mutex<Couriers>,
}

#[derive(Default)]
struct Couriers {
    targets: Targets,
    running: BTreeMap<AppId, Running>,
    /// Of apps that have no webhook any more: what was on its way may not have ended.
    ending: BTreeMap<AppId, Task>,
    /// While the server serves.
    serving: Option<Serving>,
}

/// A courier, which its task keeps.
struct Running {
    courier: Weak<Courier>,
    task: Task,
}

/// Gives `None` if it was cut off.
type Task = JoinHandle<Option<()>>;

/// What couriers begin with.
struct Serving {
    state: Weak<State>,
    draining: CancellationToken,
    cut_off: CancellationToken,
    /// The number of this instance in leases.
    me: NonZeroU64,
}

impl Webhooks {
    pub(crate) fn new(pace: Pace) -> Arc<Self> {
        let (notices, couriers) = (Arc::<Notices>::default(), Mutex::default());
        Arc::new(Self { notices, pace: Arc::new(pace), couriers })
    }

    pub(super) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }

    /// The targets of these apps. One that is configured as before is kept with its connections.
    pub(crate) fn prepare(&self, apps: &[AppConfig]) -> Result<Targets, WebhookError> {
        let before = self.couriers().targets.clone();
        let mut targets = Targets::new();
        for app in apps {
            if let Some(target) = Target::prepare(app, before.get(&app.sdkappid))? {
                targets.insert(app.sdkappid, target);
            }
        }
        Ok(targets)
    }

    /// Sends to these from now on: couriers begin, end, or take their new target.
    pub(crate) fn exchange(&self, targets: Targets) {
        let mut couriers = self.couriers();
        couriers.targets = targets;
        self.follow(&mut couriers);
    }

    /// Begins to send. Nothing begins any more after `draining`.
    pub(crate) fn spawn(self: &Arc<Self>, state: &Arc<State>, draining: &CancellationToken) -> Draining {
        let cut_off = CancellationToken::new();
        let (state, draining, me) = (Arc::downgrade(state), draining.clone(), rand::random());
        let mut couriers = self.couriers();
        couriers.serving = Some(Serving { state, draining, cut_off: cut_off.clone(), me });
        self.follow(&mut couriers);
        Draining { webhooks: Arc::clone(self), _cut_off: cut_off.drop_guard() }
    }

    /// Makes what runs as it is configured.
    fn follow(&self, couriers: &mut Couriers) {
        let Couriers { targets, running, ending, serving } = couriers;
        let Some((serving, state)) = serving.as_ref().and_then(|it| Some((it, it.state.upgrade()?))) else { return };
        ending.retain(|_, task| !task.is_finished());
        for (app, gone) in running.extract_if(.., |app, _| !targets.contains_key(app)) {
            self.notices.close(app);
            state.meters.webhook_ends(app);
            gone.courier.upgrade().inspect(|courier| courier.stop.cancel());
            ending.insert(app, gone.task);
        }
        for (app, target) in &*targets {
            match running.get(app).and_then(|running| running.courier.upgrade()) {
                Some(courier) => courier.exchange(target),
                None => {
                    let begun = self.begin(serving, &state, *app, target, ending.remove(app));
                    running.insert(*app, begun);
                }
            }
        }
    }

    /// Begins to send for an app when the courier before, if there is one, has ended.
    fn begin(
        &self,
        serving: &Serving,
        state: &Arc<State>,
        app: AppId,
        target: &Arc<Target>,
        before: Option<Task>,
    ) -> Running {
        let is_shared = state.store.backend().is_shared();
        let keeper = || LeaseKeeper::new(serving.me, app, self.pace.leases, state.clock.clone());
        let keeper = is_shared.then(keeper);
        let held = keeper.as_ref().map_or_else(|| Arc::new(HeldShares::all()), LeaseKeeper::held);
        let (courier, removed) = Courier::new(app, state, Arc::clone(target), held, serving.draining.child_token());
        self.notices.open(app, Arc::clone(&courier.inbox));
        let weak = Arc::downgrade(&courier);
        let run = async move {
            if let Some(before) = before {
                // If it panicked the log has it.
                let _ = before.await;
            }
            run::run(&courier, keeper, removed).await;
        };
        let task = tokio::spawn(serving.cut_off.clone().run_until_cancelled_owned(run));
        Running { courier: weak, task }
    }

    /// Notes durably whether sending for an app is paused, and pauses or resumes it here at once.
    pub(crate) async fn set_paused(&self, store: &Store, app: AppId, paused: bool) -> Result<(), StoreError> {
        let courier = self.courier(app);
        let Some(courier) = courier else { return store.backend().set_paused(app, paused).await };
        let _guard = courier.pausing.lock().await;
        store.backend().set_paused(app, paused).await?;
        courier.set_paused(paused);
        Ok(())
    }

    /// Every app that has a webhook or is paused.
    pub(crate) async fn report(&self, store: &Store) -> Result<Vec<WebhookReport>, StoreError> {
        let hosts =
            self.couriers().targets.iter().map(|(app, target)| (*app, target.endpoint.host().to_owned())).collect();
        let mut reports = webhook_reports(store, &hosts).await?;
        for report in &mut reports {
            report.server = self.courier(AppId(report.app)).map(|courier| courier.report());
        }
        Ok(reports)
    }

    fn courier(&self, app: AppId) -> Option<Arc<Courier>> {
        self.couriers().running.get(&app)?.courier.upgrade()
    }

    fn couriers(&self) -> MutexGuard<'_, Couriers> {
        self.couriers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Couriers that end with the server. Those that have not ended are cut off when this is dropped.
pub(crate) struct Draining {
    webhooks: Arc<Webhooks>,
    _cut_off: DropGuard,
}

impl Draining {
    /// Waits until what is on its way is answered and removed from the store, and leases are released.
    pub(crate) async fn ended(self) {
        let (running, ending) = {
            let mut couriers = self.webhooks.couriers();
            couriers.serving = None;
            (mem::take(&mut couriers.running), mem::take(&mut couriers.ending))
        };
        for task in running.into_values().map(|running| running.task).chain(ending.into_values()) {
            // If it panicked the log has it.
            let _ = task.await;
        }
    }
}
