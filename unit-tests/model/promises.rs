//! The promises, checked on every state and on every edge.

use super::*;

/// What holds in every state.
pub(super) fn of_state(world: &World) {
    let client = &world.client;
    // Not stuck: finished, or a question is open, or a reply is awaited.
    let waits = client.open.is_some() || !client.flight.is_empty();
    assert_eq!(world.is_terminal(), !waits, "{client:#?}");
    // The turn says who is waited for.
    let turn = match (world.is_terminal(), client.flight.is_empty()) {
        (true, _) => Turn::Nobody,
        (false, false) => Turn::Server,
        (false, true) => Turn::Caller,
    };
    assert_eq!(client.turn(), turn);
    // A question is open if and only if the caller holds a token.
    assert_eq!(client.open.is_some(), world.held.is_some(), "{client:#?}");
    // Exactly one service request.
    assert_eq!(world.seen.service_requests, 1);
    // At most one end.
    assert!(world.seen.ends <= 1);
    only_the_last_can_succeed(client);
    declining_ends(world);
}

/// Only the last request on its way can succeed or open a dialogue; but a password may stand
/// behind a signature if the caller says so.
fn only_the_last_can_succeed(client: &UserAuthClient) {
    let (last, mut others) = client.flight.split_last();
    let config = &client.run.context.login.config;
    if config.early_password == EarlyPassword::BehindSignature
        && matches!(last, Some(Dialogue::Password(_)))
    {
        others.pop_if(|dialogue| dialogue.is_signed_with_key());
    }
    let mut others = others.into_iter();
    assert!(
        others.all(|dialogue| dialogue.success_rule() == SuccessRule::KeyQuery),
        "{client:#?}"
    );
}

/// From every state, declining again and again ends.
fn declining_ends(world: &World) {
    let mut world = world.clone();
    let failure = packets()
        .into_iter()
        .find(|packet| packet.name == "FAILURE(every)")
        .unwrap();
    for _ in 0..100 {
        if world.is_terminal() {
            return;
        }
        match world.held.take().and_then(Action::decline) {
            Some(answer) => world.client.handle_answer(answer).unwrap(),
            None => {
                // The service request can only be accepted.
                let accept = matches!(world.client.flight.oldest(), Some(Sent::ServiceRequest));
                let bytes = if accept { &[6][..] } else { &failure.bytes };
                let _ = world.client.handle_packet(bytes);
            }
        }
        world.drain();
    }
    panic!("declining does not end: {:#?}", world.client);
}

/// What holds on every edge.
pub(super) fn of_edge(before: &World, input: &Input, outcome: &Outcome) {
    let after = &outcome.world;
    let edge = || {
        format!(
            "{} in {:#?}\n-> {}, {:#?}",
            input.name(),
            before.client,
            outcome.result,
            outcome.actions
        )
    };
    answers(before, input, outcome, &edge);
    ends(before, input, outcome, &edge);
    requests(before, input, outcome, &edge);
    let questions = outcome.actions.iter().filter(|action| is_question(action));
    // Never two.
    assert!(questions.count() <= 1, "{}", edge());
    // Factors only grow.
    let factors = |world: &World| world.client.report().factors().collect::<Vec<_>>();
    assert!(factors(after).starts_with(&factors(before)), "{}", edge());
}

/// A fresh answer is always taken; a stale or foreign one changes nothing.
fn answers(before: &World, input: &Input, outcome: &Outcome, edge: &dyn Fn() -> String) {
    let Input::Caller(name) = input else { return };
    let unchanged = || {
        assert_eq!(outcome.world.key(), before.key(), "{}", edge());
        assert!(outcome.actions.is_empty(), "{}", edge());
    };
    match *name {
        "stale answer" => {
            let withdrawn = format!("{:?}", Err::<(), _>(AnswerError::Withdrawn));
            if before.stale.is_some() {
                assert_eq!(outcome.result, withdrawn, "{}", edge());
            }
            unchanged();
        }
        "foreign answer" => {
            let foreign = format!("{:?}", Err::<(), _>(AnswerError::OtherConnection));
            assert_eq!(outcome.result, foreign, "{}", edge());
            unchanged();
        }
        "password too long" => {
            // Refused, and the same question again.
            assert!(outcome.result.contains("TooLong"), "{}", edge());
            assert_eq!(outcome.actions.len(), 1, "{}", edge());
            assert_eq!(outcome.world.key(), before.key(), "{}", edge());
        }
        "sign with nothing" | "too few answers" => unchanged(),
        "decline pending" => {
            let open = before.client.open.is_some();
            assert_eq!(outcome.result, format!("{open}"), "{}", edge());
        }
        "cancel" | "abandon" | "disconnected" => {
            if !before.is_terminal() {
                let [Action::GiveUp(why)] = &outcome.actions[..] else {
                    panic!("{}", edge());
                };
                let code = if *name == "cancel" { 13 } else { 11 };
                assert_eq!(why.disconnect_reason().code(), code, "{}", edge());
            }
        }
        "unimplemented" | "one by one" => {}
        _ if before.held.is_some() => assert_eq!(outcome.result, "Ok(())", "{}", edge()),
        _ => unchanged(),
    }
}

/// How a run ends, and that it stays ended.
fn ends(before: &World, input: &Input, outcome: &Outcome, edge: &dyn Fn() -> String) {
    let after = &outcome.world;
    if before.is_terminal() {
        // Nothing after the end, and a protocol error is repeated.
        assert!(outcome.actions.is_empty(), "{}", edge());
        stays_ended(before, input, outcome, edge);
        if let (Phase::Failed(error), Input::Packet(_)) = (&before.client.phase, input) {
            assert_eq!(
                outcome.result,
                format!("protocol error: {error}"),
                "{}",
                edge()
            );
        }
    }
    if outcome.result.starts_with("protocol error") {
        // Final and silent.
        assert!(matches!(after.client.phase, Phase::Failed(_)), "{}", edge());
        assert!(outcome.actions.is_empty(), "{}", edge());
        assert!(after.client.open.is_none() && after.client.flight.is_empty());
    }
    for action in &outcome.actions {
        let Action::StartService(done) = action else {
            continue;
        };
        // Only SUCCESS authenticates, only while a request that may earn it is out.
        assert_eq!(input.name(), "SUCCESS", "{}", edge());
        let earned = match before.client.flight.oldest() {
            Some(Sent::Request(Dialogue::PublicKey(dialogue), ..)) => {
                !matches!(dialogue, publickey::Dialogue::Querying(_))
                    || !before.client.plan.was_refused()
            }
            Some(Sent::Request(Dialogue::Gssapi(dialogue), ..)) => dialogue.is_at_its_end(),
            Some(Sent::Request(..)) => true,
            Some(Sent::ServiceRequest) | None => false,
        };
        assert!(earned, "{}", edge());
        // Trivial if and only if nothing substantive was sent.
        assert_eq!(done.is_trivial(), !after.seen.substantive, "{}", edge());
    }
}

/// Only a reply that is still owed to what was sent before a success is taken, once each, until
/// the service speaks.
fn stays_ended(before: &World, input: &Input, outcome: &Outcome, edge: &dyn Fn() -> String) {
    let after = &outcome.world;
    let (Phase::Ended { owed }, Phase::Ended { owed: left }) =
        (&before.client.phase, &after.client.phase)
    else {
        return assert_eq!(after.key(), before.key(), "{}", edge());
    };
    assert_eq!(after.seen, before.seen, "{}", edge());
    let number = match input {
        Input::Packet(packet) => packet.bytes.first().copied(),
        Input::Caller("unimplemented") => Some(wire::number::UNIMPLEMENTED),
        Input::Caller(_) => None,
    };
    let is_reply = matches!(number, Some(3 | 51 | 60..=79));
    match number {
        Some(80..) => assert_eq!(*left, 0, "{}", edge()),
        _ if is_reply && *owed > 0 => {
            assert_eq!(
                (*left, outcome.result.as_str()),
                (owed - 1, "Taken"),
                "{}",
                edge()
            );
        }
        _ => assert_eq!(left, owed, "{}", edge()),
    }
    if number.is_some() && left == owed {
        assert_eq!(outcome.result, "NotOurs", "{}", edge());
    }
}

/// What is sent, and why it may be.
fn requests(before: &World, input: &Input, outcome: &Outcome, edge: &dyn Fn() -> String) {
    let client = &outcome.world.client;
    for action in &outcome.actions {
        match action {
            Action::NeedSignature(need) => {
                // Never while the verdict on another is awaited.
                assert!(!client.flight.awaits_verdict(), "{}", edge());
                // No SHA-1, and the session identifier in front.
                assert_ne!(need.algorithm(), "ssh-rsa", "{}", edge());
                let mut front = alloc::vec![0, 0, 0, 32];
                front.extend([7; 32]);
                front.push(50);
                assert!(need.data().starts_with(&front), "{}", edge());
            }
            Action::SendRequest(payload) => {
                let message = ClientMessage::decode(payload.bytes()).unwrap();
                if let ClientMessage::Request(request) = message {
                    request_may_be_sent(before, input, &outcome.world, &request, edge);
                }
            }
            _ => {}
        }
    }
}

fn request_may_be_sent(
    before: &World,
    input: &Input,
    after: &World,
    request: &wire::Request<'_>,
    edge: &dyn Fn() -> String,
) {
    // The user and the service never change.
    assert_eq!(
        (request.user, request.service),
        (&b"u"[..], &b"ssh-connection"[..])
    );
    let asked = |is_asked: bool| assert!(is_asked, "not asked for: {}", edge());
    // Only methods of the latest list, but for `none`.
    let method = match &request.method {
        RequestMethod::PublicKey {
            algorithm,
            key,
            signature,
        } => {
            assert_ne!(*algorithm, b"ssh-rsa", "SHA-1: {}", edge());
            if let Some(signature) = signature {
                signed_as_asked(before, algorithm, key, signature, edge);
            }
            Method::PublicKey
        }
        RequestMethod::Password { password } => {
            // A password leaves only in answer to a password question.
            asked(matches!(before.held, Some(Action::NeedPassword(_))));
            assert_eq!(input.name(), "password", "{}", edge());
            assert_eq!(*password, alphabet::PASSWORD.as_bytes());
            Method::Password
        }
        RequestMethod::HostBased { signature, .. } => {
            let Some(Action::NeedHostSignature(need)) = &before.held else {
                panic!("{}", edge());
            };
            let own = alphabet::signature(need.signature_algorithm());
            assert_eq!(own, *signature, "{}", edge());
            Method::HostBased
        }
        RequestMethod::GssapiWithMic { .. } => Method::GssapiWithMic,
        RequestMethod::GssapiKeyex { .. } => {
            asked(matches!(before.held, Some(Action::NeedGssapiMic(_))));
            Method::GssapiKeyex
        }
        RequestMethod::Other { .. } => {
            asked(matches!(before.held, Some(Action::NeedMethodRequest(_))));
            Method::Other(alphabet::OWN)
        }
        RequestMethod::PasswordChange { .. } => {
            // Only after the server demanded it.
            asked(matches!(before.held, Some(Action::NeedNewPassword(_))));
            assert_eq!(input.name(), "new password", "{}", edge());
            // The server wants it, whatever it listed in the reply to a request before.
            return;
        }
        RequestMethod::KeyboardInteractive { .. } => Method::KeyboardInteractive,
        _ => Method::None,
    };
    assert!(after.client.plan.allows(method), "{}", edge());
}

/// What is signed is what was asked for, and the request is the data behind the session
/// identifier, followed by the signature.
fn signed_as_asked(
    before: &World,
    algorithm: &[u8],
    key: &[u8],
    signature: &[u8],
    edge: &dyn Fn() -> String,
) {
    let Some(Action::NeedSignature(need)) = &before.held else {
        panic!("not asked for: {}", edge());
    };
    assert_eq!(need.algorithm().as_bytes(), algorithm, "{}", edge());
    assert_eq!(need.identity().blob(), key, "{}", edge());
    let own = alphabet::signature(need.algorithm());
    assert_eq!(own, signature, "forwarded verbatim: {}", edge());
    let data = wire::PublicKeySignatureData::decode(need.data()).unwrap();
    assert_eq!((data.algorithm, data.key), (algorithm, key), "{}", edge());
}
