//! Signatures made to cost the server much time or memory.

use std::io::Write;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::ZlibEncoder};

use crate::no_timeouts;
use crate::raw::{Raw, assert_still_serves, get_body, post};
use crate::support::{ADMIN, APP, TestServer};

/// Unpacking everything would take longer, even where nothing is optimized.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn code(server: &TestServer, signature: &str) -> u64 {
    let query = format!("sdkappid={APP}&identifier={ADMIN}&usersig={signature}");
    let mut raw = Raw::connect(server).await;
    raw.send(post(&format!("/v4/recentcontact/get_contact_group?{query}"), "", &get_body())).await;
    raw.answer().await.code()
}

/// This many zeros, packed to about a thousandth.
fn bomb(bytes: usize) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    let text = STANDARD.encode(encoder.finish().unwrap());
    text.replace('+', "*").replace('/', "-").replace('=', "_")
}

#[tokio::test]
async fn a_zlib_bomb_is_an_unreadable_signature_and_costs_nothing() {
    let server = TestServer::with(no_timeouts).await;
    let bomb = bomb(40 << 20);
    assert!((10_000..60_000).contains(&bomb.len()), "{}", bomb.len());
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(code(&server, &bomb).await, 70003);
    }
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_very_long_signature_is_unreadable_and_costs_nothing() {
    let server = TestServer::with(no_timeouts).await;
    let began = Instant::now();
    for letter in ["A", "%2A", "*", "e"] {
        assert_eq!(code(&server, &letter.repeat(60_000 / letter.len())).await, 70003);
    }
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert_still_serves(&server).await;
}
