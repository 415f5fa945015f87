//! No secret is found in memory that was freed, at the end of any conversation.

use memory_check::{
    Caller, KERBEROS, MARKER, Watching, all_methods, change_request, failure, marked, packet,
    prompts, search, success,
};
use ssh_userauth::{
    Action, GssapiIntegrity, Limits, Method, Secret, ServiceRequest, Session, UserAuthClient,
};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// The search finds what is not wiped: freed, and moved when it grows.
#[test]
fn the_search_works() {
    assert_eq!(search(|| drop(marked())), 1);
    let grown = search(|| {
        let mut secret = marked();
        secret.reserve(1000);
        secret.fill(0);
    });
    assert_eq!(grown, 1);
    assert_eq!(search(|| drop(vec![0; 100])), 0);
    assert_eq!(search(|| drop(Secret::new(marked()))), 0);
    let mut roomy = Vec::with_capacity(100);
    roomy.extend_from_slice(&MARKER);
    assert_eq!(search(|| drop(Secret::new(roomy))), 0);
}

type Play = fn(&mut Caller);

fn refuse(caller: &mut Caller, list: &[u8]) {
    caller.hear(&failure(list, false));
}

/// A secret of each kind was sent, or is asked for.
const BEGINNINGS: [(&str, Play); 6] = [
    ("password", |caller| {
        refuse(caller, b"password");
        caller.answer();
    }),
    ("change", |caller| {
        refuse(caller, b"password");
        caller.answer();
        caller.hear(&change_request(b"expired"));
        caller.answer();
    }),
    ("answers", |caller| {
        refuse(caller, b"keyboard-interactive");
        caller.hear(&prompts(1, b"Password: "));
        caller.answer();
    }),
    ("many answers in many rounds", |caller| {
        refuse(caller, b"keyboard-interactive");
        for _ in 0..5 {
            caller.hear(&prompts(100, b"Code: "));
            caller.answer();
        }
    }),
    ("own method", |caller| {
        refuse(caller, b"own@example.org");
        caller.answer();
        caller.hear(&[70, 1, 2, 3]);
        caller.answer();
    }),
    ("nothing yet", |caller| refuse(caller, b"password")),
];

const ALL: &[u8] = b"password,keyboard-interactive,own@example.org";

const ENDS: [(&str, Play); 9] = [
    ("success", |caller| {
        caller.hear(&success());
    }),
    ("refused for ever", |caller| {
        for _ in 0..100 {
            caller.answer();
            refuse(caller, ALL);
            caller.hear(&prompts(2, b"x"));
        }
    }),
    ("partial successes for ever", |caller| {
        for _ in 0..100 {
            caller.answer();
            caller.hear(&failure(ALL, true));
        }
    }),
    ("cancelled", |caller| {
        caller.client.cancel();
        caller.poll();
        caller.answer();
    }),
    ("protocol error", |caller| {
        caller.hear(&[90]);
        caller.answer();
    }),
    ("disconnected", |caller| {
        caller.client.disconnected(2, b"bye");
        caller.poll();
    }),
    ("declined", |caller| {
        caller.client.decline_pending();
        caller.poll();
    }),
    ("demands for ever", |caller| {
        for _ in 0..10 {
            caller.hear(&change_request(b"again"));
            caller.answer();
        }
    }),
    ("dropped", |_| {}),
];

#[test]
fn no_secret_is_left_of_any_conversation() {
    let mut conversations = 0;
    for (beginning, begin) in BEGINNINGS {
        for (ending, end) in ENDS {
            let found = search(|| {
                let mut caller = Caller::with_all_methods();
                begin(&mut caller);
                end(&mut caller);
            });
            assert_eq!(found, 0, "{beginning}, then {ending}");
            conversations += 1;
        }
    }
    println!("{conversations} conversations leave no secret");
}

/// A caller at the question for a password.
fn asked() -> Caller {
    let mut caller = Caller::with_all_methods();
    refuse(&mut caller, b"password");
    caller
}

fn password_answer(caller: &mut Caller, secret: impl Into<Secret>) -> ssh_userauth::Answer {
    match caller.asked.take() {
        Some(Action::NeedPassword(need)) => need.password(secret),
        other => panic!("{other:?}"),
    }
}

/// What was answered and never polled.
#[test]
fn no_secret_is_left_of_what_never_left() {
    type End = fn(&mut UserAuthClient);
    let ends: [End; 5] = [
        |_| {},
        |client| client.cancel(),
        |client| client.connection_lost(),
        |client| assert!(client.handle_packet(&[90]).is_err()),
        |client| assert!(client.handle_packet(&success()).is_err()),
    ];
    for (index, end) in ends.into_iter().enumerate() {
        let found = search(|| {
            let mut caller = asked();
            let answer = password_answer(&mut caller, marked());
            caller.client.handle_answer(answer).unwrap();
            end(&mut caller.client);
            drop(caller);
        });
        assert_eq!(found, 0, "end {index}");
    }
}

/// Answers that are not taken, or not even given.
#[test]
fn no_secret_is_left_of_an_answer_that_was_not_taken() {
    let dropped = search(|| {
        let mut caller = asked();
        drop(password_answer(&mut caller, marked()));
    });
    assert_eq!(dropped, 0, "dropped");
    let withdrawn = search(|| {
        let mut caller = asked();
        let answer = password_answer(&mut caller, marked());
        caller.client.cancel();
        assert!(caller.client.handle_answer(answer).is_err());
    });
    assert_eq!(withdrawn, 0, "withdrawn");
    let foreign = search(|| {
        let mut caller = asked();
        let session = Session::encrypted([8; 32]).service_request(ServiceRequest::Accepted);
        let mut other = UserAuthClient::new(all_methods(), session).unwrap();
        let answer = password_answer(&mut caller, marked());
        assert!(other.handle_answer(answer).is_err());
    });
    assert_eq!(foreign, 0, "for another connection");
    let too_long = search(|| {
        let mut limits = Limits::default();
        limits.max_password_bytes = 4;
        let mut caller = Caller::new(all_methods().limits(limits));
        refuse(&mut caller, b"password");
        let answer = password_answer(&mut caller, marked());
        assert!(caller.client.handle_answer(answer).is_err());
    });
    assert_eq!(too_long, 0, "too long");
    let wrong_count = search(|| {
        let mut caller = Caller::with_all_methods();
        refuse(&mut caller, b"keyboard-interactive");
        caller.hear(&prompts(2, b"x"));
        let Some(Action::NeedAnswers(need)) = caller.asked.take() else {
            panic!("answers are asked for");
        };
        assert!(need.answers([marked()]).is_err());
    });
    assert_eq!(wrong_count, 0, "wrong count");
}

/// More than a packet can hold: given up, and wiped.
#[test]
fn no_secret_is_left_of_what_no_packet_can_hold() {
    let found = search(|| {
        let mut caller = Caller::with_all_methods();
        refuse(&mut caller, b"keyboard-interactive");
        caller.hear(&prompts(6, b"x"));
        let Some(Action::NeedAnswers(need)) = caller.asked.take() else {
            panic!("answers are asked for");
        };
        let long = || {
            let mut secret = Vec::with_capacity(60_000);
            while secret.len() + MARKER.len() <= 60_000 {
                secret.extend_from_slice(&MARKER);
            }
            Secret::new(secret)
        };
        let answer = need.answer_each(|_| long());
        caller.client.handle_answer(answer).unwrap();
        caller.poll();
    });
    assert_eq!(found, 0);
}

/// Whether the bytes were taken over or copied.
#[test]
fn no_secret_is_left_of_how_it_was_made() {
    type Make = fn() -> Secret;
    let made: [Make; 2] = [|| Secret::new(marked()), || Secret::from(&MARKER[..])];
    for make in made {
        assert_eq!(search(|| drop(make())), 0);
    }
    let found = search(|| {
        let mut caller = asked();
        let answer = password_answer(&mut caller, &MARKER[..]);
        caller.client.handle_answer(answer).unwrap();
        caller.poll();
    });
    assert_eq!(found, 0);
}

/// The last token of an exchange waits for the MIC, and is a secret until it is sent.
#[test]
fn a_token_that_was_not_sent_is_wiped() {
    type Finish = fn(&mut Caller);
    let ends: [(&str, Finish); 2] = [
        ("cancelled", |caller| caller.client.cancel()),
        ("dropped", |_| {}),
    ];
    for (name, end) in ends {
        let config = all_methods().methods([Method::GssapiWithMic]);
        let found = search(|| {
            let mut caller = Caller::new(config);
            refuse(&mut caller, b"gssapi-with-mic");
            caller.hear(&packet(60, &[&KERBEROS]));
            let Some(Action::NeedGssapiToken(need)) = caller.asked.take() else {
                panic!("a token is asked for");
            };
            let answer = need.established(Some(marked()), GssapiIntegrity::Available);
            caller.client.handle_answer(answer).unwrap();
            caller.poll();
            end(&mut caller);
        });
        assert_eq!(found, 0, "{name}");
    }
}
