//! Advice that fits what was tried: one diagnosis, and several ways to come to it. What a user can
//! do about a wrong password is nothing that helps with a key, and the other way round.

use ssh_userauth::{ClientHost, Identity, Method};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use ssh_userauth_testing::wire::{ExtInfo, Extension, GssapiResponse, encode_exact};

use crate::cases;
use crate::play::{Play, config, identity, key, session};

fn diagnosis(play: &Play) -> Diagnosis {
    let report = play.client.report();
    report
        .diagnosis()
        .unwrap_or_else(|| panic!("{}", report.table()))
}

/// What stands behind the last semicolon.
fn advice(play: &Play) -> String {
    let sentence = diagnosis(play).to_string();
    let (_, advice) = sentence.rsplit_once("; ").unwrap();
    advice.to_owned()
}

fn certificate(byte: u8) -> Identity {
    identity("ssh-ed25519-cert-v01@openssh.com", byte).with_label("laptop")
}

/// All of `keys` are refused.
fn refused(keys: impl IntoIterator<Item = Identity>) -> Play {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    let keys: Vec<_> = keys.into_iter().collect();
    let number = keys.len();
    play.offer(keys);
    for _ in 0..number {
        play.refuse("publickey");
    }
    play.offer([]);
    play.finish();
    play
}

/// `authorized_keys` has nothing to do with a certificate of a trusted authority.
#[test]
fn certificates_are_refused_for_other_reasons_than_keys() {
    let plain = advice(&refused([key(1, "laptop")]));
    assert!(plain.contains("authorized_keys"), "{plain}");
    assert!(!plain.contains("certificate"), "{plain}");
    let certified = advice(&refused([certificate(1)]));
    assert!(!certified.contains("authorized_keys"), "{certified}");
    assert!(certified.contains("expired"), "{certified}");
    let both = advice(&refused([certificate(1), key(1, "laptop")]));
    assert!(both.contains("authorized_keys"), "{both}");
    assert!(both.contains("expired"), "{both}");
}

#[test]
fn the_refused_key_is_named() {
    let play = refused([key(1, "laptop")]);
    let sentence = diagnosis(&play).to_string();
    assert!(sentence.contains("laptop"), "{sentence}");
    let play = refused([certificate(1), key(2, "work")]);
    let Diagnosis::AllKeysRefused {
        refused: 2,
        certificates: 1,
        first,
        ..
    } = diagnosis(&play)
    else {
        panic!("{}", play.table());
    };
    assert_eq!(first, certificate(1));
}

/// The server closes at the request that follows `refusals` refused passwords.
fn tired_of_passwords(refusals: usize) -> Play {
    let mut play = Play::new(config().methods([Method::Password]));
    play.learn("password");
    for _ in 0..refusals {
        play.password("wrong");
        play.refuse("password");
    }
    play.password("wrong");
    play.send();
    play
}

fn too_many(mut play: Play) -> Play {
    let said = b"Too many authentication failures";
    play.client.disconnected(2, said);
    play.finish();
    play
}

#[test]
fn a_server_that_tires_of_passwords_wants_no_fewer_keys() {
    let play = too_many(tired_of_passwords(1));
    let Diagnosis::TooManyRefusals { methods, .. } = diagnosis(&play) else {
        panic!("{}", play.table());
    };
    assert_eq!(methods, [Method::Password]);
    let advice = advice(&play);
    assert!(!advice.contains("key"), "{advice}");
    assert!(advice.contains("password"), "{advice}");
}

/// The last try is the password's: it was wrong, or the server would have let it in.
#[test]
fn a_server_that_tires_of_keys_and_then_of_a_password() {
    let mut play = Play::new(config());
    play.learn("publickey,password");
    play.offer([key(1, "laptop"), key(2, "work")]);
    play.refuse("publickey,password");
    play.refuse("publickey,password");
    play.offer([]);
    play.password("wrong");
    play.send();
    let play = too_many(play);
    let Diagnosis::TooManyRefusals {
        refusals, methods, ..
    } = diagnosis(&play)
    else {
        panic!("{}", play.table());
    };
    assert_eq!(refusals, 2);
    assert_eq!(methods, [Method::PublicKey, Method::Password]);
    let advice = advice(&play);
    assert!(advice.contains("fewer keys"), "{advice}");
    assert!(advice.contains("password"), "{advice}");
}

/// What was tried decides: a code that was wrong is no key too many, and a host's key is neither.
#[test]
fn a_server_that_tires_of_other_things() {
    let methods = [Method::PublicKey, Method::KeyboardInteractive];
    for keys in [0, 1] {
        let mut play = Play::new(config().methods(methods));
        let list = ["keyboard-interactive", "publickey,keyboard-interactive"][keys];
        play.learn(list);
        if keys == 1 {
            play.offer([key(1, "laptop")]);
            play.refuse(list);
            play.offer([]);
        }
        cases::prompt(&mut play);
        play.answers("123456");
        play.refuse(list);
        cases::prompt(&mut play);
        play.answers("123456");
        let advice = advice(&too_many(play));
        let about = ["the answers", "fewer keys"][keys];
        assert!(advice.contains(about), "{advice}");
        assert_eq!(advice.contains("key"), keys == 1, "{advice}");
    }
    let host = ClientHost::new("build1.example.org", "alice");
    let host = host.key(key(1, "one")).key(key(2, "two"));
    let mut play = Play::new(config().methods([Method::HostBased]).client_host(host));
    play.learn("hostbased");
    play.sign_as_host();
    play.refuse("hostbased");
    play.sign_as_host();
    let advice = advice(&too_many(play));
    assert!(advice.contains("server's log"), "{advice}");
    assert!(!advice.contains("answers"), "{advice}");
}

/// Dropbear closes without a word.
#[test]
fn a_server_that_closes_on_passwords_without_a_word() {
    let mut play = tired_of_passwords(1);
    play.client.connection_lost();
    play.finish();
    let advice = advice(&play);
    assert!(!advice.contains("key"), "{advice}");
    assert!(advice.contains("refusal"), "{advice}");
    let mut play = tired_of_passwords(0);
    play.client.connection_lost();
    play.finish();
    assert!(!self::advice(&play).contains("refusal"));
}

/// A key is of no use to a server that takes only passwords.
#[test]
fn only_what_the_server_offers_can_be_given() {
    let mut play = Play::new(config());
    play.learn("password");
    play.decline();
    play.finish();
    assert!(!advice(&play).contains("key"), "{}", advice(&play));
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer([]);
    play.finish();
    assert_eq!(advice(&play), "give a key");
}

/// The server offers some methods, and each is declined.
fn declined(list: &str) -> Play {
    let kerberos: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
    let config = config().gssapi_mechanisms([kerberos]).methods([
        Method::GssapiWithMic,
        Method::KeyboardInteractive,
        Method::Password,
    ]);
    let mut play = Play::new(config);
    play.learn(list);
    for method in list.split(',') {
        match method {
            "keyboard-interactive" => cases::prompt(&mut play),
            "gssapi-with-mic" => play.hear(&GssapiResponse {
                mechanism: kerberos,
            }),
            _ => {}
        }
        play.decline();
    }
    play.finish();
    play
}

/// By its own name where there is one method, and no key where none would do.
#[test]
fn what_can_be_given_is_what_was_declined() {
    for (list, given) in [
        ("password", "give the password"),
        ("keyboard-interactive", "answer its prompts"),
        ("gssapi-with-mic", "answer for this method"),
        (
            "keyboard-interactive,password",
            "answer for one of these methods",
        ),
    ] {
        let play = declined(list);
        let Diagnosis::NothingToTry { .. } = diagnosis(&play) else {
            panic!("{}", play.table());
        };
        assert_eq!(advice(&play), given, "{list}");
    }
}

/// A signer that signs with something else has the private key.
#[test]
fn a_key_that_was_not_signed_with_and_one_that_was_badly() {
    let end = |sign: fn(&mut Play)| {
        let mut play = Play::new(config().methods([Method::PublicKey]));
        play.learn("publickey");
        play.offer([key(1, "laptop")]);
        play.accept(&key(1, "laptop"));
        sign(&mut play);
        play.offer([]);
        play.finish();
        play
    };
    let nobody = end(Play::decline);
    assert!(advice(&nobody).contains("unlocked"), "{}", advice(&nobody));
    let badly = end(|play| play.sign_as(Some("ssh-rsa")));
    assert!(!advice(&badly).contains("unlocked"), "{}", advice(&badly));
}

/// The server's list says nothing about a key that we don't use ourselves.
#[test]
fn a_key_that_our_own_policy_forbids() {
    let rsa = identity("ssh-rsa", 4).with_algorithms(["ssh-rsa"]);
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer([rsa.with_label("old")]);
    play.offer([]);
    play.finish();
    let sentence = diagnosis(&play).to_string();
    let Diagnosis::NoMutualAlgorithm { ours, .. } = diagnosis(&play) else {
        panic!("{}", play.table());
    };
    assert!(ours.is_empty());
    assert!(!sentence.contains("server"), "{sentence}");
}

/// Which RSA hashes the server takes stands last in OpenSSH's list.
#[test]
fn the_table_shows_openssh_s_whole_list_of_algorithms() {
    let list = "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,\
                ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,\
                webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,rsa-sha2-256,\
                rsa-sha2-512";
    let entries = vec![Extension {
        name: b"server-sig-algs",
        value: list.as_bytes(),
    }];
    let extensions = encode_exact(&ExtInfo { entries }).unwrap();
    let mut play = Play::on(session().ext_info(extensions), config());
    play.learn("publickey");
    play.offer([]);
    play.finish();
    let table = play.table();
    assert!(table.contains("rsa-sha2-512\n"), "{table}");
}
