//! How `PolicyServer` judges a request, packet by packet: what is right in all but one thing is
//! refused.

use ssh_userauth::Method::{self, HostBased, KeyboardInteractive, Password, PublicKey};
use ssh_userauth_testing::wire::{
    ExtInfo, HostBasedSignatureData, InfoRequest, Prompt, RequestMethod, encode_exact, number,
};
use ssh_userauth_testing::{Account, FakeKey, Packet, Person, Policy, PolicyServer, Round, Server};

use crate::support::{
    SESSION_ID, account, alice, is_closed, key, password, prompts, refused, request, run, server,
    service_request,
};

/// It hears 1024 requests of the same user, and no more.
#[test]
fn a_client_that_goes_on_for_ever_is_thrown_out() {
    let good = key("good");
    let mut strict = server(PublicKey, account().key(good.identity())).service_accepted();
    let query = request(RequestMethod::PublicKey {
        algorithm: b"ssh-ed25519",
        key: good.identity().blob(),
        signature: None,
    });
    for number in 1..=1024 {
        let pk_ok = Packet::pk_ok("ssh-ed25519", good.identity().blob());
        assert_eq!(strict.hear(&query), [pk_ok.into()], "{number}");
        assert_eq!(strict.requests(), number);
    }
    assert!(is_closed(&strict.hear(&query)));
    assert_eq!(strict.failures(), 0);
}

#[test]
fn requests_are_those_that_it_has_heard() {
    let mut strict = server(Policy::all([PublicKey, Password]), {
        account().key(key("laptop").identity()).password("hunter2")
    });
    let mut person = Person::new().key(key("laptop")).password("hunter2");
    let run = run(alice(), &mut strict, &mut person);
    assert!(run.is_authenticated());
    assert!(run.requests().count() > 2);
    assert_eq!(
        usize::try_from(strict.requests()),
        Ok(run.requests().count())
    );
}

/// A request that is none closes the connection; what else can't be read is not known (RFC 4253
/// section 11.4).
#[test]
fn what_it_can_not_read() {
    let fresh = || server(Password, account().password("hunter2")).service_accepted();
    let right = password("hunter2");
    for length in 1..right.len() {
        assert!(is_closed(&fresh().hear(&right[..length])), "{length}");
    }
    for payload in [
        &[][..],
        // Without the name of a service.
        &[number::SERVICE_REQUEST],
        &[number::SERVICE_REQUEST, 0, 0, 0, 9],
        // Without its extensions.
        &[number::EXT_INFO, 0, 0, 0, 1],
        // Of a server.
        &[number::USERAUTH_FAILURE],
        &[200],
    ] {
        let mut strict = fresh();
        let replies = strict.hear(payload);
        assert_eq!(
            replies,
            [ssh_userauth_testing::Reply::Unimplemented],
            "{payload:?}"
        );
        // It goes on as if nothing had been said.
        assert_eq!(
            strict.hear(&right),
            [Packet::success().into()],
            "{payload:?}"
        );
    }
}

#[test]
fn rounds_are_asked_as_they_were_written() {
    let round = Round::new()
        .name("Two factors")
        .instruction("Look at it.")
        .hidden("Password: ", "hunter2")
        .shown("Code: ", "123456");
    let mut strict = server(KeyboardInteractive, account().round(round)).service_accepted();
    let prompt = |text, echo| Prompt { text, echo };
    let expected = Packet::of(&InfoRequest {
        name: b"Two factors",
        instruction: b"Look at it.",
        language: b"",
        prompts: vec![prompt(b"Password: ", false), prompt(b"Code: ", true)],
    });
    assert_eq!(strict.hear(&prompts()), [expected.into()]);
}

/// The algorithms that are listed, the one of the request, and whether it is taken. Lists have the
/// names of signature algorithms; a certificate's request has `-cert-v01@openssh.com` behind it.
const ALGORITHMS: [(&[&str], &str, bool); 8] = [
    (&["rsa-sha2-512", "rsa-sha2-256"], "rsa-sha2-256", true),
    (&["rsa-sha2-512"], "rsa-sha2-256", false),
    (&["ssh-ed25519"], "rsa-sha2-512", false),
    (&[], "rsa-sha2-512", false),
    (&["rsa-sha2-512"], "rsa-sha2-512-cert-v01@openssh.com", true),
    (
        &["rsa-sha2-256"],
        "rsa-sha2-512-cert-v01@openssh.com",
        false,
    ),
    // Some list these, too.
    (
        &["rsa-sha2-512-cert-v01@openssh.com"],
        "rsa-sha2-512-cert-v01@openssh.com",
        true,
    ),
    (
        &["rsa-sha2-512-cert-v01@openssh.com"],
        "rsa-sha2-512",
        false,
    ),
];

#[test]
fn algorithms_that_it_does_not_list_are_refused() {
    for (listed, algorithm, is_taken) in ALGORITHMS {
        let rsa = FakeKey::of_type("ssh-rsa", "rsa");
        let strict = server(PublicKey, account().key(rsa.identity()));
        let mut strict = strict
            .signature_algorithms(listed.to_vec())
            .service_accepted();
        let query = request(RequestMethod::PublicKey {
            algorithm: algorithm.as_bytes(),
            key: rsa.identity().blob(),
            signature: None,
        });
        let expected = match is_taken {
            true => vec![Packet::pk_ok(algorithm, rsa.identity().blob()).into()],
            false => refused(&["publickey"]),
        };
        assert_eq!(strict.hear(&query), expected, "{listed:?} {algorithm}");
    }
}

fn change(old: &str, new: &str) -> Vec<u8> {
    request(RequestMethod::PasswordChange {
        old: old.as_bytes(),
        new: new.as_bytes(),
    })
}

/// RFC 4252 section 8: a change needs the old password, and is one way to answer for it.
#[test]
fn only_who_knows_the_password_changes_it() {
    let demand = || vec![Packet::change_request("Change it.").into()];
    let account = || {
        let account = account().password("old").password_expired("Change it.");
        account.refuses_new_password("123456")
    };
    let fresh = || server(Password, account()).service_accepted();
    let success = [Packet::success().into()];
    assert_eq!(fresh().hear(&password("old")), demand());
    assert_eq!(fresh().hear(&change("old", "new")), success);
    // One that it doesn't take, and none at all.
    assert_eq!(fresh().hear(&change("old", "123456")), demand());
    assert_eq!(fresh().hear(&change("old", "old")), demand());

    let mut strict = fresh();
    assert_eq!(strict.hear(&change("wrong", "new")), refused(&["password"]));
    // It is still what it was.
    assert_eq!(strict.hear(&password("new")), refused(&["password"]));
    assert_eq!(strict.hear(&change("old", "new")), success);

    // While the password is not wanted, it is neither right nor changed.
    let account = account().key(key("laptop").identity());
    let policy = Policy::in_order([PublicKey, Password]);
    let mut strict = server(policy, account)
        .verify_with(|_| true)
        .service_accepted();
    for (old, new) in [("old", "new"), ("old", "123456"), ("wrong", "new")] {
        assert_eq!(strict.hear(&change(old, new)), refused(&["publickey"]));
    }
    let signed = request(RequestMethod::PublicKey {
        algorithm: b"ssh-ed25519",
        key: key("laptop").identity().blob(),
        signature: Some(b"any"),
    });
    let partial = Packet::partial_success(["password"]);
    assert_eq!(strict.hear(&signed), [partial.into()]);
    assert_eq!(strict.hear(&password("old")), demand());
}

/// A request for `hostbased` that is right for alice, unless a test changes something.
#[derive(Clone)]
struct OfHost {
    key: FakeKey,
    name: &'static str,
    user: &'static str,
    session_id: [u8; 32],
}

impl OfHost {
    fn payload(&self) -> Vec<u8> {
        let data = encode_exact(&HostBasedSignatureData {
            session_id: &self.session_id,
            user: b"alice",
            service: b"ssh-connection",
            algorithm: b"ssh-ed25519",
            host_key: self.key.identity().blob(),
            client_host: self.name.as_bytes(),
            client_user: self.user.as_bytes(),
        });
        request(RequestMethod::HostBased {
            algorithm: b"ssh-ed25519",
            host_key: self.key.identity().blob(),
            client_host: self.name.as_bytes(),
            client_user: self.user.as_bytes(),
            signature: &self.key.sign("ssh-ed25519", &data.unwrap()),
        })
    }
}

#[test]
fn a_host_is_trusted_for_its_key_its_name_and_its_user() {
    let right = OfHost {
        key: key("host"),
        name: "client.example.org",
        user: "al",
        session_id: SESSION_ID,
    };
    let fresh = |policy: Method| -> PolicyServer {
        let account = Account::new("alice")
            .host(key("host").identity(), "client.example.org", "al")
            .host(key("second").identity(), "second.example.org", "ally");
        server(policy, account).service_accepted()
    };
    let success = [Packet::success().into()];
    assert_eq!(fresh(HostBased).hear(&right.payload()), success);
    let with = |change: fn(&mut OfHost)| {
        let mut request = right.clone();
        change(&mut request);
        request
    };
    let second = with(|request| {
        request.key = key("second");
        request.name = "second.example.org";
        request.user = "ally";
    });
    assert_eq!(fresh(HostBased).hear(&second.payload()), success);
    for (what, wrong) in [
        ("the key", with(|wrong| wrong.key = key("other"))),
        (
            "the key of another",
            with(|wrong| wrong.key = key("second")),
        ),
        ("the name", with(|wrong| wrong.name = "second.example.org")),
        ("the user", with(|wrong| wrong.user = "ally")),
        ("the session", with(|wrong| wrong.session_id = [8; 32])),
    ] {
        let replies = fresh(HostBased).hear(&wrong.payload());
        assert_eq!(replies, refused(&["hostbased"]), "{what}");
    }
    // An algorithm that is not listed.
    let mut strict = fresh(HostBased).signature_algorithms(["rsa-sha2-512"]);
    assert_eq!(strict.hear(&right.payload()), refused(&["hostbased"]));
    // Nobody has asked for a host.
    let replies = fresh(Password).hear(&right.payload());
    assert_eq!(replies, refused(&["password"]));
}

/// The service must be asked for: nothing else is heard before it.
#[test]
fn it_accepts_the_service_once_asked() {
    let mut strict = server(Password, account().password("hunter2"));
    assert_eq!(
        strict.hear(&service_request()),
        [Packet::service_accept().into()]
    );
    assert_eq!(
        strict.hear(&password("hunter2")),
        [Packet::success().into()]
    );
}

/// Methods that it does not have are refused; announcements of a client are heard and need no reply.
#[test]
fn what_it_does_not_have() {
    let fresh = || server(Password, account().password("hunter2")).service_accepted();
    for method in [
        RequestMethod::GssapiKeyex { mic: b"code" },
        RequestMethod::GssapiWithMic {
            mechanisms: Vec::new(),
        },
        RequestMethod::HostBoundPublicKey {
            algorithm: b"ssh-ed25519",
            key: key("good").identity().blob(),
            host_key: b"host",
            signature: None,
        },
    ] {
        assert_eq!(fresh().hear(&request(method)), refused(&["password"]));
    }
    let ext_info = encode_exact(&ExtInfo {
        entries: Vec::new(),
    })
    .unwrap();
    assert_eq!(fresh().hear(&ext_info), []);
}

#[test]
fn answers_that_can_not_be_read() {
    let round = Round::new().hidden("Code: ", "123456");
    let mut strict = server(KeyboardInteractive, account().round(round)).service_accepted();
    assert_eq!(strict.hear(&prompts()).len(), 1);
    assert!(is_closed(&strict.hear(&[
        number::USERAUTH_INFO_RESPONSE,
        0,
        0,
        0,
        1
    ])));
}
