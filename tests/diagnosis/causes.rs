//! What counts where several things went wrong: what the server said last about what the user had,
//! before what he did not have.

use ssh_userauth::{HashFallback, Identity, Method, Pipelining, ServiceRequest};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use ssh_userauth_testing::wire::{InfoRequest, PasswdChangeReq, Prompt};

use crate::play::{Play, config, identity, key, session};

fn diagnosis(play: &Play) -> Diagnosis {
    let report = play.client.report();
    report
        .diagnosis()
        .unwrap_or_else(|| panic!("{}", report.table()))
}

fn keys_only() -> Play {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play
}

/// The question for keys comes again, and nobody has more of them.
fn no_more(mut play: Play) -> Play {
    play.offer([]);
    play.finish();
    play
}

fn refused_key(play: &mut Play, identity: Identity) {
    play.offer([identity]);
    play.refuse("publickey");
}

fn accepted_key_nobody_signs_with(play: &mut Play, identity: &Identity) {
    play.offer([identity.clone()]);
    play.accept(identity);
    play.decline();
}

fn unprobed_key_nobody_signs_with(play: &mut Play, identity: Identity) {
    play.offer_unprobed(identity);
    play.decline();
}

/// The server never said that it would take a key that it was not asked about.
#[test]
fn a_signature_of_a_key_that_was_not_asked_about() {
    let mut play = keys_only();
    play.offer_unprobed(key(1, "laptop"));
    play.sign();
    play.refuse("publickey");
    let Diagnosis::AllKeysRefused { refused: 1, .. } = diagnosis(&no_more(play)) else {
        panic!("the server accepted nothing");
    };
    // Nor when it said so of another one.
    let mut play = keys_only();
    accepted_key_nobody_signs_with(&mut play, &key(2, "work"));
    play.offer_unprobed(key(1, "laptop"));
    play.sign();
    play.refuse("publickey");
    let Diagnosis::KeyNotSigned { identity, .. } = diagnosis(&no_more(play)) else {
        panic!("the server accepted a key");
    };
    assert_eq!(identity, key(2, "work"));
}

/// "The server said that it would take the key, and refused its signature": not a query.
#[test]
fn a_query_that_is_refused_is_no_refused_signature() {
    let rsa = identity("ssh-rsa", 4).with_label("old laptop");
    let offer = |fallback| {
        let config = config().methods([Method::PublicKey]);
        let mut play = Play::new(config.hash_fallback(fallback));
        play.learn("publickey");
        play.offer([rsa.clone()]);
        play
    };
    // Only the other hash is accepted, and nobody signs.
    let mut play = offer(HashFallback::AfterAnyRefusal);
    play.refuse("publickey");
    play.accept(&rsa);
    play.decline();
    let play = no_more(play);
    assert_eq!(
        diagnosis(&play).name(),
        "key_not_signed",
        "{}",
        play.table()
    );
    // The signature with the first hash is refused, and then the query for the other.
    let mut play = offer(HashFallback::AfterSignature);
    play.accept(&rsa);
    let attempts = play.client.report().attempts();
    let first = attempts.last().unwrap().algorithm().cloned();
    play.sign();
    play.refuse("publickey");
    play.refuse("publickey");
    let play = no_more(play);
    let Diagnosis::KeyAcceptedSignatureRefused { algorithm, .. } = diagnosis(&play) else {
        panic!("{}", play.table());
    };
    assert_eq!(algorithm, first, "{}", play.table());
}

/// A key that the server would take, then keys that it would not, then a key that it never saw.
#[test]
fn keys_without_a_signature_and_refused_ones() {
    let (laptop, work) = (key(1, "laptop"), key(2, "work"));
    let mut play = keys_only();
    accepted_key_nobody_signs_with(&mut play, &laptop);
    refused_key(&mut play, work.clone());
    let play = no_more(play);
    let Diagnosis::KeyNotSigned {
        identity,
        was_accepted: true,
        ..
    } = diagnosis(&play)
    else {
        panic!("{}", play.table());
    };
    assert_eq!(identity, laptop);
    let mut play = keys_only();
    unprobed_key_nobody_signs_with(&mut play, laptop.clone());
    refused_key(&mut play, work);
    let play = no_more(play);
    assert_eq!(
        diagnosis(&play).name(),
        "all_keys_refused",
        "{}",
        play.table()
    );
    let mut play = keys_only();
    unprobed_key_nobody_signs_with(&mut play, laptop.clone());
    let Diagnosis::KeyNotSigned {
        identity,
        was_accepted: false,
        ..
    } = diagnosis(&no_more(play))
    else {
        panic!("a key was to be used");
    };
    assert_eq!(identity, laptop);
}

/// A refused key is not one that "could not be offered", also if the caller offers it again.
#[test]
fn keys_that_could_not_be_offered_beside_a_refused_one() {
    let forbidden = identity("ssh-rsa", 4).with_algorithms(["ssh-rsa"]);
    for (others, number) in [
        (vec![], 0),
        (vec![key(1, "again")], 0),
        (vec![forbidden.clone()], 1),
        (vec![forbidden.clone(), key(1, "again"), forbidden], 1),
    ] {
        let mut play = keys_only();
        refused_key(&mut play, key(1, "laptop"));
        if !others.is_empty() {
            play.offer(others);
        }
        let play = no_more(play);
        let Diagnosis::AllKeysRefused {
            refused: 1,
            not_offered,
            ..
        } = diagnosis(&play)
        else {
            panic!("{}", play.table());
        };
        assert_eq!(not_offered, number, "{}", play.table());
    }
}

fn ask(play: &mut Play, prompts: usize) {
    let code = Prompt {
        text: b"Code: ",
        echo: false,
    };
    play.hear(&InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: vec![code; prompts],
    });
}

/// A round without prompts asks nothing, and nobody gave a wrong answer.
#[test]
fn prompts_that_never_came() {
    const METHOD: &str = "keyboard-interactive";
    for (rounds, listed) in [(0, METHOD), (1, METHOD), (1, "hostbased")] {
        let mut play = Play::new(config().methods([Method::KeyboardInteractive]));
        play.learn(METHOD);
        for _ in 0..rounds {
            ask(&mut play, 0);
        }
        play.refuse(listed);
        play.finish();
        let refused = diagnosis(&play);
        let Diagnosis::MethodRefused { method, .. } = refused else {
            panic!("{refused:?}, {}", play.table());
        };
        assert_eq!(method, Method::KeyboardInteractive);
    }
}

/// Who gave a wrong code is not told that nothing was asked, and only his answers are counted.
#[test]
fn prompts_that_did_not_come_again() {
    for rounds in [0, 1] {
        let mut play = Play::new(config().methods([Method::KeyboardInteractive]));
        play.learn("keyboard-interactive");
        ask(&mut play, 1);
        play.answers("123456");
        play.refuse("keyboard-interactive");
        for _ in 0..rounds {
            ask(&mut play, 0);
        }
        play.refuse("keyboard-interactive");
        play.finish();
        let refused = diagnosis(&play);
        assert!(
            matches!(refused, Diagnosis::AnswersRefused { tries: 1, .. }),
            "{refused:?}, {}",
            play.table()
        );
    }
}

/// Whichever came last is what the user remembers.
#[test]
fn answers_and_then_a_password() {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive,password");
    ask(&mut play, 1);
    play.answers("123456");
    play.refuse("password");
    for _ in 0..2 {
        play.password("wrong");
        play.refuse("password");
    }
    play.decline();
    play.finish();
    let refused = diagnosis(&play);
    assert!(
        matches!(refused, Diagnosis::PasswordRefused { tries: 2, .. }),
        "{refused:?}, {}",
        play.table()
    );
}

/// A server that wants a new password, and then takes the old one as one factor of two.
#[test]
fn a_demand_that_ended_in_a_factor() {
    let mut play = Play::new(config());
    play.learn("password");
    play.password("hunter2");
    play.hear(&PasswdChangeReq {
        prompt: b"",
        language: b"",
    });
    play.partial("hostbased");
    play.finish();
    let why = diagnosis(&play);
    assert_eq!(why.name(), "second_factor_missing", "{}", play.table());
}

/// What the server says when it closes: of too many tries, or of something else.
#[test]
fn words_and_code_of_a_disconnect() {
    for (refusals, code, words, name) in [
        (
            1,
            2,
            "Too many authentication failures",
            "too_many_refusals",
        ),
        (1, 2, "too many password attempts", "too_many_refusals"),
        (1, 14, "No supported methods left", "too_many_refusals"),
        (1, 14, "", "too_many_refusals"),
        (1, 11, "Bye Bye", "server_disconnected"),
        (1, 2, "Packet corrupt", "server_disconnected"),
        (1, 11, "", "server_disconnected"),
        // Not because of anything that was tried.
        (0, 11, "Too many connections", "server_disconnected"),
        (0, 14, "No supported methods left", "server_disconnected"),
    ] {
        let mut play = keys_only();
        play.offer((0..=refusals).map(|number| key(number, "a key")));
        for _ in 0..refusals {
            play.refuse("publickey");
        }
        play.client.disconnected(code, words.as_bytes());
        play.finish();
        let why = diagnosis(&play);
        assert_eq!(why.name(), name, "{refusals} refused, {code} {words:?}");
    }
}

/// With `SSH_MSG_DISCONNECT` or without it: the server may not bear what was sent ahead.
#[test]
fn a_disconnect_while_requests_are_sent_ahead() {
    let opening = Pipelining::Opening { queries: 3 };
    let methods = [Method::PublicKey];
    let mut play = Play::new(config().methods(methods).pipelining(opening));
    play.offer([key(1, "laptop"), key(2, "work")]);
    play.client.disconnected(2, b"Packet corrupt");
    play.finish();
    let why = diagnosis(&play);
    assert_eq!(why.name(), "sent_ahead", "{}", play.table());
    assert!(play.client.report().retry_config().is_some());
}

/// Before anything was sent there is nothing unanswered, and nobody was asked.
#[test]
fn a_connection_that_is_lost_before_the_first_request() {
    let session = session().service_request(ServiceRequest::Ours);
    let mut play = Play::on(session, config());
    play.send();
    play.client.connection_lost();
    play.finish();
    let lost = diagnosis(&play);
    assert!(
        matches!(
            lost,
            Diagnosis::ConnectionLost {
                refusals: 0,
                while_asking: false,
                ..
            }
        ),
        "{lost:?}"
    );
    let sentence = lost.to_string();
    assert!(sentence.contains("check the network"), "{sentence}");
    assert!(!sentence.contains("asked"), "{sentence}");
}

/// A query to learn the methods is no try; a key query is.
#[test]
fn refusals_that_count() {
    for (keys, refusals) in [(1, 0), (2, 1), (4, 3)] {
        let mut play = keys_only();
        play.offer((0..keys).map(|number| key(number, "a key")));
        for _ in 0..refusals {
            play.refuse("publickey");
        }
        play.client.connection_lost();
        play.finish();
        let lost = diagnosis(&play);
        let Diagnosis::UnansweredRequests {
            refusals: told,
            unanswered: 1,
            ..
        } = lost
        else {
            panic!("{lost:?}, {}", play.table());
        };
        assert_eq!(told, refusals, "{}", play.table());
    }
}
