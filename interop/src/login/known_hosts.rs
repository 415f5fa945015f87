//! The `known_hosts` files: which keys a host is known by (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ring::hmac;
use ssh_key::PublicKey;
use ssh_key::known_hosts::{Entry, HostPatterns, Marker};

use crate::transport::HostKeyAlgorithm;

/// The keys of one host.
#[derive(Debug)]
pub(super) struct HostKeys {
    name: String,
    /// The first is the one to add to.
    files: Vec<PathBuf>,
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    marker: Option<Marker>,
    key: PublicKey,
    /// File and line.
    place: String,
}

/// What the files say about a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Known,
    /// Nothing is known of this host.
    Unknown,
    /// The host is known by other keys only; where one of them is.
    Changed(String),
    /// The key is marked as revoked there.
    Revoked(String),
}

impl HostKeys {
    /// Reads what `files` say about `host`. A file that doesn't exist says nothing; one that can't
    /// be read is an error, as it might say that the key has changed.
    pub(super) fn load(files: Vec<PathBuf>, host: &str, port: u16) -> Result<Self, String> {
        let host = host.to_ascii_lowercase();
        let name = match port {
            22 => host,
            port => format!("[{host}]:{port}"),
        };
        let mut known = Vec::new();
        for file in &files {
            match fs::read(file) {
                Ok(bytes) => known.extend(entries(&bytes, file, &name)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", file.display())),
            }
        }
        Ok(Self { name, files, known })
    }

    /// The host as the files name it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The file that keys are added to.
    pub(super) fn file(&self) -> &Path {
        self.files
            .first()
            .map_or_else(|| Path::new(""), PathBuf::as_path)
    }

    /// Whose key is in `blob`?
    ///
    /// Certificates of hosts are not part of this transport's negotiation, so lines of
    /// `@cert-authority` say nothing about any key that can come here.
    pub(super) fn check(&self, blob: &[u8]) -> Result<(PublicKey, Verdict), String> {
        let key = PublicKey::from_bytes(blob).map_err(|error| format!("its key: {error}"))?;
        let same = |known: &&Known| known.key.key_data() == key.key_data();
        let marked = |marker| {
            self.known
                .iter()
                .filter(move |known| known.marker == marker)
        };
        let revoked = marked(Some(Marker::Revoked)).find(same);
        let verdict = if let Some(known) = revoked {
            Verdict::Revoked(known.place.clone())
        } else if marked(None).any(|known| same(&known)) {
            Verdict::Known
        } else {
            // Also if the known one is of another type: those were asked for first, so the host
            // doesn't have it any more.
            let other = marked(None).next();
            other.map_or(Verdict::Unknown, |known| {
                Verdict::Changed(known.place.clone())
            })
        };
        Ok((key, verdict))
    }

    /// All host key algorithms, those of known keys first: a server with several keys then shows
    /// one that is known.
    pub(super) fn preferred_algorithms(&self) -> Vec<HostKeyAlgorithm> {
        let mut algorithms = HostKeyAlgorithm::ALL.to_vec();
        algorithms.sort_by_key(|algorithm| {
            !self.known.iter().any(|known| {
                known.marker.is_none() && known.key.algorithm().as_str() == algorithm.key_type()
            })
        });
        algorithms
    }

    /// Adds `key` to the first file, which is made if it doesn't exist.
    pub(super) fn add(&self, key: &PublicKey) -> io::Result<()> {
        let mut bare = key.clone();
        bare.set_comment("");
        let key = bare.to_openssh().map_err(io::Error::other)?;
        let file = self.file();
        if let Some(folder) = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        // A last line without its end must not run into ours.
        let ends_open = fs::read(file).is_ok_and(|bytes| bytes.last().is_some_and(|b| *b != b'\n'));
        let glue = if ends_open { "\n" } else { "" };
        let mut out = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(file)?;
        out.write_all(format!("{glue}{} {}\n", self.name, key.trim_end()).as_bytes())
    }
}

/// The entries of a file for `name`. Lines that can't be read are passed over, as in any other
/// client; a key type that isn't known here can't be shown by a server here.
fn entries(bytes: &[u8], file: &Path, name: &str) -> Vec<Known> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().zip(1_usize..);
    let known = lines.filter_map(|(line, number)| {
        // The parser wants single spaces.
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if words.first()?.starts_with('#') {
            return None;
        }
        let entry: Entry = words.join(" ").parse().ok()?;
        matches(entry.host_patterns(), name).then(|| Known {
            marker: entry.marker().copied(),
            key: entry.public_key().clone(),
            place: format!("{}:{number}", file.display()),
        })
    });
    known.collect()
}

fn matches(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::HashedName { salt, hash } => {
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt);
            hmac::verify(&key, name.as_bytes(), hash).is_ok()
        }
        HostPatterns::Patterns(patterns) => {
            let mut matched = false;
            for pattern in patterns {
                let pattern = pattern.to_ascii_lowercase();
                match pattern.strip_prefix('!') {
                    // One that excludes the name settles it.
                    Some(excluded) if glob(excluded.as_bytes(), name.as_bytes()) => return false,
                    Some(_) => {}
                    None => matched |= glob(pattern.as_bytes(), name.as_bytes()),
                }
            }
            matched
        }
    }
}

/// `*` stands for any characters, `?` for one. Goes back to the last `*` only, so the time is
/// bounded by the product of the lengths.
fn glob(mut pattern: &[u8], mut name: &[u8]) -> bool {
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), name.split_first()) {
            (Some((b'*', rest)), _) => {
                retry = Some((rest, name));
                pattern = rest;
            }
            (Some((wanted, rest)), Some((got, after))) if *wanted == b'?' || wanted == got => {
                pattern = rest;
                name = after;
            }
            (None, None) => return true,
            _ => match retry {
                Some((rest, [_, after @ ..])) => {
                    retry = Some((rest, after));
                    pattern = rest;
                    name = after;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::embedded::demo_key;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9dG4kjRhQTtWTVzd2t27+t0DEHBPW7iOD23TUiYLio";

    /// What a file with `lines` says about `KEY` at `host`.
    fn verdict(lines: &str, host: &str, port: u16) -> Verdict {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), lines).unwrap();
        let keys = HostKeys::load(vec![file.path().to_owned()], host, port).unwrap();
        let blob = PublicKey::from_openssh(KEY).unwrap().to_bytes().unwrap();
        keys.check(&blob).unwrap().1
    }

    #[test]
    fn names() {
        for (names, host, port, known) in [
            ("example.org", "example.org", 22, true),
            ("example.org", "EXAMPLE.org", 22, true),
            ("Example.Org", "example.org", 22, true),
            ("example.org", "example.org", 2222, false),
            ("[example.org]:2222", "example.org", 2222, true),
            ("[example.org]:2222", "example.org", 22, false),
            ("a,example.org,::1", "::1", 22, true),
            ("[::1]:2222", "::1", 2222, true),
            ("*.example.org", "host.example.org", 22, true),
            ("*.example.org,!host.*", "host.example.org", 22, false),
            ("h?st.*.org", "host.example.org", 22, true),
            ("h?st.*.org", "hst.example.org", 22, false),
            ("*", "anything", 22, true),
            ("*a*b*c", "xaxbxbx", 22, false),
            // HMAC-SHA1 of "host.example.org", as written by `ssh-keygen -H`.
            (HASHED, "host.example.org", 22, true),
            (HASHED, "host.example.com", 22, false),
        ] {
            let expected = if known {
                Verdict::Known
            } else {
                Verdict::Unknown
            };
            let line = format!("{names} {KEY} comment\n");
            assert_eq!(
                verdict(&line, host, port),
                expected,
                "{names} {host} {port}"
            );
        }
    }

    const HASHED: &str = "|1|/2J5ihJHjvzZyL8lbML2DAa9XKM=|bNabFcNT+6JMSooz0In0yfB0bMg=";

    #[test]
    fn markers_and_broken_lines() {
        let other = demo_key("").unwrap().public_key().to_openssh().unwrap();
        let other = other.trim();
        assert_eq!(verdict("", "h", 22), Verdict::Unknown);
        assert_eq!(
            verdict(
                &format!("# h {KEY}\n\nnonsense\nh ssh-ed25519 AAAA\n"),
                "h",
                22
            ),
            Verdict::Unknown
        );
        assert!(matches!(
            verdict(&format!("h {other}"), "h", 22),
            Verdict::Changed(_)
        ));
        assert_eq!(
            verdict(&format!("h {other}\nh\t{KEY}"), "h", 22),
            Verdict::Known
        );
        assert!(matches!(
            verdict(&format!("h {KEY}\n@revoked  * {KEY}"), "h", 22),
            Verdict::Revoked(_)
        ));
        assert_eq!(
            verdict(&format!("@cert-authority * {KEY}"), "h", 22),
            Verdict::Unknown
        );
    }

    #[test]
    fn what_is_added_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/known_hosts");
        let key = PublicKey::from_openssh(KEY).unwrap();
        let load = |port| HostKeys::load(vec![file.clone()], "::1", port).unwrap();
        load(22).add(&key).unwrap();
        // As if somebody had edited the file and left out the last line end.
        fs::write(&file, fs::read_to_string(&file).unwrap().trim_end()).unwrap();
        load(2222).add(&key).unwrap();
        for port in [22, 2222] {
            let blob = key.to_bytes().unwrap();
            assert_eq!(load(port).check(&blob).unwrap().1, Verdict::Known);
        }
    }
}
