//! The reply to a request.

use alloc::vec::Vec;

use crate::packet::Packet;
use crate::policy_server::account::Expiry;
use crate::policy_server::{
    AbandonedDialogue, Account, BannerTime, Dialogue, PROTOCOL_ERROR, Phase, PolicyServer,
    SignedRequest, UnknownMethod,
};
use crate::server::Reply;
use crate::wire::{
    HostBasedSignatureData, PublicKeySignatureData, Request, RequestMethod, encode_exact,
};
use ssh_userauth::Method;

/// As OpenSSH: a client that goes on for ever is thrown out.
const MAX_REQUESTS: u32 = 1024;

/// A request for `publickey` or its host-bound form.
#[derive(Clone, Copy)]
struct KeyRequest<'a> {
    algorithm: &'a [u8],
    key: &'a [u8],
    signature: Option<&'a [u8]>,
    host_key: Option<&'a [u8]>,
}

impl PolicyServer {
    pub(super) fn judge(&mut self, request: &Request<'_>) -> Vec<Reply> {
        let login = (request.user.to_vec(), request.service.to_vec());
        if *self.login.get_or_insert_with(|| login.clone()) != login {
            return self.close(PROTOCOL_ERROR, "change of user or service");
        }
        self.requests = self.requests.saturating_add(1);
        if self.requests > MAX_REQUESTS {
            return self.close(PROTOCOL_ERROR, "too many requests");
        }
        let mut replies = Vec::new();
        let is_abandoned = match self.dialogue.take() {
            Some(Dialogue::NewPassword) => {
                !matches!(request.method, RequestMethod::PasswordChange { .. })
            }
            dialogue => dialogue.is_some(),
        };
        if is_abandoned {
            match self.rules.quirks.abandoned_dialogue {
                AbandonedDialogue::Forgotten => {}
                AbandonedDialogue::Refused => replies.extend(self.refuse()),
                AbandonedDialogue::SwallowsRequest => return self.refuse(),
                AbandonedDialogue::Disconnected => {
                    return self.close(PROTOCOL_ERROR, "protocol error");
                }
            }
        }
        if self.phase != Phase::Open {
            return replies;
        }
        if self.rules.quirks.banner == BannerTime::BeforeFirstReply {
            replies.extend(self.banner_once());
        }
        replies.extend(match self.wanted.is_met() {
            // Who wants no proof doesn't look at one.
            true => self.let_in(),
            false => self.judge_method(request),
        });
        replies
    }

    fn judge_method(&mut self, request: &Request<'_>) -> Vec<Reply> {
        match request.method {
            // OpenSSH: `none` is how clients ask for the list.
            RequestMethod::None if self.requests == 1 => self.failure(),
            RequestMethod::None => self.refuse(),
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => {
                let asked = KeyRequest {
                    algorithm,
                    key,
                    signature,
                    host_key: None,
                };
                self.judge_key(request, asked)
            }
            RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                host_key,
                signature,
            } => match &self.rules.host_key {
                None => self.unknown(),
                Some(own) if own != host_key => self.close(PROTOCOL_ERROR, "another host key"),
                Some(_) => {
                    let asked = KeyRequest {
                        algorithm,
                        key,
                        signature,
                        host_key: Some(host_key),
                    };
                    self.judge_key(request, asked)
                }
            },
            RequestMethod::Password { password } => self.judge_password(password),
            RequestMethod::PasswordChange { old, new } => self.change_password(old, new),
            RequestMethod::KeyboardInteractive { .. } => self.prompt(),
            RequestMethod::HostBased { .. } => self.judge_host(request),
            RequestMethod::Other { name, data } => self.judge_own(name, data),
            RequestMethod::GssapiWithMic { .. } | RequestMethod::GssapiKeyex { .. } => {
                self.unknown()
            }
        }
    }

    /// Of the user who asked; nothing is said about whether there is one.
    fn account_mut(&mut self) -> Option<&mut Account> {
        let (user, _) = self.login.as_ref()?;
        let mut accounts = self.accounts.iter_mut();
        accounts.find(|account| account.name == *user)
    }

    fn lists(&self, method: Method) -> bool {
        self.wanted.listed().contains(&method)
    }

    fn judge_key(&mut self, request: &Request<'_>, asked: KeyRequest<'_>) -> Vec<Reply> {
        let proved = !self.factors.is_empty();
        let account = self.account_mut();
        let mut keys = account.iter().flat_map(|account| &account.keys);
        let is_authorized =
            keys.any(|known| known.blob == asked.key && (proved || !known.only_behind_a_factor));
        let algorithm = core::str::from_utf8(asked.algorithm).unwrap_or_default();
        let is_good = is_authorized
            && self.takes_algorithm(algorithm)
            // OpenSSH: "publickey,publickey" wants two keys.
            && !self.used_keys.iter().any(|used| used == asked.key);
        let is_listed = self.lists(Method::PublicKey);
        let Some(signature) = asked.signature else {
            let accepted = is_good || self.rules.quirks.accepts_every_query;
            return match is_listed && accepted {
                true => Vec::from([Packet::pk_ok(algorithm, asked.key).into()]),
                false => self.refuse(),
            };
        };
        if !is_good || !is_listed {
            return self.refuse();
        }
        let data = encode_exact(&PublicKeySignatureData {
            session_id: &self.rules.session_id,
            user: request.user,
            service: request.service,
            algorithm: asked.algorithm,
            key: asked.key,
            host_key: asked.host_key,
        });
        let is_signed = (self.rules.verify)(&SignedRequest {
            user: request.user,
            algorithm,
            key: asked.key,
            signature,
            data: &data.unwrap_or_default(),
        });
        if is_signed {
            self.used_keys.push(asked.key.to_vec());
            return self.accept(Method::PublicKey);
        }
        if self.rules.quirks.closes_on_bad_signature {
            self.phase = Phase::Closed;
            return Vec::from([Reply::Close]);
        }
        self.refuse()
    }

    /// A list has the plain names only; a certificate's has `-cert-v01` in it.
    fn takes_algorithm(&self, algorithm: &str) -> bool {
        let plain = crate::keys::plain(algorithm);
        let names = self.rules.algorithms.as_ref();
        names.is_none_or(|names| {
            names
                .iter()
                .any(|name| *name == algorithm || *name == plain)
        })
    }

    fn judge_password(&mut self, password: &[u8]) -> Vec<Reply> {
        let is_listed = self.lists(Method::Password);
        match self.account_mut() {
            Some(Account {
                password: Some(own),
                expiry,
                ..
            }) if own == password && is_listed => match expiry.as_ref().map(demand) {
                Some(demand) => self.demand_change(demand),
                None => self.accept(Method::Password),
            },
            _ => self.refuse(),
        }
    }

    fn change_password(&mut self, old: &[u8], new: &[u8]) -> Vec<Reply> {
        let is_listed = self.lists(Method::Password);
        match self.account_mut() {
            Some(Account {
                password: Some(own),
                expiry,
                ..
            }) if own == old && is_listed => {
                let mut refused = expiry.iter().flat_map(|expiry| &expiry.refused);
                if refused.any(|refused| refused == new) || new == old {
                    let again = expiry.as_ref().map(demand);
                    return match again {
                        Some(again) => self.demand_change(again),
                        None => self.refuse(),
                    };
                }
                *own = new.to_vec();
                *expiry = None;
                self.accept(Method::Password)
            }
            _ => self.refuse(),
        }
    }

    fn demand_change(&mut self, demand: Reply) -> Vec<Reply> {
        self.dialogue = Some(Dialogue::NewPassword);
        Vec::from([demand])
    }

    fn prompt(&mut self) -> Vec<Reply> {
        let is_listed = self.lists(Method::KeyboardInteractive);
        let dialogue = self.account_mut().filter(|_| is_listed);
        match dialogue.and_then(|account| Dialogue::of(account)) {
            Some(dialogue) => {
                let first = dialogue.ask();
                self.dialogue = Some(dialogue);
                first.into_iter().collect()
            }
            None => self.refuse(),
        }
    }

    fn judge_host(&mut self, request: &Request<'_>) -> Vec<Reply> {
        let RequestMethod::HostBased {
            algorithm,
            host_key,
            client_host,
            client_user,
            signature,
        } = request.method
        else {
            return self.unknown();
        };
        let account = self.account_mut();
        let mut hosts = account.iter().flat_map(|account| &account.hosts);
        let is_trusted = hosts.any(|host| {
            host.key == host_key
                && host.name.as_bytes() == client_host
                && host.user.as_bytes() == client_user
        });
        let data = encode_exact(&HostBasedSignatureData {
            session_id: &self.rules.session_id,
            user: request.user,
            service: request.service,
            algorithm,
            host_key,
            client_host,
            client_user,
        });
        let algorithm = core::str::from_utf8(algorithm).unwrap_or_default();
        let is_signed = is_trusted
            && self.takes_algorithm(algorithm)
            && (self.rules.verify)(&SignedRequest {
                user: request.user,
                algorithm,
                key: host_key,
                signature,
                data: &data.unwrap_or_default(),
            });
        match is_signed {
            true => self.accept(Method::HostBased),
            false => self.refuse(),
        }
    }

    fn judge_own(&mut self, name: &[u8], data: &[u8]) -> Vec<Reply> {
        let account = self.account_mut();
        let mut own = account.iter().flat_map(|account| &account.own);
        let known = own.find(|(method, _)| method.name().as_bytes() == name);
        match known.map(|(method, wanted)| (*method, wanted == data)) {
            Some((method, true)) => self.accept(method),
            Some((_, false)) => self.refuse(),
            None => self.unknown(),
        }
    }

    fn unknown(&mut self) -> Vec<Reply> {
        match self.rules.quirks.unknown_method {
            UnknownMethod::Refused => self.refuse(),
            UnknownMethod::Disconnected => self.close(PROTOCOL_ERROR, "unknown method"),
            UnknownMethod::Unanswered => Vec::new(),
        }
    }

    /// The method has succeeded, if it is wanted.
    pub(super) fn accept(&mut self, method: Method) -> Vec<Reply> {
        let Some(wanted) = self.wanted.after(method) else {
            return self.refuse();
        };
        self.wanted = wanted;
        self.factors.push(method);
        if self.wanted.is_met() {
            return self.let_in();
        }
        Vec::from([Packet::partial_success(self.list()).into()])
    }

    fn let_in(&mut self) -> Vec<Reply> {
        self.phase = Phase::LetIn;
        Vec::from([Packet::success().into()])
    }

    /// A failure that is counted (OpenSSH's `userauth_finish`).
    pub(super) fn refuse(&mut self) -> Vec<Reply> {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.rules.max_auth_tries {
            return self.close(PROTOCOL_ERROR, "Too many authentication failures");
        }
        self.failure()
    }

    fn failure(&self) -> Vec<Reply> {
        Vec::from([Packet::failure(self.list()).into()])
    }
}

fn demand(expiry: &Expiry) -> Reply {
    Packet::change_request(&expiry.demand).into()
}
