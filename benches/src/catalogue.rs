//! The conversations: every method once, and those that grow.

use std::sync::LazyLock;

use memory_check::{
    KERBEROS, banner, change_request, ext_info, failure, info_request, packet, sig_algs, string,
    success,
};
use ssh_userauth::{
    AttemptBudget, ClientHost, Config, Discovery, EarlyPassword, Identity, Limits, Method,
    Pipelining, ServiceRequest, Session, UserAuthClient,
};

use crate::Conversation;

/// What an OpenSSH server lists.
const SIGNATURE_ALGORITHMS: &[u8] = b"ssh-ed25519,sk-ssh-ed25519@openssh.com,\
ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,\
sk-ecdsa-sha2-nistp256@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,\
rsa-sha2-256,rsa-sha2-512";

/// One request, one answer, `none` first: the packets of every peer.
fn plain() -> Config {
    Config::new("alice")
        .pipelining(Pipelining::Off)
        .discovery(Discovery::ProbeNone)
}

fn pipelined() -> Config {
    Config::new("alice").pipelining(Pipelining::Opening { queries: 3 })
}

/// SERVICE_ACCEPT, and the refusal of `none`.
fn opening(listed: &[u8]) -> Vec<Vec<u8>> {
    vec![accept(), failure(listed, false)]
}

fn accept() -> Vec<u8> {
    packet(6, &[b"ssh-userauth"])
}

fn key_blob(number: usize) -> Vec<u8> {
    let mut key = [0xaa; 32];
    for (place, byte) in key.iter_mut().zip(number.to_be_bytes()) {
        *place = byte;
    }
    [string(b"ssh-ed25519"), string(&key)].concat()
}

fn key(number: usize) -> Identity {
    Identity::from_blob(key_blob(number)).unwrap()
}

fn pk_ok(number: usize) -> Vec<u8> {
    packet(60, &[b"ssh-ed25519", &key_blob(number)])
}

fn one_prompt() -> Vec<u8> {
    let prompt = [&string(b"Code: ")[..], &[0]].concat();
    info_request(b"", 1, &prompt)
}

fn conversation(
    name: &str,
    config: fn() -> Config,
    listed: &[u8],
    server: impl IntoIterator<Item = Vec<u8>>,
) -> Conversation {
    let server = opening(listed).into_iter().chain(server).collect();
    Conversation::new(name, config, server)
}

/// `none`, then a key that the server takes: query and signature.
#[must_use]
pub fn publickey() -> Conversation {
    conversation("publickey", plain, b"publickey", [pk_ok(0), success()]).keys(vec![key(0)])
}

/// `none`, then a password.
#[must_use]
pub fn password() -> Conversation {
    conversation("password", plain, b"password", [success()])
}

/// `none`, then one prompt.
#[must_use]
pub fn keyboard_interactive() -> Conversation {
    let server = [one_prompt(), success()];
    conversation(
        "keyboard-interactive",
        plain,
        b"keyboard-interactive",
        server,
    )
}

/// Every method, as it goes when all is well.
#[must_use]
pub fn all_methods() -> Vec<Conversation> {
    let none = Conversation::new(
        "none",
        || plain().methods([Method::None]),
        vec![accept(), success()],
    );
    vec![
        none,
        publickey(),
        publickey_with_extensions(),
        publickey_pipelined(),
        publickey_unprompted(),
        password(),
        password_pipelined(),
        password_change(),
        keyboard_interactive(),
        keyboard_interactive_pipelined(),
        hostbased(),
        gssapi(),
        own_method(),
        multi_factor(),
    ]
}

/// With what OpenSSH tells first, and the signature bound to the host key.
fn publickey_with_extensions() -> Conversation {
    static EXT_INFO: LazyLock<Vec<u8>> = LazyLock::new(|| {
        ext_info(&[
            (b"server-sig-algs", SIGNATURE_ALGORITHMS),
            (b"publickey-hostbound@openssh.com", b"0"),
        ])
    });
    static HOST_KEY: LazyLock<Vec<u8>> = LazyLock::new(|| key_blob(99));
    let name = "publickey, EXT_INFO, host-bound";
    conversation(name, plain, b"publickey", [pk_ok(0), success()])
        .keys(vec![key(0)])
        .session(|| {
            Session::encrypted([7; 32])
                .host_key(HOST_KEY.as_slice())
                .ext_info(EXT_INFO.as_slice())
        })
}

/// The key's query goes with the service request; there is no `none`.
fn publickey_pipelined() -> Conversation {
    let server = vec![accept(), pk_ok(0), success()];
    Conversation::new("publickey, pipelined", pipelined, server)
        .keys(vec![key(0)])
        .at_once()
}

/// The transport has asked for the service, and the key is the only method: two packets each way.
fn publickey_unprompted() -> Conversation {
    let config = || {
        plain()
            .methods([Method::PublicKey])
            .discovery(Discovery::Skip)
    };
    Conversation::new("publickey, no `none`", config, vec![pk_ok(0), success()])
        .keys(vec![key(0)])
        .session(|| Session::encrypted([7; 32]).service_request(ServiceRequest::Accepted))
}

/// The password goes with the service request, where the caller allows that.
fn password_pipelined() -> Conversation {
    let config = || {
        pipelined()
            .methods([Method::Password])
            .early_password(EarlyPassword::InOpening)
    };
    Conversation::new("password, pipelined", config, vec![accept(), success()])
}

/// The method is begun with the service request.
fn keyboard_interactive_pipelined() -> Conversation {
    let config = || pipelined().methods([Method::KeyboardInteractive]);
    let server = vec![accept(), one_prompt(), success()];
    Conversation::new("keyboard-interactive, pipelined", config, server)
}

fn password_change() -> Conversation {
    let server = [change_request(b"Your password has expired."), success()];
    conversation("password change", plain, b"password", server)
}

fn hostbased() -> Conversation {
    static HOST_KEY: LazyLock<Identity> = LazyLock::new(|| key(7));
    let config = || {
        let host = ClientHost::new("build1.example.org", "alice").key(HOST_KEY.clone());
        plain().methods([Method::HostBased]).client_host(host)
    };
    conversation("hostbased", config, b"hostbased", [success()])
}

fn gssapi() -> Conversation {
    let config = || {
        plain()
            .methods([Method::GssapiWithMic])
            .gssapi_mechanisms([KERBEROS])
    };
    let server = [packet(60, &[&KERBEROS]), packet(61, &[b"token"]), success()];
    conversation("gssapi-with-mic", config, b"gssapi-with-mic", server)
}

fn own_method() -> Conversation {
    const NAME: &str = "own@example.org";
    let config = || plain().methods([Method::Other(NAME)]);
    let server = vec![accept(), failure(NAME.as_bytes(), false), success()];
    Conversation::new("a method of the caller's own", config, server)
}

fn multi_factor() -> Conversation {
    let server = [
        pk_ok(0),
        failure(b"password", true),
        failure(b"keyboard-interactive", true),
        one_prompt(),
        success(),
    ];
    let name = "publickey, password, keyboard-interactive";
    conversation(name, plain, b"publickey", server).keys(vec![key(0)])
}

/// A machine at the question for keys, with a list of signature algorithms or without.
#[must_use]
pub fn asking_for_keys(is_listed: bool) -> UserAuthClient {
    let session = Session::encrypted([7; 32]).service_request(ServiceRequest::Accepted);
    let mut client = UserAuthClient::new(plain(), session).unwrap();
    if is_listed {
        let list = [SIGNATURE_ALGORITHMS, b",unknown@example.org"].concat();
        client.handle_packet(&sig_algs(&list)).unwrap();
    }
    while client.poll_action().is_some() {}
    client.handle_packet(&failure(b"publickey", false)).unwrap();
    client
}

fn for_many(config: Config) -> Config {
    let mut limits = Limits::default();
    limits.max_requests = 1024;
    limits.max_prompts = 1024;
    limits.max_method_list_bytes = 64 * 1024;
    limits.max_algorithm_list_bytes = 64 * 1024;
    let mut budget = AttemptBudget::default();
    budget.refusals = 2048;
    config.limits(limits).attempt_budget(budget)
}

/// So many keys, of which the server takes the last.
fn many_keys(name: &str, count: usize, config: fn() -> Config) -> Conversation {
    let refusals = (1..count).map(|_| failure(b"publickey", false));
    let rest = refusals.chain([pk_ok(count - 1), success()]);
    let mut server = vec![accept()];
    if name != "keys, pipelined" {
        server = opening(b"publickey");
    }
    server.extend(rest);
    Conversation::new(
        format!("{name}, {count}"),
        move || for_many(config()),
        server,
    )
    .keys((0..count).map(key).collect())
}

/// Keys offered one after the other.
#[must_use]
pub fn keys(count: usize) -> Conversation {
    many_keys("keys", count, plain)
}

/// Keys offered in one answer.
#[must_use]
pub fn keys_at_once(count: usize) -> Conversation {
    many_keys("keys at once", count, plain).at_once()
}

/// Keys offered in one answer, and asked about in batches of three.
#[must_use]
pub fn keys_pipelined(count: usize) -> Conversation {
    many_keys("keys, pipelined", count, pipelined).at_once()
}

/// A password; the server lists so many methods.
#[must_use]
pub fn listed(count: usize) -> Conversation {
    let mut list: Vec<String> = (1..count).map(|at| format!("m{at}@example.org")).collect();
    list.push("password".to_owned());
    let list = list.join(",");
    let server = vec![accept(), failure(list.as_bytes(), false), success()];
    let config = || for_many(plain());
    Conversation::new(format!("methods listed, {count}"), config, server)
}

/// One round with so many prompts.
#[must_use]
pub fn prompts(count: usize) -> Conversation {
    let config = || for_many(plain());
    let listed = b"keyboard-interactive";
    let round = memory_check::prompts(u32::try_from(count).unwrap(), b"Code: ");
    conversation(
        &format!("prompts, {count}"),
        config,
        listed,
        [round, success()],
    )
}

/// A password; the server sends a banner of so many bytes, and somebody shows it.
#[must_use]
pub fn banner_of(count: usize) -> Conversation {
    let config = || for_many(plain());
    let text = b"Authorized uses only.\n".repeat(count);
    let server = [banner(&text[..count], b""), success()];
    conversation(
        &format!("banner bytes, {count}"),
        config,
        b"password",
        server,
    )
}

/// A password; the server lists so many signature algorithms.
#[must_use]
pub fn algorithms(count: usize) -> Conversation {
    let mut list: Vec<String> = (1..count).map(|at| format!("a{at}@example.org")).collect();
    list.push("ssh-ed25519".to_owned());
    let info = sig_algs(list.join(",").as_bytes());
    let server = vec![
        accept(),
        info,
        failure(b"publickey", false),
        pk_ok(0),
        success(),
    ];
    let name = format!("signature algorithms, {count}");
    Conversation::new(name, || for_many(plain()), server).keys(vec![key(0)])
}

/// What may be many, and the conversation with so many of it.
pub type Growing = (&'static str, fn(usize) -> Conversation);

/// Everything that may be many.
pub const GROWING: [Growing; 7] = [
    ("keys", keys),
    ("keys at once", keys_at_once),
    ("keys, pipelined", keys_pipelined),
    ("methods listed", listed),
    ("prompts", prompts),
    ("banner bytes", banner_of),
    ("signature algorithms", algorithms),
];
