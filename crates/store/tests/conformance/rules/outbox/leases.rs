//! Leases, of backends that several instances share.

use pinfold_core::AppId;
use pinfold_store::Lease;

use super::super::Open;

pub(crate) async fn suite(open: &impl Open) {
    a_lease_is_put_where_holder_and_serial_are_as_expected(open).await;
    of_two_that_take_a_share_at_once_one_has_it(open).await;
    leases_of_an_app_are_forgotten_with_its_webhook(open).await;
}

fn lease(app: u32, share: u8, holder: u64, serial: u64) -> Lease {
    Lease { app: AppId(app), share, holder, serial, wanted_by: 0 }
}

async fn a_lease_is_put_where_holder_and_serial_are_as_expected(open: &impl Open) {
    let backend = open("leases").await;
    let (first, renewed, free) = (lease(1, 15, u64::MAX, 1), lease(1, 15, u64::MAX, 2), lease(1, 15, 0, 3));
    let wanted = Lease { wanted_by: 9, ..renewed };
    let other_holder = Lease { holder: 8, ..renewed };
    for (expected, new, is_put) in [
        (Some(first), renewed, false),
        (None, first, true),
        (None, renewed, false),
        (Some(first), renewed, true),
        (Some(first), free, false),
        (Some(other_holder), free, false),
        (Some(renewed), wanted, true),
        (Some(renewed), free, true),
    ] {
        let put = backend.put_lease(expected.as_ref(), &new).await.unwrap();
        assert_eq!(put, is_put, "{expected:?} → {new:?}");
        if is_put {
            assert_eq!(backend.leases(AppId(1)).await.unwrap(), [new]);
        }
    }
    assert_eq!(backend.leases(AppId(2)).await.unwrap(), []);
}

async fn of_two_that_take_a_share_at_once_one_has_it(open: &impl Open) {
    let backend = open("lease races").await;
    let mut held = None;
    for serial in 1..=20 {
        let [one, other] = [11, 22].map(|holder| lease(1, 0, holder, serial));
        let (first, second) =
            tokio::join!(backend.put_lease(held.as_ref(), &one), backend.put_lease(held.as_ref(), &other));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first != second, "exactly one");
        held = Some(if first { one } else { other });
        assert_eq!(backend.leases(AppId(1)).await.unwrap(), held.as_slice());
    }
}

async fn leases_of_an_app_are_forgotten_with_its_webhook(open: &impl Open) {
    let backend = open("leases forgotten").await;
    let (dropped, stays) = (lease(1, 0, 11, 1), lease(2, 0, 11, 1));
    for new in [dropped, lease(1, 1, 11, 1), stays] {
        assert!(backend.put_lease(None, &new).await.unwrap());
    }
    backend.forget_webhook(AppId(1)).await.unwrap();
    assert_eq!(backend.leases(AppId(1)).await.unwrap(), []);
    assert_eq!(backend.leases(AppId(2)).await.unwrap(), [stays]);
    assert!(backend.put_lease(None, &dropped).await.unwrap());
}
