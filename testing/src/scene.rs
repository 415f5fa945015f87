//! What the head of a transcript says: the configuration, the session, and the keys.

use alloc::string::String;
use alloc::vec::Vec;

use crate::keys::Keys;
use crate::names;
use crate::transcript::Transcript;
use crate::transcript::line::Line;
use crate::transcript::server::ServerLine;
use crate::transcript::setting::Setting;
use ssh_userauth::{ClientHost, Config, Limits, Quirks, Session};

/// What every line of a transcript is read against.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) keys: Keys,
    pub(crate) user: Vec<u8>,
    pub(crate) service: String,
    pub(crate) session_id: Vec<u8>,
    pub(crate) host_key: Option<String>,
    /// The name of the client's host, and the user there.
    pub(crate) client_host: (String, String),
    pub(crate) quirks: Quirks,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            keys: Keys::default(),
            user: b"alice".to_vec(),
            service: String::from("ssh-connection"),
            session_id: (0..32).collect(),
            host_key: None,
            client_host: Default::default(),
            quirks: Quirks::default(),
        }
    }
}

impl Scene {
    /// The scene of a transcript, and what the machine is made from.
    pub(crate) fn of(transcript: &Transcript) -> (Self, Config, Session) {
        let settings = || {
            transcript.lines().iter().filter_map(|line| match line {
                Line::Setting(setting) => Some(setting),
                _ => None,
            })
        };
        let mut scene = Self::default();
        for line in transcript.lines() {
            if let Line::Key(key) = line {
                scene.keys.declare(key.clone());
            }
        }
        settings().for_each(|setting| scene.learn(setting));
        let config = scene.config(settings());
        let session = scene.session(settings());
        (scene, config, session)
    }

    fn learn(&mut self, setting: &Setting) {
        match setting {
            Setting::User(name) => self.user = name.clone().into_bytes(),
            Setting::UserRaw(name) => self.user.clone_from(name),
            Setting::Service(name) => self.service.clone_from(name),
            Setting::SessionId(id) => self.session_id.clone_from(id),
            Setting::HostKey(name) => self.host_key = Some(name.clone()),
            Setting::ClientHost { host, user, .. } => {
                self.client_host = (host.clone(), user.clone());
            }
            Setting::Quirk(quirk) => quirk.set(&mut self.quirks),
            _ => {}
        }
    }

    fn config<'s>(&self, settings: impl Iterator<Item = &'s Setting>) -> Config {
        let mut limits = Limits::default();
        let mut config = Config::new(String::from_utf8_lossy(&self.user).into_owned());
        for setting in settings {
            config = match setting {
                Setting::UserRaw(name) => {
                    config.user = ssh_userauth::UserName::raw(name.clone());
                    config
                }
                Setting::Service(name) => config.service(name.clone()),
                Setting::Label(label) => config.label(label.clone()),
                Setting::Methods(order) => {
                    config.methods(order.iter().map(|name| names::method(name)))
                }
                Setting::Discovery(discovery) => config.discovery(*discovery),
                Setting::Submethods(names) => config.submethods(names.clone()),
                Setting::Trivial(policy) => config.trivial_success(*policy),
                Setting::HostBound(policy) => config.host_bound(*policy),
                Setting::Sha1(policy) => config.sha1_signatures(*policy),
                Setting::SignatureAlgorithms(names) => config.signature_algorithms(names),
                Setting::HashFallback(policy) => config.hash_fallback(*policy),
                Setting::ClientHost { host, user, keys } => {
                    let keys = keys.iter().filter_map(|name| self.keys.identity(name));
                    let host = ClientHost::new(host.clone(), user.clone());
                    config.client_host(keys.fold(host, ClientHost::key))
                }
                Setting::Mechanisms(mechanisms) => config.gssapi_mechanisms(mechanisms),
                Setting::Choice(policy) => config.method_choice(*policy),
                Setting::Budget(budget) => config.attempt_budget(*budget),
                Setting::Counting(policy) => config.try_counting(*policy),
                Setting::Bridge(policy) => config.password_bridge(*policy),
                Setting::Pipelining(policy) => config.pipelining(*policy),
                Setting::EarlyPassword(policy) => config.early_password(*policy),
                Setting::Limit(limit) => {
                    limit.set(&mut limits);
                    config
                }
                _ => config,
            };
        }
        config.limits(limits).quirks(self.quirks)
    }

    fn session<'s>(&self, settings: impl Iterator<Item = &'s Setting> + Clone) -> Session {
        let mut wanted = settings.clone();
        let mut session = if wanted.any(|setting| *setting == Setting::Unencrypted) {
            Session::unencrypted(&self.session_id)
        } else {
            Session::encrypted(&self.session_id)
        };
        if let Some(name) = &self.host_key {
            session = session.host_key(self.keys.blob(name));
        }
        for setting in settings {
            session = match setting {
                Setting::ServiceRequest(by) => session.service_request(*by),
                Setting::ServerVersion(version) => session.server_version(version.clone()),
                Setting::ExtInfo(entries) => {
                    let message = ServerLine::ExtInfo(entries.clone());
                    session.ext_info(message.payload(self))
                }
                Setting::GssapiKeyExchange => session.gssapi_key_exchange(),
                _ => session,
            };
        }
        session
    }

    /// The algorithm of a line: what it says, or else the type of the key.
    pub(crate) fn algorithm(&self, key: &str, said: Option<&String>) -> String {
        said.cloned().unwrap_or_else(|| self.keys.key_type(key))
    }

    /// The algorithm as a line says it: not at all, if it is the type of the key.
    pub(crate) fn said(&self, key: &str, algorithm: &str) -> Option<String> {
        let unusual = algorithm != self.keys.key_type(key);
        unusual.then(|| String::from(algorithm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nothing in a transcript can see.
    #[test]
    fn a_label_is_for_the_questions() {
        let transcript: Transcript = "config label alice@example.org".parse().unwrap();
        let (_, config, _) = Scene::of(&transcript);
        assert_eq!(config.label.as_deref(), Some("alice@example.org"));
    }
}
