//! The seeds of a target: the inputs that are replayed by `cargo test`, and that libFuzzer begins with.
//!
//! They are one archive a target, `fuzz/seeds/TARGET.tar`, as hundreds of small files get in the way of everything else that
//! is in the repository.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::{fs, str};

use tar::{Archive, Builder, Header};

/// The content of seeds by name.
pub type Seeds = BTreeMap<String, Vec<u8>>;

/// The archive of a target.
pub fn archive(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../fuzz/seeds/{target}.tar"))
}

/// Reads an archive, whichever program packed it. One that does not exist has no seeds.
pub fn read(archive: &Path) -> io::Result<Seeds> {
    let bytes = match fs::read(archive) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Seeds::new()),
        read => read?,
    };
    let mut seeds = Seeds::new();
    for entry in Archive::new(&bytes[..]).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let name =
                str::from_utf8(&entry.path_bytes()).map_err(io::Error::other)?.trim_start_matches("./").to_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            seeds.insert(name, content);
        }
    }
    Ok(seeds)
}

/// An archive of these seeds. The same seeds are the same bytes: sorted, without owners and times.
pub fn pack(seeds: &Seeds) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (name, content) in seeds {
        let mut header = Header::new_ustar();
        header.set_path(name)?;
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        archive.append(&header, &content[..])?;
    }
    archive.into_inner()
}
