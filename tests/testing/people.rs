//! Users and agents: what they do, always in the same way.

use ssh_userauth::{
    Action, Ending, HashFallback, Method, MethodChoice, Pipelining, UserAuthClient,
};
use ssh_userauth_testing::wire::{GssapiResponse, ObjectIdentifier, encode_exact};
use ssh_userauth_testing::{
    Account, Agent, FakeKey, Packet, Person, Policy, Round, RunOutcome, ScriptedServer,
};

use crate::support::{OPENING, account, alice, key, run, server, session};

use Method::{KeyboardInteractive, Password, PublicKey};

#[test]
fn the_last_password_is_typed_again_and_again() {
    let mut strict = server(Password, account().password("hunter2"));
    let mut person = Person::new().password("huntre2").password("hunter2");
    assert!(run(alice(), &mut strict, &mut person).is_authenticated());
    assert_eq!(strict.failures(), 1);

    let mut strict = server(Password, account().password("hunter2"));
    let mut person = Person::new().password("wrong");
    let run = run(alice(), &mut strict, &mut person);
    assert!(!run.is_authenticated());
    // The machine stops, not the person: three are enough.
    let passwords = run.requests().filter(|request| *request == "password");
    assert_eq!(passwords.count(), 3);
}

#[test]
fn an_expired_password_is_changed() {
    let account = || {
        let account = account().password("old").password_expired("Change it.");
        account.refuses_new_password("123456")
    };
    let mut strict = server(Password, account());
    let mut person = Person::new().password("old");
    person = person.new_password("123456").new_password("correct horse");
    let run_once = run(alice(), &mut strict, &mut person);
    assert!(run_once.is_authenticated(), "{}", run_once.transcript());
    let changes = run_once
        .requests()
        .filter(|request| *request == "password change");
    assert_eq!(changes.count(), 2);
    // That it had to be changed is no failure.
    assert_eq!(strict.failures(), 0);

    // Who has no new one does not get in with the old one.
    let mut strict = server(Password, account());
    let run = run(alice(), &mut strict, &mut Person::new().password("old"));
    assert!(!run.is_authenticated());
}

#[test]
fn prompts_are_answered_by_their_text() {
    let account = account()
        .round(
            Round::new()
                .name("Two factors")
                .hidden("Password: ", "hunter2"),
        )
        .round(
            Round::new()
                .instruction("Look at it.")
                .shown("Code: ", "123456"),
        );
    let person = || Person::new().answer("Code: ", "123456");
    let mut strict = server(KeyboardInteractive, account.clone());
    let mut knows_both = person().answer("Password: ", "hunter2");
    assert!(run(alice(), &mut strict, &mut knows_both).is_authenticated());
    assert_eq!(knows_both.questions(), 2);

    let mut strict = server(KeyboardInteractive, account);
    let run = run(alice(), &mut strict, &mut person());
    assert!(
        matches!(run.outcome(), RunOutcome::GaveUp(why) if why.ending() == Ending::NoMethodLeft)
    );
}

#[test]
fn an_agent_counts_touches() {
    let (right, other) = (key("right"), key("other"));
    let mut strict = server(PublicKey, account().key(right.identity()));
    let mut person = Person::new().key(other.clone()).key(right.clone());
    assert!(run(alice(), &mut strict, &mut person).is_authenticated());
    // A key that the server doesn't want is not touched.
    assert_eq!(person.agent().touches(other.identity()), 0);
    assert_eq!(person.agent().touches(right.identity()), 1);
}

/// Each of these agents has one key that the server wants, and can't or won't sign with it.
#[test]
fn an_agent_that_does_not_sign_gives_the_key_up() {
    let token = key("token");
    let rsa = FakeKey::of_type("ssh-rsa", "rsa");
    let new = Agent::new;
    for (case, agent, asked) in [
        ("refuses", new().refuses(token.clone()), token.clone()),
        ("babbles", new().babbles(token.clone()), token.clone()),
        ("wrong", new().signs_wrongly(token.clone()), token),
        ("sha1", new().signs_as(rsa.clone(), "ssh-rsa"), rsa),
    ] {
        let account = account().key(asked.identity()).password("hunter2");
        let mut strict = server(Policy::any([PublicKey, Password]), account);
        let mut person = Person::new().with_agent(agent).password("hunter2");
        let run = run(alice(), &mut strict, &mut person);
        assert!(run.is_authenticated(), "{case}: {}", run.transcript());
        assert_eq!(strict.factors(), [Password], "{case}");
        assert_eq!(person.agent().touches(asked.identity()), 1, "{case}");
    }
}

#[test]
fn an_old_agent_and_a_fallback() {
    let rsa = FakeKey::of_type("ssh-rsa", "rsa");
    let agent = || Agent::new().signs_as(rsa.clone(), "rsa-sha2-256");
    for (fallback, expected) in [
        (HashFallback::Never, false),
        (HashFallback::AfterSignature, true),
    ] {
        let account = account().key(rsa.identity());
        let mut strict =
            server(PublicKey, account).signature_algorithms(["rsa-sha2-512", "rsa-sha2-256"]);
        let mut person = Person::new().with_agent(agent());
        let run = run(alice().hash_fallback(fallback), &mut strict, &mut person);
        assert_eq!(run.is_authenticated(), expected, "{}", run.transcript());
    }
}

#[test]
fn the_person_chooses() {
    let account = account().password("hunter2").key(key("laptop").identity());
    let mut strict = server(Policy::any([PublicKey, Password]), account);
    let mut person = Person::new().key(key("laptop")).password("hunter2");
    person = person.chooses([Password, PublicKey]);
    let config = alice().method_choice(MethodChoice::Ask);
    assert!(run(config, &mut strict, &mut person).is_authenticated());
    assert_eq!(strict.factors(), [Password]);
}

#[test]
fn methods_of_ones_own_and_of_hosts() {
    const OWN: Method = Method::Other("own@example.org");
    let account = account().own_method(OWN, "open sesame");
    let mut strict = server(OWN, account);
    let mut person = Person::new().own_method(OWN, "open sesame");
    assert!(run(alice().methods([OWN]), &mut strict, &mut person).is_authenticated());

    let host = key("host");
    let account = Account::new("alice").host(host.identity(), "client.example.org", "al");
    let client_host = ssh_userauth::ClientHost::new("client.example.org", "al");
    let config = alice()
        .methods([Method::HostBased])
        .client_host(client_host.key(host.identity().clone()));
    let mut strict = server(Method::HostBased, account);
    let mut person = Person::new().key(host);
    assert!(run(config, &mut strict, &mut person).is_authenticated());
    assert_eq!(strict.factors(), [Method::HostBased]);
}

/// A question for a person.
fn asked() -> Action {
    let mut auth = UserAuthClient::new(alice(), session()).unwrap();
    let _ = auth.poll_action();
    auth.handle_packet(Packet::service_accept().bytes())
        .unwrap();
    let _ = auth.poll_action();
    auth.handle_packet(Packet::failure(["password"]).bytes())
        .unwrap();
    auth.poll_action().unwrap()
}

#[test]
fn a_person_thinks_for_so_many_polls() {
    for polls in 0..4 {
        let mut person = Person::new().password("hunter2").thinks_for(polls);
        assert!(!person.is_thinking() && person.poll().is_none());
        person.ask(asked());
        // A question that they are still thinking about is forgotten.
        person.ask(asked());
        for _ in 0..polls {
            assert!(person.is_thinking());
            assert!(person.poll().is_none());
        }
        assert!(person.is_thinking());
        assert!(person.poll().is_some());
        assert!(!person.is_thinking() && person.poll().is_none());
        assert_eq!(person.questions(), 2);
    }
}

/// While the person thinks, packets come in: a question may be taken back under them.
#[test]
fn a_person_may_be_too_late() {
    for polls in 0..4 {
        let account = account().key(key("laptop").identity()).password("hunter2");
        let mut strict = server(Policy::all([PublicKey, Password]), account).banner("Welcome");
        let mut person = Person::new().key(key("laptop")).password("hunter2");
        person = person.thinks_for(polls).offers_all_keys_at_once();
        let run = run(alice().pipelining(OPENING), &mut strict, &mut person);
        assert!(run.is_authenticated(), "{polls}: {}", run.transcript());
    }
}

/// What a person can't answer is declined, and the login goes on.
#[test]
fn what_nobody_knows_is_declined() {
    let mechanism = ObjectIdentifier::KERBEROS_V5.as_der();
    let chosen = encode_exact(&GssapiResponse { mechanism }).unwrap();
    for (config, reply) in [
        (
            alice()
                .methods([Method::GssapiWithMic])
                .gssapi_mechanisms([mechanism]),
            Some(Packet::raw(chosen)),
        ),
        (
            alice().methods([KeyboardInteractive]),
            Some(Packet::prompts([("Favourite colour? ", true)])),
        ),
        (alice().method_choice(MethodChoice::Ask), None),
        (alice().methods([Method::Other("otp@example.org")]), None),
    ] {
        let list = [
            "gssapi-with-mic",
            "keyboard-interactive",
            "password",
            "otp@example.org",
        ];
        let mut server = ScriptedServer::new()
            .says(Packet::service_accept())
            .says(Packet::failure(list));
        if let Some(reply) = reply {
            server = server.says(reply);
        }
        let config = config.pipelining(Pipelining::Off);
        let end = run(config, &mut server, &mut Person::new());
        assert_eq!(
            end.report().ending(),
            Some(Ending::NoMethodLeft),
            "{}",
            end.transcript()
        );
    }
}
