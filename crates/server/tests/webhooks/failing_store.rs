//! A store that fails while what was sent is removed from it.

use std::sync::Mutex;

use pinfold_core::AppId;
use support::APP;

use super::*;
use crate::compat::StoreMode;
use crate::faulty_backend::FaultyBackend;

#[tokio::test]
async fn what_was_sent_while_the_store_failed_is_not_sent_again() {
    let backend = Arc::new(FaultyBackend::new(Arc::new(Memory::new()), AppId(APP)));
    let failing: Arc<Mutex<Vec<Arc<FaultyBackend>>>> = Arc::new(Mutex::new(vec![Arc::clone(&backend)]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // From the first request on, before its answer, the store fails.
    let receiver = Receiver::acting(listener, None, move |_| {
        failing.lock().unwrap().drain(..).for_each(|backend| backend.set(StoreMode::Fails));
        Some(Step::Answer(OK.into()))
    });
    let server = TestServer::over(&config(&receiver), Store::new(Arc::clone(&backend) as Arc<dyn Backend>)).await;
    import(&server, "alice").await;
    import(&server, "bob").await;
    mark(&server, "alice", 0).await;
    came(&receiver, 1).await;
    // Long enough for a few attempts to remove it.
    sleep(Duration::from_secs(3)).await;
    backend.set(StoreMode::Works);
    mark(&server, "alice", 1).await;
    came(&receiver, 2).await;
    server.stop().await;
    let revisions: Vec<_> = receiver.received().iter().map(|request| body(request)["Revision"].clone()).collect();
    assert_eq!(revisions, [2, 3]);
    assert_eq!(backend.backlog(AppId(APP), 9).await.unwrap().changes, 0);
}
