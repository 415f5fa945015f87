//! What the sentence says where the server gave less, or more, than in the cases of the
//! documentation.

use std::collections::HashSet;

use ssh_userauth::{
    AbandonReason, ClientHost, EarlyPassword, Ending, Identity, Method, Pipelining, Sha1Signatures,
    Unavailable,
};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::wire::{ExtInfo, Extension, encode_exact};

use crate::cases;
use crate::play::{Play, config, identity, key, session};

fn sentence(play: &Play) -> String {
    let report = play.client.report();
    let diagnosis = report
        .diagnosis()
        .unwrap_or_else(|| panic!("{}", report.table()));
    diagnosis.to_string()
}

/// `times` new passwords are sent, and none of them is good enough.
fn changed_in_vain(times: usize) -> Play {
    let mut play = cases::expired();
    for _ in 0..times {
        play.new_password("hunter3");
        play.hear(&ssh_userauth_testing::wire::PasswdChangeReq {
            prompt: b"Too simple.",
            language: b"",
        });
    }
    play.decline();
    play.finish();
    play
}

#[test]
fn new_passwords_that_were_not_taken() {
    for times in 1..=2 {
        let play = changed_in_vain(times);
        let sentence = sentence(&play);
        let counted = format!("demands a new password, and took none of the {times} ");
        assert!(sentence.contains(&counted), "{sentence}");
    }
}

#[test]
fn a_user_who_is_not_let_in_without_proof() {
    let mut play = Play::new(config().methods([Method::None]));
    play.refuse("publickey");
    play.finish();
    let sentence = sentence(&play);
    assert!(sentence.contains("without proof"), "{sentence}");
    assert!(
        sentence.starts_with("the server does not let "),
        "{sentence}"
    );
}

#[test]
fn a_method_that_was_refused_is_named() {
    let host = ClientHost::new("build1.example.org", "alice").key(key(1, "host key"));
    let config = config().methods([Method::HostBased]).client_host(host);
    let mut play = Play::new(config);
    play.learn("hostbased");
    play.sign_as_host();
    play.refuse("hostbased");
    play.finish();
    let sentence = sentence(&play);
    assert!(
        sentence.starts_with("the server refused hostbased;"),
        "{sentence}"
    );
}

/// One factor, and a list that names what is missing, or nothing.
fn after_a_key(methods: &str) -> Play {
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer([key(1, "laptop")]);
    play.accept(&key(1, "laptop"));
    play.sign();
    play.partial(methods);
    play.finish();
    play
}

#[test]
fn a_second_factor_that_nothing_was_given_for() {
    for (methods, wants) in [
        ("hostbased", "wants hostbased in addition"),
        ("", "wants another method that it does not name in addition"),
    ] {
        let sentence = sentence(&after_a_key(methods));
        assert!(sentence.contains(wants), "{sentence}");
        // Nothing was given, so nothing can be checked.
        let advice = "give what the server asks for in addition";
        assert!(sentence.ends_with(advice), "{sentence}");
        assert!(!sentence.contains("refused"), "{sentence}");
    }
}

/// An RSA key, and what the server lists of algorithms, if anything.
fn rsa_where(list: Option<&[u8]>) -> Play {
    let rsa = identity("ssh-rsa", 4).with_label("old laptop");
    let mut session = session();
    if let Some(value) = list {
        let name = b"server-sig-algs".as_slice();
        let entries = vec![Extension { name, value }];
        session = session.ext_info(encode_exact(&ExtInfo { entries }).unwrap());
    }
    let mut play = Play::on(session, config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer([rsa]);
    play.offer([]);
    play.finish();
    play
}

/// The sentence and the table say what the server takes, also if that is nothing.
#[test]
fn a_list_of_algorithms_that_has_none() {
    for (list, says, table) in [
        (
            &b"ssh-rsa"[..],
            "the server takes ssh-rsa",
            "the server's ssh-rsa",
        ),
        (
            b"",
            "the server takes none",
            "and the server's list is empty",
        ),
    ] {
        let play = rsa_where(Some(list));
        let sentence = sentence(&play);
        assert!(sentence.contains(says), "{sentence}");
        let skip = &play.client.report().skips()[0];
        let Unavailable::NoMutualAlgorithm { .. } = skip.reason() else {
            panic!("{}", play.table());
        };
        // The table breaks its lines.
        let shown: Vec<_> = play.table().split_whitespace().map(str::to_owned).collect();
        let reason = format!("{table} publickey:");
        assert!(shown.join(" ").contains(&reason), "{}", play.table());
    }
}

/// Quotation marks are only there for words.
#[test]
fn a_disconnect_without_words() {
    let mut play = Play::new(config());
    play.learn("password");
    play.client.disconnected(11, b"");
    play.finish();
    let sentence = sentence(&play);
    assert!(
        sentence.starts_with("the server closed the connection (code 11);"),
        "{sentence}"
    );
}

/// "2 key queries and 1 signature", with as many as there were.
#[test]
fn requests_that_were_sent_ahead_are_counted() {
    for (others, counted) in [
        (1, "1 key query and 1 signature unanswered"),
        (2, "2 key queries and 1 signature unanswered"),
    ] {
        let opening = Pipelining::Opening { queries: 3 };
        let methods = [Method::PublicKey];
        let mut play = Play::new(config().methods(methods).pipelining(opening));
        let others: Vec<_> = (1..=others).map(|number| key(number, "old")).collect();
        play.offer_unprobed_after(others, key(9, "laptop"));
        play.sign();
        play.client.connection_lost();
        play.finish();
        let sentence = sentence(&play);
        assert!(sentence.contains(counted), "{sentence}");
    }
}

/// A label of blanks names nothing.
#[test]
fn a_key_with_a_blank_label_is_named_by_its_type() {
    for label in ["", "  "] {
        let mut play = Play::new(config().methods([Method::PublicKey]));
        play.learn("publickey");
        let blank: Identity = identity("ssh-ed25519", 1).with_label(label);
        play.offer([blank]);
        play.refuse("publickey");
        play.offer([]);
        play.finish();
        let sentence = sentence(&play);
        assert!(sentence.contains("offered, ssh-ed25519 "), "{sentence}");
    }
}

/// Each ending has words of its own, for the log of a program.
#[test]
fn endings_in_words() {
    let mut words = HashSet::new();
    for (ending, about) in [
        (Ending::NoMethodLeft, "method"),
        (Ending::RequestsSpent, "limit"),
        (Ending::Cancelled, "cancelled"),
        (
            Ending::Abandoned(AbandonReason::ServerTimeout),
            "server took too long",
        ),
        (
            Ending::Abandoned(AbandonReason::CallerTimeout),
            "answer took too long",
        ),
        (Ending::Abandoned(AbandonReason::Other), "abandoned"),
        (Ending::ServerDisconnected, "server closed"),
        (Ending::ConnectionLost, "lost"),
        (Ending::NoUserAuth, "does not offer user authentication"),
        (Ending::TrivialSuccess, "no proof"),
    ] {
        let text = ending.to_string();
        assert!(text.contains(about), "{ending:?}: {text}");
        assert!(words.insert(text.clone()), "said twice: {text}");
    }
}

/// Several keys of a type that is not wanted, and a server that has not said what is.
#[test]
fn keys_without_an_algorithm() {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer([identity("ssh-dss", 4), identity("ssh-dss", 5)]);
    play.offer([]);
    play.finish();
    let text = sentence(&play);
    assert!(text.contains("none of 2 keys could be offered"), "{text}");

    let sha1 = config().sha1_signatures(Sha1Signatures::Allow);
    let mut play = Play::new(sha1.methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer([identity("ssh-rsa", 4).with_algorithms(["ssh-rsa"])]);
    play.offer([]);
    play.finish();
    let text = sentence(&play);
    assert!(text.contains("it signs with ssh-rsa"), "{text}");
    assert!(
        text.contains("the server did not say what it takes"),
        "{text}"
    );
}

/// A connection that breaks while a password is on its way behind a key query.
#[test]
fn requests_that_nobody_answered_are_named_by_their_method() {
    let config = config()
        .methods([Method::PublicKey, Method::Password])
        .early_password(EarlyPassword::InOpening)
        .pipelining(Pipelining::Opening { queries: 3 });
    let mut play = Play::new(config);
    play.offer([key(1, "laptop"), key(2, "work")]);
    play.password("hunter2");
    play.refuse("publickey,password");
    play.client.connection_lost();
    play.finish();
    let text = sentence(&play);
    assert!(
        text.contains("1 key query and 1 password request"),
        "{text}"
    );
}
