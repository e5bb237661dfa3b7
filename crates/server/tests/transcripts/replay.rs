//! Replays one transcript through a server of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use pinfold_core::{AccountId, AppId, Origin, Profile, Timestamp, Touches, Via, rules};
use pinfold_server::config::Config;
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend, Embedded, Memory, Postgres, Scope, Store};
use pinfold_wire::callback;
use tempfile::TempDir;
use toml::{Table, Value};

use crate::compat::placeholders::{Drawn, write_out_runs};
use crate::compat::{Exchange, Given, Step, StoreMode, Transcript};
use crate::faulty_backend::FaultyBackend;
use crate::http::{self, Request};
use crate::support::{ADMIN, APP, KEY, START, TestServer, sign};

/// The token of callbacks in transcripts, made up for tests.
const TOKEN: &str = "a-made-up-token-for-the-tests";

/// Where transcripts keep their data: one store for all of them, each with an app of its own.
pub(crate) struct SharedStore {
    store: Mutex<Arc<dyn Backend>>,
    location: Location,
    apps: AtomicU32,
}

enum Location {
    Memory,
    Directory(TempDir),
    Postgres(String),
}

impl SharedStore {
    pub(crate) fn in_memory() -> Self {
        Self { store: Mutex::new(Arc::new(Memory::new())), location: Location::Memory, apps: AtomicU32::new(1) }
    }

    pub(crate) fn on_disk() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { store: Mutex::new(open(&directory)), location: Location::Directory(directory), apps: AtomicU32::new(1) }
    }

    pub(crate) async fn in_postgres(url: String) -> Self {
        Self { store: Mutex::new(connect(&url).await), location: Location::Postgres(url), apps: AtomicU32::new(1) }
    }

    fn of_app(&self, app: AppId) -> Arc<FaultyBackend> {
        Arc::new(FaultyBackend::new(Arc::clone(&self.store.lock().unwrap()), app))
    }

    /// Closes the store and opens it again; for when no other transcript uses it.
    async fn reopen(&self) -> Result<(), String> {
        let store = Arc::clone(&self.store.lock().unwrap());
        if !matches!(self.location, Location::Memory) {
            store.close().await.map_err(|error| error.to_string())?;
        }
        let reopened = match &self.location {
            Location::Memory => store,
            Location::Directory(directory) => open(directory),
            Location::Postgres(url) => connect(url).await,
        };
        *self.store.lock().unwrap() = reopened;
        Ok(())
    }
}

async fn connect(url: &str) -> Arc<dyn Backend> {
    let settings = pinfold_store::postgres::Settings::new(url.parse().unwrap());
    Arc::new(Postgres::open(&settings).await.unwrap())
}

fn open(directory: &TempDir) -> Arc<dyn Backend> {
    Arc::new(Embedded::open(&directory.path().join("data"), &Settings::default()).unwrap())
}

/// The answers that came, in order; the error says which was another than the one written down.
pub(crate) async fn replay(transcript: &Transcript, store: &SharedStore) -> Result<Vec<String>, String> {
    let mut scene = Scene::open(transcript, store).await?;
    let mut answers = Vec::new();
    for step in &transcript.steps {
        match step {
            Step::Clock(second) => scene.server.clock.store(*second, Ordering::Relaxed),
            Step::Store(mode) => scene.backend.set(*mode),
            Step::Touch(touches) => scene.touch(touches).await?,
            Step::Restart(settings) => scene = scene.restarted(settings, store).await?,
            Step::Call(exchange) => answers.push(
                scene
                    .call(exchange)
                    .await
                    .map_err(|problem| format!("{}.txt, line {}: {problem}", transcript.name, exchange.line))?,
            ),
        }
    }
    scene.backend.set(StoreMode::Works);
    scene.server.stop().await;
    Ok(answers)
}

struct Scene {
    given: Vec<Given>,
    app: AppId,
    backend: Arc<FaultyBackend>,
    server: TestServer,
    drawn: Drawn,
}

impl Scene {
    async fn open(transcript: &Transcript, store: &SharedStore) -> Result<Self, String> {
        let config = configuration(&transcript.given)?;
        let app = AppId(store.apps.fetch_add(1, Ordering::Relaxed));
        let backend = store.of_app(app);
        let store = Store::new(Arc::clone(&backend) as Arc<dyn Backend>);
        for given in &transcript.given {
            if let Given::Accounts(accounts) = given {
                import(&store, accounts, config.apps[0].policy().keeps_history()).await?;
            }
        }
        let server = TestServer::over(&config, store).await;
        Ok(Self { given: transcript.given.clone(), app, backend, server, drawn: Drawn::default() })
    }

    /// Everything anew but what is kept, with these settings besides.
    async fn restarted(self, settings: &[Given], store: &SharedStore) -> Result<Self, String> {
        let given = [self.given, settings.to_vec()].concat();
        let now = self.server.clock.load(Ordering::Relaxed);
        self.server.stop().await;
        store.reopen().await?;
        let backend = store.of_app(self.app);
        let server =
            TestServer::over(&configuration(&given)?, Store::new(Arc::clone(&backend) as Arc<dyn Backend>)).await;
        server.clock.store(now, Ordering::Relaxed);
        Ok(Self { given, backend, server, app: self.app, drawn: self.drawn })
    }

    async fn touch(&self, touches: &Touches) -> Result<(), String> {
        let store = Store::new(Arc::clone(&self.backend) as Arc<dyn Backend>);
        let touched = store.touch(AppId(APP), touches, Timestamp(START as u32)).await;
        touched.map(drop).map_err(|error| error.to_string())
    }

    async fn call(&mut self, exchange: &Exchange) -> Result<String, String> {
        let request = Request {
            method: &exchange.method,
            target: &self.drawn.fill(&target(&exchange.target, exchange.identifier.as_deref().unwrap_or(ADMIN))),
            body: &self.drawn.fill(&write_out_runs(&exchange.body)),
            is_incomplete: exchange.is_incomplete,
        };
        let answer = http::send(self.server.address, &request).await?;
        let expected = write_out_runs(&exchange.answer);
        if expected == "?" || self.drawn.meets(&expected, &answer) {
            return Ok(answer);
        }
        Err(format!("the answer is another\n  expected {}\n  answered {answer}", self.drawn.fill(&expected)))
    }
}

/// Imports accounts as `account_import` does.
async fn import(store: &Store, accounts: &[String], keeps_history: bool) -> Result<(), String> {
    let caller = AccountId::parse(ADMIN).map_err(|problem| problem.to_string())?;
    let origin = Origin { caller: Some(caller), via: Via::Call, command: "account_import".into() };
    let store = store.acting(&origin, keeps_history);
    for account in accounts {
        let account = AccountId::parse(account).map_err(|problem| format!("{account} {problem}"))?;
        let key = AccountKey { app: AppId(APP), account };
        let import = |draft: &mut pinfold_core::Draft<'_>| rules::import_account(draft, &Profile::default());
        let imported = store.update(&key, &Scope::Head, &[], Timestamp(START as u32), import).await;
        imported.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// One app without call rates on a free port, and the settings of the transcript over it.
fn configuration(given: &[Given]) -> Result<Config, String> {
    let base = format!(
        "listen = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\n\
         [app]\nsdkappid = {APP}\nkeys = [\"{KEY}\"]\ncalls_per_second_max = 0"
    );
    let mut root: Table = toml::from_str(&base).map_err(|error| error.to_string())?;
    for given in given {
        if let Given::Setting(key, value) = given {
            put(&mut root, key, value.clone());
        }
    }
    let app = root.remove("app").unwrap_or_else(|| Table::new().into());
    root.insert("app".into(), vec![app].into());
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = directory.path().join("pinfold.toml");
    std::fs::write(&file, root.to_string()).map_err(|error| error.to_string())?;
    Config::load(Some(&file), std::iter::empty()).map(|loaded| loaded.config).map_err(|error| error.to_string())
}

fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.into(), value)),
        Some((section, rest)) => {
            if let Value::Table(below) = table.entry(section).or_insert_with(|| Table::new().into()) {
                put(below, rest, value);
            }
        }
    }
}

/// Path and query: signed by this account where the transcript has no query of its own.
fn target(target: &str, identifier: &str) -> String {
    let path = if target.starts_with('/') { target.to_owned() } else { format!("/v4/{target}") };
    let is_complete = target.starts_with('/') || target.contains('?');
    let own = sign(APP, identifier, START, 86_400, KEY);
    let query = format!("?sdkappid={APP}&identifier={identifier}&usersig={own}&random=99999999&contenttype=json");
    let text = if is_complete { path } else { path + &query };
    [
        ("«sign»", callback::sign(TOKEN, "1750000000")),
        ("«SIGN»", callback::sign(TOKEN, "1750000000").to_uppercase()),
        ("«sign by another token»", callback::sign("another-made-up-token", "1750000000")),
        ("«sign at 1749999699»", callback::sign(TOKEN, "1749999699")),
        ("«sign at 1749999700»", callback::sign(TOKEN, "1749999700")),
        ("«sign at 1749999999»", callback::sign(TOKEN, "1749999999")),
        ("«sign at 1750000300»", callback::sign(TOKEN, "1750000300")),
        ("«sign at 1750000301»", callback::sign(TOKEN, "1750000301")),
        ("«signature»", sign(APP, ADMIN, START, 86_400, KEY)),
        ("«signature, percent-encoded»", escaped(&sign(APP, ADMIN, START, 86_400, KEY))),
        ("«signature of bob»", sign(APP, "bob", START, 86_400, KEY)),
        ("«signature of app 7»", sign(7, ADMIN, START, 86_400, KEY)),
        ("«signature of bob for 100 s»", sign(APP, "bob", START, 100, KEY)),
        ("«signature for 100 s»", sign(APP, ADMIN, START, 100, KEY)),
        ("«signature of tomorrow»", sign(APP, ADMIN, START + 86_400, 86_400, KEY)),
        ("«signature by another key»", sign(APP, ADMIN, START, 86_400, "another-made-up-key-for-the-tests")),
    ]
    .iter()
    .fold(text, |text, (placeholder, signature)| text.replace(placeholder, signature))
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
