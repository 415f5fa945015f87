//! That a recorder is a client, and in what words it writes down what it sees.

use ssh_userauth::{
    Action, Answer, Config, EarlyPassword, Identity, Limits, Method, Session, UserAuthClient,
    UserName,
};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::wire::{GssapiResponse, ObjectIdentifier, encode_exact};
use ssh_userauth_testing::{FakeKey, Packet, Recorder, Transcript};

use crate::blobs::sized_blob;
use crate::support::{OPENING, SESSION_ID, alice, holds, key, session};

/// Both are told the same.
struct Both {
    client: UserAuthClient,
    recorder: Recorder,
}

impl Both {
    /// Polls until there is nothing more to send or to answer, and looks whenever that changes.
    fn poll(&mut self, answer: fn(Action) -> Option<Answer>) {
        loop {
            let action = self.client.poll_action();
            let recorded = self.recorder.poll_action();
            assert_eq!(format!("{recorded:?}"), format!("{action:?}"));
            self.look();
            let (Some(action), Some(recorded)) = (action, recorded) else {
                return;
            };
            if let (Some(answer), Some(same)) = (answer(action), answer(recorded)) {
                self.client.handle_answer(answer).unwrap();
                self.recorder.handle_answer(same).unwrap();
            }
        }
    }

    fn hear(&mut self, packet: &Packet) {
        let received = self.client.handle_packet(packet.bytes());
        let recorded = self.recorder.handle_packet(packet.bytes());
        assert_eq!(recorded, received);
    }

    fn look(&self) {
        assert_eq!(self.recorder.turn(), self.client.turn());
        let is_open = self.client.has_open_question();
        assert_eq!(self.recorder.has_open_question(), is_open);
        let left = self.client.refusals_left();
        assert_eq!(self.recorder.refusals_left(), left);
        let report = self.client.report().table().to_string();
        assert_eq!(self.recorder.report().table().to_string(), report);
    }
}

fn types_a_password(action: Action) -> Option<Answer> {
    match action {
        Action::NeedPassword(need) => Some(need.password("hunter2")),
        other => other.decline(),
    }
}

#[test]
fn a_recorder_says_what_a_client_says() {
    let config = || alice().methods([Method::Password]);
    let mut both = Both {
        client: UserAuthClient::new(config(), session()).unwrap(),
        recorder: Recorder::new(config(), session()).unwrap(),
    };
    let refusal = || Packet::failure(["password"]);
    let at_first = both.client.refusals_left();
    for packet in [Packet::service_accept(), refusal(), refusal(), refusal()] {
        both.poll(types_a_password);
        both.hear(&packet);
    }
    both.poll(types_a_password);
    // None of it was for nothing: refusals were counted.
    assert_eq!(both.recorder.refusals_left(), at_first - 2);
    both.hear(&Packet::success());
    both.poll(types_a_password);
    holds(&both.recorder.transcript());
}

/// Polls, answering as this function does.
fn poll(auth: &mut Recorder, answer: impl Fn(Action) -> Option<Answer>) {
    while let Some(action) = auth.poll_action() {
        if let Some(answer) = answer(action) {
            auth.handle_answer(answer).unwrap();
        }
    }
}

/// What it wrote down of these packets, each of which is taken; the rest holds, too.
fn wrote(
    config: Config,
    session: Session,
    packets: &[Packet],
    answer: impl Fn(Action) -> Option<Answer>,
) -> String {
    let mut auth = Recorder::new(config, session).unwrap();
    poll(&mut auth, &answer);
    for packet in packets {
        auth.handle_packet(packet.bytes()).unwrap();
        poll(&mut auth, &answer);
    }
    holds(&auth.transcript());
    auth.transcript().to_string()
}

#[track_caller]
fn has_line(text: &str, line: &str) {
    assert!(text.lines().any(|own| own == line), "{line}\n{text}");
}

/// To a password, message 60 is the demand for another one (RFC 4252 section 8); to a query behind
/// which the password was sent, it is PK_OK (section 7).
#[test]
fn message_60_is_what_was_asked_for() {
    let text = wrote(
        alice().methods([Method::Password]),
        session(),
        &[
            Packet::service_accept(),
            Packet::failure(["password"]),
            Packet::change_request("Change it."),
        ],
        types_a_password,
    );
    has_line(&text, "S change-request \"Change it.\"");

    let blob = key("laptop").identity().blob().to_vec();
    let text = wrote(
        alice()
            .pipelining(OPENING)
            .early_password(EarlyPassword::InOpening),
        session(),
        &[
            Packet::service_accept(),
            Packet::pk_ok("ssh-ed25519", &blob),
        ],
        |action| match action {
            Action::NeedPublicKey(need) => match need.offered() {
                0 => Some(need.offer(key("laptop").identity().clone())),
                _ => Some(need.none_left()),
            },
            Action::NeedSignature(_) => None,
            other => types_a_password(other),
        },
    );
    has_line(&text, "C request password secret-1");
    has_line(&text, "S pk-ok laptop");
}

#[test]
fn what_has_words_is_written_in_words() {
    let told = |entry| wrote(alice(), session(), &[Packet::ext_info([entry])], |_| None);
    has_line(&told(("name", b"a=b")), "S ext-info name=a=b");
    // A name with `=` in it could not be told from the value.
    let bytes = Packet::ext_info([("a=b", &b"c"[..])]);
    let line = format!("S raw {}", digits(bytes.bytes()));
    has_line(&told(("a=b", b"c")), &line);

    let kerberos = ObjectIdentifier::KERBEROS_V5.as_der();
    let chosen = encode_exact(&GssapiResponse {
        mechanism: kerberos,
    });
    let text = wrote(
        alice()
            .methods([Method::GssapiWithMic])
            .gssapi_mechanisms([kerberos]),
        session(),
        &[
            Packet::service_accept(),
            Packet::failure(["gssapi-with-mic"]),
            Packet::raw(chosen.unwrap()),
        ],
        |_| None,
    );
    has_line(&text, "S gssapi-response krb5");
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name of text with control characters in it is none that a configuration takes as text.
#[test]
fn user_names_are_written_so_that_they_can_be_read() {
    for (name, line) in [
        (UserName::from("alice"), "config user alice"),
        (UserName::from("Älice"), "config user \"Älice\""),
        (UserName::raw("a\tb"), "config user-raw \"a\\tb\""),
        (UserName::raw(b"\xff".to_vec()), "config user-raw \"\\xff\""),
    ] {
        let text = wrote(Config::new(name), session(), &[], |_| None);
        has_line(&text, line);
    }
}

/// The lines of the head about keys, when this one was offered.
fn declared(identity: &Identity) -> Vec<String> {
    let packets = [Packet::service_accept(), Packet::failure(["publickey"])];
    let text = wrote(alice(), session(), &packets, |action| match action {
        Action::NeedPublicKey(need) => match need.offered() {
            0 => Some(need.offer(identity.clone())),
            _ => Some(need.none_left()),
        },
        other => other.decline(),
    });
    let lines = text.lines().filter(|line| line.starts_with("key "));
    lines.map(String::from).collect()
}

#[test]
fn keys_are_declared_where_their_names_do_not_say_all() {
    // "Names that were not declared are Ed25519 keys."
    assert_eq!(declared(key("laptop").identity()), [""; 0]);
    let ed25519 = Identity::from_blob(sized_blob("ssh-ed25519", 51)).unwrap();
    assert_eq!(declared(&ed25519), [""; 0]);
    let rsa = Identity::from_blob(sized_blob("ssh-rsa", 279)).unwrap();
    assert_eq!(declared(&rsa), ["key K1 ssh-rsa"]);
    let one = rsa.with_algorithms(["rsa-sha2-256"]);
    assert_eq!(declared(&one), ["key K1 ssh-rsa only rsa-sha2-256"]);
    // A signer that can do nothing: the key is not even asked about.
    let none = FakeKey::of_type("ssh-rsa", "rsa").with_algorithms([""; 0]);
    assert_eq!(declared(none.identity()), ["key rsa ssh-rsa only none"]);
}

/// Who gets a transcript sees what the one who recorded it saw.
#[test]
fn a_transcript_has_the_report_of_its_run() {
    let session = session().server_version("SSH-2.0-example");
    let mut auth = Recorder::new(alice().methods([Method::Password]), session).unwrap();
    for packet in [Packet::service_accept(), Packet::failure(["password"])] {
        auth.handle_packet(packet.bytes()).unwrap();
    }
    poll(&mut auth, types_a_password);
    auth.disconnected(2, b"Too many authentication failures");
    let text = auth.transcript().to_string();
    let theirs: Transcript = text.parse().unwrap();
    let report = theirs.report().unwrap();
    assert_eq!(report.server_version(), Some("SSH-2.0-example"));
    assert_eq!(report.attempts().len(), 2);
    assert!(report.diagnosis().is_some());
    assert_eq!(report.diagnosis(), auth.report().diagnosis());
    let table = auth.report().table().to_string();
    assert_eq!(report.table().to_string(), table);
}

/// What may be too long for something stays as long as it is; what is of no type has no other form.
#[test]
fn some_keys_are_written_as_they_are() {
    let kept = |blob: &[u8]| format!("key K1 blob {}", digits(blob));
    let name = "ssh-rsa-cert-v01@openssh.com";
    let usual = Identity::from_blob(sized_blob(name, 16 * 1024)).unwrap();
    assert_eq!(declared(&usual), [format!("key K1 {name}")]);
    let long = sized_blob(name, 16 * 1024 + 1);
    let identity = Identity::from_blob(long.clone()).unwrap();
    assert_eq!(declared(&identity), [kept(&long)]);

    // A name and nothing behind it is no key, and may be what a transport calls the host's.
    for blob in [
        &b"\0\0\0\x0bssh-ed25519"[..],
        b"\0\0\0\x02\x01\x02key",
        b"\0",
    ] {
        let session = Session::encrypted(SESSION_ID).host_key(blob);
        let text = wrote(alice(), session, &[], |_| None);
        has_line(&text, "session host-key K1");
        has_line(&text, &kept(blob));
    }
}

/// The name that stands for a password of this length.
fn name_of(length: usize, limits: Limits) -> String {
    let packets = [Packet::service_accept(), Packet::failure(["password"])];
    let config = alice().methods([Method::Password]).limits(limits);
    let text = wrote(config, session(), &packets, |action| match action {
        Action::NeedPassword(need) => Some(need.password("p".repeat(length))),
        other => other.decline(),
    });
    let names = text.lines();
    let mut names = names.filter_map(|line| line.strip_prefix("C request password "));
    names.next().unwrap().to_string()
}

/// The name tells nothing of a secret, but that it is longer than passwords are, and how long then.
#[test]
fn names_of_secrets_hide_their_length() {
    for length in [1, 8, 100, 511, 512] {
        assert_eq!(name_of(length, Limits::default()), "secret-1", "{length}");
    }
    for length in [513, 2000] {
        let name = name_of(length, Limits::default());
        assert_eq!(name.len(), length);
        assert_eq!(name.trim_end_matches('.'), "secret-1");
    }
    // A name must not be too long where the secret is not.
    let mut limits = Limits::default();
    limits.max_password_bytes = 4;
    assert_eq!(name_of(4, limits).len(), 4);
    assert_eq!(name_of(1, limits).len(), 4);
}
