//! Which build this is.

use std::sync::LazyLock;

/// What `--version` tells: the version, and whether the compiler had a profile. `packaging/build-trained` sets the
/// variable, to the SHA-256 of the profile, in the command that gives the profile to the compiler.
pub(crate) static LONG: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    match option_env!("PINFOLD_PROFILE") {
        Some(sha256) => format!("{version}\ntrained: yes, profile {sha256}"),
        None => format!("{version}\ntrained: no"),
    }
});
