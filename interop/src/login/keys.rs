//! All keys of the user, in the order in which they are offered, and who can sign with each.

use alloc::collections::VecDeque;
use std::env;
use std::path::Path;

use ssh_userauth::{Identity, NeedSignature, Secret};

use crate::login::agent::{Agent, AgentKey};
use crate::login::files::{self, KeyFile, Unusable};
use crate::login::options::Flags;
use crate::login::text;

/// The keys that are left to offer, and the means to sign with all of them.
#[derive(Debug, Default)]
pub(super) struct Keys {
    waiting: VecDeque<Identity>,
    files: Vec<KeyFile>,
    agent: Option<Agent>,
    held_by_agent: Vec<AgentKey>,
    /// Why keys that nobody named could not be used: worth telling if the login fails.
    pub(super) remarks: Vec<String>,
    /// The only algorithms to use, if there is such a list.
    algorithms: Option<Vec<String>>,
}

impl Keys {
    /// Files that were named, then the agent's keys, then the usual files unless some were named.
    /// Gives also what to tell at once: which of the named files can't be used.
    pub(super) fn find(flags: &Flags) -> (Self, Vec<String>) {
        let mut keys = Self {
            algorithms: flags.key_algorithms.clone(),
            ..Self::default()
        };
        let mut notes = Vec::new();
        for path in &flags.key_files {
            match KeyFile::load(path) {
                Ok(file) => keys.add_file(file),
                Err(why) => notes.push(note(path, why)),
            }
        }
        if let Some(socket) = env::var_os("SSH_AUTH_SOCK").filter(|name| !name.is_empty()) {
            let opened = Agent::connect(&socket).and_then(|mut agent| {
                let held = agent.keys()?;
                Ok((agent, held))
            });
            match opened {
                Ok((agent, held)) => keys.add_agent(agent, held, flags.identities_only),
                Err(error) => {
                    let socket = text::line(socket.to_string_lossy().as_bytes());
                    keys.remark(format!("the agent at {socket} is not used: {error}"));
                }
            }
        }
        if flags.key_files.is_empty() {
            for path in files::usual() {
                match KeyFile::load(&path) {
                    Ok(file) => keys.add_file(file),
                    // Nobody has a key of every type.
                    Err(Unusable::Missing) => {}
                    Err(why) => keys.remark(note(&path, why)),
                }
            }
        }
        (keys, notes)
    }

    fn add_file(&mut self, file: KeyFile) {
        self.waiting.extend(file.identities.iter().cloned());
        self.files.push(file);
    }

    fn add_agent(&mut self, agent: Agent, held: Vec<AgentKey>, identities_only: bool) {
        if !identities_only {
            let identities = held.iter().filter_map(|key| {
                let label = format!("{} (agent)", text::line(&key.comment));
                let identity = Identity::from_blob(key.blob.clone()).ok()?;
                Some(identity.with_label(label))
            });
            let (certificates, plain): (Vec<_>, Vec<_>) =
                identities.partition(Identity::is_certificate);
            self.waiting.extend(certificates);
            self.waiting.extend(plain);
        }
        self.agent = Some(agent);
        self.held_by_agent = held;
    }

    /// The next key to offer. The same key may come twice; the machine skips it then.
    pub(super) fn next(&mut self) -> Option<Identity> {
        let identity = self.waiting.pop_front()?;
        Some(match &self.algorithms {
            Some(names) => identity.with_algorithms(names),
            None => identity,
        })
    }

    pub(super) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    /// Signs with whoever can: the agent, as it has no passphrase to ask for, then the file.
    ///
    /// # Errors
    /// Why nobody can.
    pub(super) fn sign(
        &mut self,
        need: &NeedSignature,
        mut ask: impl FnMut(&Path) -> Option<Secret>,
    ) -> Result<(Vec<u8>, &'static str), String> {
        let blob = need.identity().blob();
        let offered = |file: &KeyFile| file.identities.iter().any(|own| own.blob() == blob);
        let index = self.files.iter().position(offered);
        let mut file = index.and_then(|index| self.files.get_mut(index));
        // A certificate in a file may belong to a plain key in the agent.
        let plain = file.as_ref().and_then(|file| file.plain.as_deref());
        let mut refusal = "nobody has the private key".to_owned();
        for candidate in [Some(blob), plain].into_iter().flatten() {
            let is_held = self.held_by_agent.iter().any(|key| key.blob == candidate);
            let Some(agent) = self.agent.as_mut().filter(|_| is_held) else {
                continue;
            };
            match agent.sign(candidate, need.data(), need.algorithm()) {
                Ok(signature) => return Ok((signature, "by the agent")),
                Err(error) => refusal = format!("the agent did not sign: {error}"),
            }
        }
        let Some(file) = file.as_mut().filter(|file| file.can_sign()) else {
            return Err(refusal);
        };
        let path = file.path.clone();
        let mut typed = 0_u32;
        let key = file.unlock(|| {
            let passphrase = ask(&path)?;
            typed = typed.saturating_add(1);
            Some(passphrase)
        });
        let key = key.ok_or_else(|| still_locked(typed))?;
        let signature = files::sign(key, need.algorithm(), need.data());
        // Hardware keys have files, too, which hold no secret to sign with.
        let signature = signature.map_err(|error| format!("the key can't sign here: {error}"))?;
        Ok((signature, "with the file"))
    }
}

/// After so many passphrases.
fn still_locked(typed: u32) -> String {
    match typed {
        0 => "it is encrypted, and nobody gave the passphrase".to_owned(),
        1 => "the passphrase was wrong".to_owned(),
        times => format!("the passphrase was wrong {times} times"),
    }
}

pub(super) fn note(path: &Path, why: Unusable) -> String {
    let path = text::line(path.to_string_lossy().as_bytes());
    match why {
        Unusable::Missing => format!("{path} is not used: there is no such file"),
        Unusable::Because(why) => format!("{path} is not used: {}", text::line(why.as_bytes())),
    }
}
