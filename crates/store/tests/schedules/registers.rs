//! The caches of what registers say: which accounts are imported, and chat groups.

use pinfold_core::{AppId, ChatGroup, ChatGroupKind, PeerStatus};
use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Commit};
use shuttle::future::spawn;

use crate::runner::in_every_schedule;
use crate::support::{NOW, chat_group_id};
use crate::world::World;

#[test]
fn an_import_is_known_when_it_is_acknowledged_and_not_before_it_is_durable() {
    in_every_schedule(&Settings::default(), async |world| {
        let (importing, asking) = (world.clone(), world.clone());
        let importing = spawn(async move {
            importing.import().await;
            assert_eq!(importing.status().await, PeerStatus::of_account(true), "an import was forgotten");
        });
        let asking = spawn(async move {
            for _ in 0..2 {
                asking.status().await;
            }
        });
        importing.await.unwrap();
        asking.await.unwrap();
        world.assert_at_rest().await;
    });
}

#[test]
fn a_chat_group_is_registered_once_and_known_when_that_is_acknowledged() {
    in_every_schedule(&Settings::default(), async |world| {
        let register = |world: World| spawn(async move { register(&world).await });
        let tasks = [register(world.clone()), register(world.clone())];
        let mut committed = 0;
        for task in tasks {
            committed += usize::from(task.await.unwrap() == Commit::Committed);
        }
        assert_eq!(committed, 1);
    });
}

async fn register(world: &World) -> Commit {
    let (app, id) = (AppId(1), chat_group_id("team"));
    let new =
        ChatGroup { kind: ChatGroupKind::Work, name: "Team".into(), owner: None, created_at: NOW, destroyed: false };
    world.backend.chat_groups(app, std::slice::from_ref(&id)).await.unwrap();
    let committed = world.backend.put_chat_group(app, &id, None, &new).await.unwrap();
    let found = world.backend.chat_groups(app, std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(found, [Some(new)], "a registration was forgotten");
    committed
}
