//! The memory of this process, where the system tells.

/// Resident memory.
pub fn resident_kib() -> Option<u64> {
    status_kib("VmRSS:")
}

/// The most resident memory that there ever was.
pub fn peak_kib() -> Option<u64> {
    status_kib("VmHWM:")
}

fn status_kib(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name))?.trim().split(' ').next()?.parse().ok()
}
