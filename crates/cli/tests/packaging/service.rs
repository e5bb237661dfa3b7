//! The unit of systemd, as systemd itself reads it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{installed, run, text};
use crate::{adapted, path, read};

/// Of 100; what is left is the network, which a server needs.
const EXPOSURE_MAX: &str = "15";

/// Runs `systemd-analyze` on the unit in this directory: whether it succeeds, and its complaints about the unit.
/// The units of the machine that ours refers to are read too, and what is wrong with those is not our fault.
fn analyze(workspace: &Path, arguments: &[&str]) -> (bool, String) {
    let mut analyze = Command::new("systemd-analyze");
    // The empty name at the end stands for the directories of the machine.
    analyze.args(arguments).arg(workspace.join(UNIT)).env("SYSTEMD_UNIT_PATH", format!("{}/others:", text(workspace)));
    let output = run(analyze);
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let ours = said.lines().filter(|line| line.contains(UNIT)).collect::<Vec<_>>().join("\n");
    let succeeds = output.status.success();
    (succeeds, if succeeds || !ours.is_empty() { ours } else { format!("{printed}\n{said}") })
}

const VERIFY: [&str; 2] = ["verify", "--recursive-errors=no"];
const UNIT: &str = "pinfold.service";

/// A directory with our unit, for the binary of these tests.
fn with_unit() -> TempDir {
    let workspace = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_pinfold");
    let unit = adapted(read("packaging/pinfold.service"), &[("/usr/local/bin/pinfold", binary)]);
    fs::write(workspace.path().join(UNIT), unit).unwrap();
    // As it is installed, whatever the umask.
    fs::set_permissions(workspace.path().join(UNIT), Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(workspace.path().join("others")).unwrap();
    workspace
}

#[test]
fn systemd_finds_no_fault_with_the_unit_and_little_exposure() {
    if !installed("systemd-analyze") {
        return;
    }
    let workspace = with_unit();
    let exposure = format!("--threshold={EXPOSURE_MAX}");
    for arguments in [&VERIFY[..], &["security", "--offline=yes", "--no-pager", &exposure]] {
        assert_eq!(analyze(workspace.path(), arguments), (true, String::new()));
    }
}

#[test]
fn a_fault_of_another_unit_of_the_machine_does_not_count_and_one_of_ours_does() {
    if !installed("systemd-analyze") {
        return;
    }
    let workspace = with_unit();
    let other = workspace.path().join("others/network-online.target");
    fs::write(other, "[Unit]\nDescription=another\nObsolete=yes\n").unwrap();
    assert_eq!(analyze(workspace.path(), &VERIFY), (true, String::new()));
    let unit = workspace.path().join(UNIT);
    let wrong = fs::read_to_string(&unit).unwrap().replace("[Service]", "[Service]\nObsolete=yes");
    fs::write(&unit, wrong).unwrap();
    let (succeeds, said) = analyze(workspace.path(), &VERIFY);
    assert!(!succeeds && said.contains("Obsolete"), "{said}");
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

/// As on a machine where nothing has made its directory yet.
#[test]
fn the_file_of_the_user_is_installed_where_its_directory_is_missing() {
    let page = read("docs/operate/install.md");
    let command = page.lines().find(|line| line.contains("packaging/pinfold.sysusers")).unwrap();
    let root = tempfile::tempdir().unwrap();
    let command = command.replace("sudo ", "").replace(" /etc/", &format!(" {}/etc/", text(root.path())));
    let mut shell = Command::new("sh");
    shell.args(["-ec", &command]).current_dir(path(""));
    let output = run(shell);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(root.path().join("etc/sysusers.d/pinfold.conf").is_file());
}
