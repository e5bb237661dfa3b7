//! How fast what waited is sent once the receiver is there. By hand, as it takes a while and tells a number:
//! `cargo test --release -p pinfold-server --test webhooks -- --ignored --nocapture`.

use futures_util::stream::{self, StreamExt as _};
use pinfold_core::{AccountId, AppId, Conversation, Origin, TimeMs, Via, WebhookCommands};
use pinfold_store::{AccountKey, Scope};
use support::{APP, START};

use super::*;

const ACCOUNTS: usize = 100_000;
/// Commits that are made at once, so that they share their syncs.
const AT_ONCE: usize = 1024;
/// For all of it.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Pins a conversation of an account, which one request tells.
async fn pin(store: &Store, number: usize) {
    let account = AccountKey { app: AppId(APP), account: AccountId::parse(&format!("u{number}")).unwrap() };
    let peer = Conversation::OneToOne(AccountId::parse("bob").unwrap());
    let origin = Origin { caller: None, via: Via::Call, command: "top".into() };
    let acting = store.acting(&origin, true).sending(WebhookCommands::ALL);
    acting.update(&account, &Scope::Head, &[], TimeMs(START * 1000), |draft| draft.pin(&peer)).await.unwrap();
}

async fn wait_for(receiver: &Receiver, count: usize) -> Instant {
    let begin = Instant::now();
    while receiver.count() < count {
        assert!(begin.elapsed() < TIMEOUT, "{} of {count} came", receiver.count());
        sleep(Duration::from_millis(5)).await;
    }
    Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute and is to be run in a release build"]
async fn a_hundred_thousand_waiting_accounts_are_sent_at_two_thousand_a_second() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded(directory.path());
    let pins = stream::iter(0..ACCOUNTS).map(|number| pin(&store, number)).buffer_unordered(AT_ONCE);
    pins.for_each(|()| async {}).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut config = support::config();
    let url = WebhookUrl::parse(&format!("http://{address}/hook")).unwrap();
    config.apps[0].webhook = Some(WebhookConfig::new(url, Secret::new("geheim-token-for-tests").unwrap()));
    let server = TestServer::over(&config, store.clone()).await;
    let down = "pinfold_webhook_receiver_down{app=\"1400000001\"} 1";
    while !server.metrics.text().await.lines().any(|line| line == down) {
        sleep(Duration::from_millis(20)).await;
    }
    let receiver = Receiver::counting(TcpListener::bind(address).await.unwrap());
    let up = Instant::now();
    let begin = wait_for(&receiver, 1).await;
    let end = wait_for(&receiver, ACCOUNTS).await;
    let backlog = async || store.backend().backlog(AppId(APP), 1).await.unwrap().changes;
    while backlog().await > 0 {
        assert!(end.elapsed() < TIMEOUT);
        sleep(Duration::from_millis(5)).await;
    }
    let (seconds, waited) = (end.duration_since(begin).as_secs_f64(), begin.duration_since(up).as_secs_f64());
    let removed = end.elapsed().as_millis();
    let rate = ACCOUNTS as f64 / seconds;
    println!(
        "{ACCOUNTS} accounts in {seconds:.1} s: {rate:.0} requests a second; begun {waited:.1} s after the receiver came, the last row removed {removed} ms after its request"
    );
    server.stop().await;
    assert_eq!(receiver.count(), ACCOUNTS, "each once");
    assert!(rate >= 2000.0, "{rate:.0} a second");
}
