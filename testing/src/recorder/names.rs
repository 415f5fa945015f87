//! The names that stand for keys, signatures and secrets.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::keys::{DEFAULT_TYPE, KEY_BYTES, Key, Looks, name_inside, split_string, synthetic};
use crate::scene::Scene;
use crate::transcript::client::ClientLine;
use crate::transcript::line::Line;
use ssh_userauth::{Identity, Limits, Secret, Session};

/// Secrets above this length keep their length: it may be what makes a packet too long.
const LONG_SECRET_BYTES: usize = 512;

/// Blobs above this length stay as they are: they are there to be too long for something.
const LONG_BLOB_BYTES: usize = 16 * 1024;

pub(super) struct Names {
    /// A secret is above it if and only if its name is: nothing is too long by its name alone.
    shortest_limit: usize,
    scene: Scene,
    keys: Vec<Known>,
    signatures: Vec<Vec<u8>>,
    secrets: Vec<Secret>,
}

/// A key, as it is and as it is written.
struct Known {
    blob: Vec<u8>,
    written: Key,
}

impl Names {
    pub(super) fn new(limits: &Limits) -> Self {
        let shortest = limits.max_password_bytes.min(limits.max_answer_bytes);
        Self {
            shortest_limit: shortest.min(LONG_SECRET_BYTES),
            scene: Scene::default(),
            keys: Vec::new(),
            signatures: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// The scene with the keys as they really are.
    pub(super) fn scene(&self) -> &Scene {
        &self.scene
    }

    /// From now on, lines are those of this scene.
    pub(super) fn live(&mut self, scene: Scene, session: &Session) {
        self.scene = scene;
        self.scene.session_id = session.session_id().to_vec();
        for known in &self.keys {
            let key = really(&known.written, &known.blob);
            self.scene.keys.declare(key);
        }
    }

    /// The name of a key that the caller has, or of the server's host key.
    pub(super) fn key(&mut self, blob: &[u8], only: Vec<String>) -> String {
        if let Some(known) = self.keys.iter().find(|known| known.blob == blob) {
            return known.written.name.clone();
        }
        let key_type = split_string(blob).and_then(|(name, _)| core::str::from_utf8(name).ok());
        let key_type =
            key_type.filter(|_| Identity::from_blob(blob).is_ok() && blob.len() <= LONG_BLOB_BYTES);
        let own = key_type.and_then(|key_type| {
            name_inside(blob).filter(|name| synthetic(key_type, name, KEY_BYTES) == blob)
        });
        let is_free = |name: &String| self.keys.iter().all(|known| known.written.name != *name);
        let counted = (1_u32..).map(|number| format!("K{number}"));
        let mut candidates = own.into_iter().chain(counted);
        let name = candidates.find(is_free).unwrap_or_default();
        let looks = match key_type {
            Some(key_type) => Looks::Type(key_type.to_string()),
            None => Looks::Blob(blob.to_vec()),
        };
        let written = Key {
            name: name.clone(),
            looks,
            only,
        };
        self.scene.keys.declare(really(&written, blob));
        let blob = blob.to_vec();
        self.keys.push(Known { blob, written });
        name
    }

    pub(super) fn identity(&mut self, identity: &Identity) -> String {
        let able = |identity: &Identity| -> Vec<String> {
            let names = identity.candidates();
            names.map(|name| name.as_str().to_string()).collect()
        };
        let unlimited = Identity::from_blob(identity.blob());
        let only = match unlimited {
            Ok(unlimited) if able(&unlimited) == able(identity) => Vec::new(),
            // A name that no key type has.
            _ if able(identity).is_empty() => Vec::from(["none".to_string()]),
            _ => able(identity),
        };
        self.key(identity.blob(), only)
    }

    pub(super) fn signature(&mut self, blob: &[u8]) -> String {
        let number = position(&mut self.signatures, |own| own == blob, || blob.to_vec());
        format!("SIG{number}")
    }

    /// What stands for a secret. That nothing was said is no secret, and decides what was proved.
    pub(super) fn secret(&mut self, bytes: &[u8]) -> Vec<u8> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let is_same = |own: &Secret| own.expose() == bytes;
        let number = position(&mut self.secrets, is_same, || Secret::from(bytes));
        let mut name = format!("secret-{number}").into_bytes();
        if bytes.len() > self.shortest_limit {
            name.resize(bytes.len(), b'.');
        } else if let Some(over) = name.len().checked_sub(self.shortest_limit) {
            name.drain(..over);
        }
        name
    }

    /// The line with names in the place of what is secret; `signature` is the one in the request.
    pub(super) fn disguise(
        &mut self,
        mut line: ClientLine,
        signature: Option<&[u8]>,
    ) -> ClientLine {
        let name = signature.map(|blob| self.signature(blob));
        line.disguise(&mut |bytes| *bytes = self.secret(bytes), &mut |written| {
            written.clone_from(name.as_ref().unwrap_or(&String::new()))
        });
        line
    }

    /// The `key` lines; a key that looks like its name needs none.
    pub(super) fn declarations(&self) -> impl Iterator<Item = Line> {
        let usual = Looks::Type(DEFAULT_TYPE.to_string());
        let keys = self.keys.iter().map(|known| &known.written);
        keys.filter(move |key| key.looks != usual || !key.only.is_empty())
            .map(|key| Line::Key(key.clone()))
    }
}

/// The key with its real blob.
fn really(key: &Key, blob: &[u8]) -> Key {
    Key {
        looks: Looks::Blob(blob.to_vec()),
        ..key.clone()
    }
}

/// The number of an entry, counted from 1; a new one is put at the end.
fn position<T>(all: &mut Vec<T>, is_same: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    let at = all.iter().position(is_same).unwrap_or_else(|| {
        all.push(new());
        all.len().saturating_sub(1)
    });
    at.saturating_add(1)
}
