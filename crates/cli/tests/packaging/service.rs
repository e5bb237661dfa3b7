//! The unit of systemd, as systemd itself reads it.

use std::fs;
use std::process::Command;

use crate::support::{installed, run, text};
use crate::{adapted, path, read};

/// Of 100; what is left is the network, which a server needs.
const EXPOSURE_MAX: &str = "15";

#[test]
fn systemd_finds_no_fault_with_the_unit_and_little_exposure() {
    if !installed("systemd-analyze") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let unit = place.path().join("pinfold.service");
    let binary = env!("CARGO_BIN_EXE_pinfold");
    fs::write(&unit, adapted(read("packaging/pinfold.service"), &[("/usr/local/bin/pinfold", binary)])).unwrap();
    let exposure = format!("--threshold={EXPOSURE_MAX}");
    for arguments in [&["verify"][..], &["security", "--offline=yes", "--no-pager", &exposure]] {
        let mut analyze = Command::new("systemd-analyze");
        analyze.args(arguments).arg(text(&unit));
        let output = run(analyze);
        let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.is_empty(), "{printed}\n{said}");
    }
}

#[test]
fn systemd_makes_the_user_of_the_unit() {
    if !installed("systemd-sysusers") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let mut sysusers = Command::new("systemd-sysusers");
    sysusers.arg(format!("--root={}", text(root.path()))).arg(path("packaging/pinfold.sysusers"));
    let output = run(sysusers);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(made.contains("pinfold:") && made.contains(":/var/lib/pinfold:"), "{made}");
    assert!(read("packaging/pinfold.service").contains("User=pinfold\nGroup=pinfold\n"));
}
