//! `config`, `session` and `key`: the head of a transcript.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::keys::{Key, Looks, check_name, check_names};
use crate::names::{check_method, mechanism, mechanism_word};
use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{
    AttemptBudget, Discovery, EarlyPassword, HashFallback, HostBound, MethodChoice, PasswordBridge,
    Pipelining, ServiceRequest, Sha1Signatures, TrivialSuccess, TryCounting,
};

pub(crate) mod limit;
pub(crate) mod policy;

use limit::Limit;
use policy::{
    BRIDGE, CHOICE, COUNTING, DISCOVERY, EARLY, HASH_FALLBACK, HOST_BOUND, QUIRK, Quirk,
    SERVICE_REQUEST, SHA1, TRIVIAL, budget, pick, pipelining, print_pipelining, word_of,
};

/// A name and its value, as in `server-sig-algs=ssh-ed25519`.
pub(crate) type Entries = Vec<(Vec<u8>, Vec<u8>)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    User(String),
    UserRaw(Vec<u8>),
    Service(String),
    Label(String),
    /// The names of the methods.
    Methods(Vec<String>),
    Discovery(Discovery),
    Submethods(String),
    Trivial(TrivialSuccess),
    HostBound(HostBound),
    Sha1(Sha1Signatures),
    SignatureAlgorithms(Vec<String>),
    HashFallback(HashFallback),
    Quirk(Quirk),
    ClientHost {
        host: String,
        user: String,
        keys: Vec<String>,
    },
    Mechanisms(Vec<Vec<u8>>),
    Choice(MethodChoice),
    Budget(AttemptBudget),
    Counting(TryCounting),
    Bridge(PasswordBridge),
    Pipelining(Pipelining),
    EarlyPassword(EarlyPassword),
    Limit(Limit),
    Encrypted,
    Unencrypted,
    SessionId(Vec<u8>),
    HostKey(String),
    ServiceRequest(ServiceRequest),
    ServerVersion(String),
    ExtInfo(Entries),
    GssapiKeyExchange,
}

impl Setting {
    pub(crate) fn parse_config(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what to configure")?;
        Ok(match what.as_str() {
            "user" => Self::User(words.text("user name")?),
            "user-raw" => Self::UserRaw(words.bytes("user name")?),
            "service" => Self::Service(words.text("service name")?),
            "label" => Self::Label(words.text("label")?),
            "methods" => Self::Methods(methods(words)?),
            "discovery" => Self::Discovery(pick(words, "discovery", DISCOVERY)?),
            "submethods" => Self::Submethods(words.text("submethods")?),
            "trivial" => Self::Trivial(pick(words, "trivial", TRIVIAL)?),
            "host-bound" => Self::HostBound(pick(words, "host-bound", HOST_BOUND)?),
            "sha1" => Self::Sha1(pick(words, "sha1", SHA1)?),
            "signature-algorithms" => {
                Self::SignatureAlgorithms(split(&words.text("list of algorithms")?))
            }
            "hash-fallback" => Self::HashFallback(pick(words, "hash-fallback", HASH_FALLBACK)?),
            "quirk" => Self::Quirk(pick(words, "quirk", QUIRK)?),
            "client-host" => Self::ClientHost {
                host: words.text("name of the host")?,
                user: words.text("user on the host")?,
                keys: check_names(words.all_text()?)?,
            },
            "gssapi-mechanisms" => {
                let words = words.all_text()?;
                let mechanisms = words.iter().map(|word| mechanism(word));
                Self::Mechanisms(mechanisms.collect::<Parsed<_>>()?)
            }
            "choice" => Self::Choice(pick(words, "choice", CHOICE)?),
            "budget" => Self::Budget(budget(words)?),
            "tries" => Self::Counting(pick(words, "tries", COUNTING)?),
            "bridge" => Self::Bridge(pick(words, "bridge", BRIDGE)?),
            "pipelining" => Self::Pipelining(pipelining(words)?),
            "early-password" => Self::EarlyPassword(pick(words, "early-password", EARLY)?),
            "limit" => Self::Limit(Limit::parse(words)?),
            other => return Err(alloc::format!("there is no configuration {other:?}")),
        })
    }

    pub(crate) fn parse_session(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what the session has")?;
        Ok(match what.as_str() {
            "encrypted" => Self::Encrypted,
            "unencrypted" => Self::Unencrypted,
            "id" => Self::SessionId(words.hex("session identifier")?),
            "host-key" => Self::HostKey(check_name(words.text("host key")?)?),
            "service" => Self::ServiceRequest(pick(words, "service", SERVICE_REQUEST)?),
            "version" => Self::ServerVersion(words.text("version")?),
            "ext-info" => Self::ExtInfo(parse_entries(words)?),
            "gssapi-key-exchange" => Self::GssapiKeyExchange,
            other => return Err(alloc::format!("a session has no {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let config = |what: &str| Sentence::new("config").word(what);
        let session = |what: &str| Sentence::new("session").word(what);
        let sentence = match self {
            Self::User(name) => config("user").value(name),
            Self::UserRaw(name) => config("user-raw").value(name),
            Self::Service(name) => config("service").value(name),
            Self::Label(label) => config("label").value(label),
            Self::Methods(order) => config("methods").value(order.join(",")),
            Self::Discovery(value) => config("discovery").word(word_of(DISCOVERY, value)),
            Self::Submethods(names) => config("submethods").value(names),
            Self::Trivial(policy) => config("trivial").word(word_of(TRIVIAL, policy)),
            Self::HostBound(policy) => config("host-bound").word(word_of(HOST_BOUND, policy)),
            Self::Sha1(policy) => config("sha1").word(word_of(SHA1, policy)),
            Self::SignatureAlgorithms(names) => {
                config("signature-algorithms").value(names.join(","))
            }
            Self::HashFallback(policy) => {
                config("hash-fallback").word(word_of(HASH_FALLBACK, policy))
            }
            Self::Quirk(quirk) => config("quirk").word(word_of(QUIRK, quirk)),
            Self::ClientHost { host, user, keys } => {
                let sentence = config("client-host").value(host).value(user);
                sentence.values(keys)
            }
            Self::Mechanisms(mechanisms) => {
                let words = mechanisms.iter().map(|der| mechanism_word(der));
                config("gssapi-mechanisms").values(words)
            }
            Self::Choice(policy) => config("choice").word(word_of(CHOICE, policy)),
            Self::Budget(budget) => config("budget")
                .number(budget.refusals)
                .number(budget.reserve),
            Self::Counting(policy) => config("tries").word(word_of(COUNTING, policy)),
            Self::Bridge(policy) => config("bridge").word(word_of(BRIDGE, policy)),
            Self::Pipelining(policy) => print_pipelining(config("pipelining"), *policy),
            Self::EarlyPassword(policy) => config("early-password").word(word_of(EARLY, policy)),
            Self::Limit(limit) => limit.print(config("limit")),
            Self::Encrypted => session("encrypted"),
            Self::Unencrypted => session("unencrypted"),
            Self::SessionId(id) => session("id").hex(id),
            Self::HostKey(name) => session("host-key").word(name),
            Self::ServiceRequest(by) => session("service").word(word_of(SERVICE_REQUEST, by)),
            Self::ServerVersion(version) => session("version").value(version),
            Self::ExtInfo(entries) => print_entries(session("ext-info"), entries),
            Self::GssapiKeyExchange => session("gssapi-key-exchange"),
        };
        sentence.finish()
    }
}

/// The names of a list, the empty ones left out.
fn split(list: &str) -> Vec<String> {
    let names = list.split(',').filter(|name| !name.is_empty());
    names.map(String::from).collect()
}

/// A list of methods, in one word.
pub(crate) fn methods(words: &mut Words) -> Parsed<Vec<String>> {
    let list = words.text("list of methods")?;
    split(&list).into_iter().map(check_method).collect()
}

/// The extensions of an `SSH_MSG_EXT_INFO`, each as `name=value`.
pub(crate) fn parse_entries(words: &mut Words) -> Parsed<Entries> {
    let entry = |word: Vec<u8>| {
        let at = word.iter().position(|byte| *byte == b'=');
        let (name, value) = at
            .and_then(|at| word.split_at_checked(at))
            .ok_or_else(|| "an extension is name=value".to_string())?;
        let value = value.get(1..).unwrap_or_default();
        Ok((name.to_vec(), value.to_vec()))
    };
    words.all_bytes().into_iter().map(entry).collect()
}

pub(crate) fn print_entries(sentence: Sentence, entries: &Entries) -> Sentence {
    let joined = entries
        .iter()
        .map(|(name, value)| [name.as_slice(), b"=", value].concat());
    sentence.values(joined)
}

impl Key {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let name = check_name(words.text("name of a key")?)?;
        let looks = if words.keyword("blob") {
            Looks::Blob(words.hex("blob")?)
        } else {
            Looks::Type(words.text("type of a key")?)
        };
        let only = if words.keyword("only") {
            let names = words.text("algorithms")?;
            names.split(',').map(String::from).collect()
        } else {
            Vec::new()
        };
        Ok(Self { name, looks, only })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("key").word(&self.name);
        let sentence = match &self.looks {
            Looks::Type(key_type) => sentence.value(key_type),
            Looks::Blob(blob) => sentence.word("blob").hex(blob),
        };
        sentence
            .behind("only", self.only.join(",").as_bytes())
            .finish()
    }
}
