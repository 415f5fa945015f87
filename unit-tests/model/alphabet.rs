//! Everything that can come in.

use super::*;

/// One input: from the server, or from the caller.
#[derive(Clone)]
pub(super) enum Input {
    Packet(Packet),
    Caller(&'static str),
}

/// A message of the server, sane or not.
#[derive(Clone)]
pub(super) struct Packet {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A method of the caller's own.
pub(super) const OWN: &str = "own@example.org";

pub(super) const PASSWORD: &str = "the-password";

pub(super) fn ed25519() -> Identity {
    identity("ssh-ed25519", 0xaa)
}

pub(super) fn rsa() -> Identity {
    identity("ssh-rsa", 0xbb)
}

fn identity(key_type: &str, fill: u8) -> Identity {
    let mut blob = key_type.as_bytes().to_vec();
    blob.splice(0..0, u32::try_from(key_type.len()).unwrap().to_be_bytes());
    blob.extend([0, 0, 0, 4, fill, fill, fill, fill]);
    Identity::from_blob(blob).unwrap()
}

/// A signature blob: the name, and a string.
pub(super) fn signature(name: &str) -> Vec<u8> {
    identity(name, 0x55).blob().to_vec()
}

/// The messages of the server, in their sane and insane forms.
pub(super) fn packets() -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut add = |name: &str, bytes: &[u8]| {
        let name = name.to_string();
        let bytes = bytes.to_vec();
        packets.push(Packet { name, bytes });
    };
    add("SERVICE_ACCEPT", &accept(Some(b"ssh-userauth")));
    add("SERVICE_ACCEPT without name", &accept(None));
    add(
        "SERVICE_ACCEPT of another",
        &accept(Some(b"ssh-connection")),
    );
    add("SUCCESS", &[52]);
    add("SUCCESS trailing", &[52, 0]);
    add("BANNER", &[53, 0, 0, 0, 2, b'h', b'i', 0, 0, 0, 0]);
    add("BANNER without language", &[53, 0, 0, 0, 2, b'h', b'i']);
    add("EXT_INFO empty", &[7, 0, 0, 0, 0]);
    add(
        "EXT_INFO rsa-sha2-512",
        &ext_info(b"rsa-sha2-512,ssh-ed25519"),
    );
    add("EXT_INFO ssh-rsa only", &ext_info(b"ssh-rsa"));
    add("EXT_INFO with NUL", &ext_info(b"ssh-ed25519\0,ssh-rsa"));
    add("EXT_INFO overcount", &[7, 0xff, 0xff, 0xff, 0xff]);
    for (name, list) in LISTS {
        add(&format!("FAILURE({name})"), &failure(list, false));
        add(&format!("FAILURE({name}, partial)"), &failure(list, true));
    }
    add("FAILURE short", &[51, 0, 0, 0, 1, b'x']);
    for (key, identity) in [("ed25519", ed25519()), ("rsa", rsa())] {
        for algorithm in ["ssh-ed25519", "rsa-sha2-256", "ssh-rsa"] {
            let pk_ok = PkOk {
                algorithm: algorithm.as_bytes(),
                key: identity.blob(),
            };
            add(
                &format!("PK_OK({algorithm}, {key})"),
                &encode_exact(&pk_ok).unwrap(),
            );
        }
    }
    add("PK_OK truncated", &[60, 0, 0, 0, 9, b'x']);
    add("PASSWD_CHANGEREQ", &change_request());
    add("INFO_REQUEST no prompt", &info_request(&[]));
    add("INFO_REQUEST one hidden", &info_request(&[false]));
    add("INFO_REQUEST two", &info_request(&[true, false]));
    add("INFO_REQUEST overcount", OVERCOUNT);
    let oid = wire::ObjectIdentifier::KERBEROS_V5.as_der();
    let bad = [&[5], &oid[1..]].concat();
    for (name, mechanism) in [("offered", oid), ("another", &[6, 1, 42]), ("no OID", &bad)] {
        let response = wire::GssapiResponse { mechanism };
        add(
            &format!("GSSAPI_RESPONSE {name}"),
            &encode_exact(&response).unwrap(),
        );
    }
    add("GSSAPI_TOKEN", &[61, 0, 0, 0, 1, 9]);
    add(
        "GSSAPI_ERROR",
        &[64, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    add("GSSAPI_ERRTOK", &[65, 0, 0, 0, 0]);
    for number in [61, 64, 65, 79] {
        add(&format!("message {number}"), &[number]);
    }
    for number in [5, 50, 55] {
        add(&format!("message {number} of a client"), &[number]);
    }
    add("CHANNEL_OPEN", &[90]);
    add("DEBUG", &[4]);
    add("nothing", &[]);
    packets
}

const OVERCOUNT: &[u8] = &[
    60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
];

const LISTS: [(&str, &str); 10] = [
    ("none", ""),
    ("unknown", "x@y,z"),
    ("publickey", "publickey"),
    ("password", "password"),
    ("keyboard-interactive", "keyboard-interactive"),
    ("publickey+password", "password,publickey"),
    (
        "password+keyboard-interactive",
        "password,keyboard-interactive",
    ),
    (
        "machines",
        "gssapi-with-mic,hostbased,gssapi-keyex,password",
    ),
    ("own+password", "own@example.org,password"),
    ("every", "publickey,password,keyboard-interactive,x@y"),
];

fn accept(name: Option<&[u8]>) -> Vec<u8> {
    encode_exact(&wire::ServiceAccept { name }).unwrap()
}

fn failure(list: &str, partial_success: bool) -> Vec<u8> {
    let methods = NameList::try_from(list).unwrap();
    encode_exact(&Failure {
        methods,
        partial_success,
    })
    .unwrap()
}

fn ext_info(algorithms: &[u8]) -> Vec<u8> {
    let entry = Extension {
        name: SERVER_SIG_ALGS.as_bytes(),
        value: algorithms,
    };
    let entries = alloc::vec![entry];
    encode_exact(&wire::ExtInfo { entries }).unwrap()
}

fn change_request() -> Vec<u8> {
    encode_exact(&PasswdChangeReq {
        prompt: b"expired",
        language: b"",
    })
    .unwrap()
}

fn info_request(echoes: &[bool]) -> Vec<u8> {
    let prompt = |echo: &bool| wire::Prompt {
        text: b"?",
        echo: *echo,
    };
    encode_exact(&InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: echoes.iter().map(prompt).collect(),
    })
    .unwrap()
}

/// Everything that can happen in this state.
pub(super) fn inputs(world: &World, packets: &[Packet]) -> Vec<Input> {
    let mut inputs: Vec<Input> = packets.iter().cloned().map(Input::Packet).collect();
    let answers: &[&'static str] = match &world.held {
        Some(Action::NeedPublicKey(_)) => &[
            "offer rsa",
            "offer ed25519",
            "offer both",
            "offer nothing",
            "offer ed25519 unprobed",
            "offer rsa, then ed25519 unprobed",
            "offer rsa unprobed",
        ],
        Some(Action::NeedSignature(_)) => {
            &["sign", "sign with another algorithm", "sign with nothing"]
        }
        Some(Action::NeedPassword(_)) => &["password", "password too long"],
        Some(Action::NeedNewPassword(_)) => &["new password"],
        Some(Action::NeedHostSignature(_)) => &["sign", "sign with another algorithm"],
        Some(Action::NeedGssapiToken(_)) => {
            &["token", "established", "established without integrity"]
        }
        Some(Action::NeedGssapiMic(_)) => &["mic"],
        Some(Action::NeedMethod(need)) => choices(need),
        Some(Action::NeedMethodRequest(_)) => &["request", "empty request"],
        Some(Action::NeedMethodMessage(_)) => &["message", "empty message", "silence"],
        Some(Action::NeedAnswers(_)) => &["answers", "empty answers", "too few answers"],
        _ => &[],
    };
    let always = [
        "decline",
        "decline pending",
        "cancel",
        "abandon",
        "disconnected",
        "unimplemented",
        "stale answer",
        "foreign answer",
    ];
    // It doubles the states: in one scene it is enough.
    let config = &world.client.run.context.login.config;
    let slows = config.early_password == EarlyPassword::BehindSignature
        && config.pipelining != Pipelining::Off;
    let always = always.into_iter().chain(slows.then_some("one by one"));
    let caller = answers.iter().copied().chain(always);
    inputs.extend(caller.map(Input::Caller));
    inputs
}

/// The methods by their names.
fn choices(need: &crate::NeedMethod) -> &'static [&'static str] {
    match need.choices() {
        [
            Method::Other(_),
            Method::KeyboardInteractive,
            Method::Password,
        ] => &[
            "choose own",
            "choose keyboard-interactive",
            "choose password",
        ],
        [Method::Other(_), Method::KeyboardInteractive] => {
            &["choose own", "choose keyboard-interactive"]
        }
        [Method::Other(_), Method::Password] => &["choose own", "choose password"],
        [Method::KeyboardInteractive, Method::Password] => {
            &["choose keyboard-interactive", "choose password"]
        }
        [Method::Other(_)] => &["choose own"],
        [Method::KeyboardInteractive] => &["choose keyboard-interactive"],
        [Method::Password] => &["choose password"],
        other => unreachable!("{other:?}"),
    }
}

impl Input {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Packet(packet) => &packet.name,
            Self::Caller(name) => name,
        }
    }

    /// Applies it, and says what the machine said to it.
    pub(super) fn apply(&self, world: &mut World) -> String {
        match self {
            Self::Packet(packet) => match world.client.handle_packet(&packet.bytes) {
                Ok(receipt) => format!("{receipt:?}"),
                Err(error) => format!("protocol error: {error}"),
            },
            Self::Caller("cancel") => {
                world.client.cancel();
                "cancelled".into()
            }
            Self::Caller("abandon") => {
                world.client.abandon(crate::AbandonReason::ServerTimeout);
                "abandoned".into()
            }
            Self::Caller("disconnected") => {
                world.client.disconnected(2, b"bye");
                "disconnected".into()
            }
            Self::Caller("unimplemented") => match world.client.unimplemented() {
                Ok(receipt) => format!("{receipt:?}"),
                Err(error) => format!("protocol error: {error}"),
            },
            Self::Caller("one by one") => {
                world.client.send_one_by_one();
                "one by one".into()
            }
            Self::Caller("decline pending") => {
                format!("{}", world.client.decline_pending())
            }
            Self::Caller("stale answer") => match world.stale.clone().and_then(Action::decline) {
                Some(answer) => format!("{:?}", world.client.handle_answer(answer)),
                None => "nothing stale".into(),
            },
            Self::Caller("foreign answer") => {
                let answer = foreign_answer();
                format!("{:?}", world.client.handle_answer(answer))
            }
            Self::Caller(name) => match world.held.clone().map(|held| answer(held, name)) {
                Some(Some(answer)) => {
                    world.held = None;
                    format!("{:?}", world.client.handle_answer(answer))
                }
                Some(None) => "came back".into(),
                None => "nothing held".into(),
            },
        }
    }
}

/// The answer of that name; none if the token gave the question back.
fn answer(question: Action, name: &str) -> Option<Answer> {
    Some(match (question, name) {
        (question, "decline") => question.decline().unwrap(),
        (Action::NeedPublicKey(need), "offer rsa") => need.offer(rsa()),
        (Action::NeedPublicKey(need), "offer ed25519") => need.offer(ed25519()),
        (Action::NeedPublicKey(need), "offer both") => need.offer_many([rsa(), ed25519()]),
        (Action::NeedPublicKey(need), "offer nothing") => need.offer_many([]),
        (Action::NeedPublicKey(need), "offer rsa unprobed") => need.offer_unprobed(rsa()),
        (Action::NeedPublicKey(need), "offer rsa, then ed25519 unprobed") => {
            need.offer_unprobed_after([rsa()], ed25519())
        }
        (Action::NeedPublicKey(need), _) => need.offer_unprobed(ed25519()),
        (Action::NeedSignature(need), "sign") => {
            let name = need.algorithm().to_string();
            need.signed(signature(&name)).unwrap()
        }
        (Action::NeedSignature(need), "sign with nothing") => {
            let refused = need.signed([]).unwrap_err();
            let _still_open = refused.into_question();
            return None;
        }
        (Action::NeedSignature(need), _) => need
            .signed(signature("ssh-dss"))
            .unwrap_or_else(Rejected::decline),
        (Action::NeedPassword(need), "password") => need.password(PASSWORD),
        (Action::NeedPassword(need), _) => need.password(alloc::vec![b'x'; 70_000]),
        (Action::NeedNewPassword(need), _) => need.change(PASSWORD, "new"),
        (Action::NeedHostSignature(need), "sign") => {
            let name = need.signature_algorithm().to_string();
            need.signed(signature(&name)).unwrap()
        }
        (Action::NeedHostSignature(need), _) => need
            .signed(signature("ssh-dss"))
            .unwrap_or_else(Rejected::decline),
        (Action::NeedGssapiToken(need), "token") => need.token([1]),
        (Action::NeedGssapiToken(need), "established") => {
            need.established(Some(alloc::vec![2]), GssapiIntegrity::Available)
        }
        (Action::NeedGssapiToken(need), _) => need.established(None, GssapiIntegrity::Unavailable),
        (Action::NeedGssapiMic(need), _) => need.mic([3]),
        (Action::NeedMethod(need), "choose own") => need.choose(Method::Other(OWN)).unwrap(),
        (Action::NeedMethod(need), "choose password") => need.choose(Method::Password).unwrap(),
        (Action::NeedMethod(need), _) => need.choose(Method::KeyboardInteractive).unwrap(),
        (Action::NeedMethodRequest(need), "request") => need.request("bytes"),
        (Action::NeedMethodRequest(need), _) => need.request(""),
        (Action::NeedMethodMessage(need), "message") => need.message(70, "bytes").unwrap(),
        (Action::NeedMethodMessage(need), "empty message") => need.message(70, "").unwrap(),
        (Action::NeedMethodMessage(need), _) => need.silence(),
        (Action::NeedAnswers(need), "answers") => need.answer_each(|_| Secret::from("42")),
        (Action::NeedAnswers(need), "empty answers") => need.answer_each(|_| Secret::from("")),
        (Action::NeedAnswers(need), _) => {
            let refused = need.answers(Vec::<Secret>::new()).unwrap_err();
            let _still_open = refused.into_question();
            return None;
        }
        (other, name) => unreachable!("{name} for {other:?}"),
    })
}

/// An answer to the same kind of question on another connection.
fn foreign_answer() -> Answer {
    let session = Session::encrypted([8; 32]);
    let config = Config::new("u").methods([Method::Password]);
    let mut other = UserAuthClient::new(config, session).unwrap();
    let mut replies = [alloc::vec![6], failure("password", false)].into_iter();
    loop {
        match other.poll_action() {
            Some(Action::NeedPassword(need)) => return need.password(PASSWORD),
            Some(_) => {}
            None => {
                other.handle_packet(&replies.next().unwrap()).unwrap();
            }
        }
    }
}
