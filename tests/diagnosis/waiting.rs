//! A server that refuses while the user is asked: it waited no longer, and saw no answer. Nobody is
//! told that an answer was wrong, nor shown one that never left.

use ssh_userauth::{Action, Config, Method, Outcome};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use ssh_userauth_testing::wire::{
    Failure, InfoRequest, MethodMessage, NameList, PasswdChangeReq, Prompt,
};

use crate::cases;
use crate::play::{Play, config, key};

const PROMPTS: &str = "keyboard-interactive";
const OWN: Method = Method::Other("ping@example.org");

fn diagnosis(play: &Play) -> Diagnosis {
    let report = play.client.report();
    report
        .diagnosis()
        .unwrap_or_else(|| panic!("{}", report.table()))
}

/// The name of a diagnosis, its method, and how often something was tried.
type Told = (&'static str, Method, usize);

fn told(play: &Play) -> Told {
    let why = diagnosis(play);
    let (method, times) = match why {
        Diagnosis::RefusedWhileAsking { method, times, .. } => (method, times),
        Diagnosis::AnswersRefused { tries, .. } => (Method::KeyboardInteractive, tries),
        Diagnosis::PasswordExpired { changes, .. } => (Method::Password, changes),
        Diagnosis::MethodRefused { method, .. } => (method, 0),
        ref other => panic!("{other:?}"),
    };
    (why.name(), method, times)
}

fn stopped_waiting(method: Method, times: usize) -> Told {
    ("refused_while_asking", method, times)
}

fn answers_refused(times: usize) -> Told {
    ("answers_refused", Method::KeyboardInteractive, times)
}

fn outcomes(play: &Play) -> Vec<Outcome> {
    let attempts = play.client.report().attempts().iter();
    attempts.map(|attempt| attempt.outcome()).collect()
}

/// Prompts, and `none` was refused.
fn prompted() -> Play {
    let mut play = Play::new(config().methods([Method::KeyboardInteractive]));
    play.learn(PROMPTS);
    play
}

fn wrong_answer(play: &mut Play) {
    cases::prompt(play);
    play.answers("123456");
    play.refuse(PROMPTS);
}

fn no_answer(play: &mut Play) {
    cases::prompt(play);
    play.refuse(PROMPTS);
}

/// One round is answered, and the next is not.
fn half_an_answer(play: &mut Play) {
    cases::prompt(play);
    play.answers("123456");
    no_answer(play);
}

fn given_up(mut play: Play) -> Play {
    cases::prompt(&mut play);
    play.decline();
    play.finish();
    play
}

/// What the user did last is what he remembers, and only what is alike is counted.
#[test]
fn the_last_refusal_tells_whether_there_was_an_answer() {
    type Exchange = fn(&mut Play);
    let waited = |times| stopped_waiting(Method::KeyboardInteractive, times);
    let refused = answers_refused;
    let exchanges: [(&[Exchange], Told); 7] = [
        (&[no_answer], waited(1)),
        (&[half_an_answer], waited(1)),
        (&[no_answer, half_an_answer], waited(2)),
        (&[wrong_answer, no_answer], waited(1)),
        (&[wrong_answer, half_an_answer], waited(1)),
        (&[no_answer, wrong_answer], refused(1)),
        (&[half_an_answer, wrong_answer], refused(1)),
    ];
    for (number, (exchanges, why)) in exchanges.into_iter().enumerate() {
        let mut play = prompted();
        for exchange in exchanges {
            exchange(&mut play);
        }
        let play = given_up(play);
        assert_eq!(told(&play), why, "{number}: {}", play.table());
    }
}

/// Words of the end, the table, the diagram and the data.
#[test]
fn what_is_shown_of_an_answer_that_never_was() {
    let mut play = prompted();
    half_an_answer(&mut play);
    let play = given_up(play);
    let asked = Outcome::RefusedWhileAsking;
    assert_eq!(outcomes(&play)[1], asked);
    let sentence = diagnosis(&play).to_string();
    assert!(
        sentence.starts_with("the server stopped waiting for an answer to its prompts; "),
        "{sentence}"
    );
    assert!(
        sentence.ends_with("; answer sooner, or ask the server's administrator how long it waits"),
        "{sentence}"
    );
    assert!(!sentence.contains("refused"), "{sentence}");
    let table = play.table();
    assert!(
        table.contains("  refused while asking, 2 rounds\n"),
        "{table}"
    );
    let diagram = play.diagram();
    let drawn = "Server-->>Client: (2) refused while asking, offers keyboard-interactive\n";
    assert!(diagram.contains(drawn), "{diagram}");
    let json = serde_json::to_value(play.client.report().data()).unwrap();
    assert_eq!(json["attempts"][1]["outcome"], "refused_while_asking");
    assert_eq!(json["diagnosis"]["name"], "refused_while_asking");
}

fn refuse_before_sending(play: &mut Play, methods: &str) {
    let methods = NameList::new(methods.as_bytes()).unwrap();
    play.hear_before_sending(&Failure {
        methods,
        partial_success: false,
    });
    play.send();
}

/// The user was too late by little: the answer is in the outbox, and never leaves.
#[test]
fn an_answer_that_never_left() {
    let mut play = prompted();
    cases::prompt(&mut play);
    play.answers("123456");
    cases::prompt(&mut play);
    play.answer(|question| match question {
        Action::NeedAnswers(need) => need.answer_each(|_| "123456"),
        other => panic!("no prompts: {other:?}"),
    });
    refuse_before_sending(&mut play, PROMPTS);
    let play = given_up(play);
    let why = stopped_waiting(Method::KeyboardInteractive, 1);
    assert_eq!(told(&play), why, "{}", play.table());
    let diagram = play.diagram();
    let of_it = diagram.lines().filter_map(|line| line.split_once("(2) "));
    let said: Vec<_> = of_it.map(|(_, what)| what).collect();
    let refused = "refused while asking, offers keyboard-interactive";
    let rounds = ["prompts", "answers", "prompts"];
    assert_eq!(said[1..], [&rounds[..], &[refused]].concat(), "{diagram}");
}

/// A round without prompts asks nobody: the answer of the round before was refused.
#[test]
fn a_round_without_prompts_keeps_nobody_waiting() {
    for answered in [true, false] {
        let mut play = prompted();
        if answered {
            cases::prompt(&mut play);
            play.answers("123456");
        }
        // Its answer is in the outbox, and never leaves.
        play.hear_before_sending(&InfoRequest {
            name: b"",
            instruction: b"",
            language: b"",
            prompts: Vec::<Prompt<'_>>::new(),
        });
        refuse_before_sending(&mut play, PROMPTS);
        assert_eq!(outcomes(&play)[1], Outcome::Refused, "{}", play.table());
        let (play, why) = match answered {
            true => (given_up(play), answers_refused(1)),
            false => {
                play.finish();
                (play, ("method_refused", Method::KeyboardInteractive, 0))
            }
        };
        assert_eq!(told(&play), why, "{}", play.table());
        let answers = play.diagram().matches("(2) answers").count();
        assert_eq!(answers, usize::from(answered), "{}", play.diagram());
    }
}

fn demand(play: &mut Play) {
    play.hear(&PasswdChangeReq {
        prompt: b"Your password has expired.",
        language: b"",
    });
}

/// The latest demand tells, and nobody is told that a new password was not good enough.
#[test]
fn a_demand_for_a_new_password_that_was_not_answered() {
    let mut play = cases::expired();
    play.new_password("hunter3");
    demand(&mut play);
    play.refuse("password");
    play.decline();
    play.finish();
    let waited = stopped_waiting(Method::Password, 1);
    assert_eq!(told(&play), waited, "{}", play.table());
    let sentence = diagnosis(&play).to_string();
    assert!(
        sentence.contains("waiting for the new password"),
        "{sentence}"
    );
    let table = play.table();
    let row = "  refused while asking for a new password\n";
    assert!(table.contains(row), "{table}");

    let mut play = cases::expired();
    play.refuse("password");
    play.password("hunter2");
    demand(&mut play);
    play.decline();
    play.finish();
    let expired = ("password_expired", Method::Password, 0);
    assert_eq!(told(&play), expired, "{}", play.table());
}

/// The key was accepted, and the code came too late: there is nothing to check.
#[test]
fn a_second_factor_that_was_not_answered() {
    let second = |exchanges: &[fn(&mut Play)]| {
        let mut play = Play::new(config());
        play.learn("publickey");
        play.offer([key(1, "laptop")]);
        play.accept(&key(1, "laptop"));
        play.sign();
        play.partial(PROMPTS);
        for exchange in exchanges {
            exchange(&mut play);
        }
        diagnosis(&given_up(play))
    };
    let lists = |why: &Diagnosis| match why {
        Diagnosis::SecondFactorMissing {
            refused,
            refused_while_asking,
            ..
        } => [refused.len(), refused_while_asking.len()],
        other => panic!("{other}"),
    };
    let why = second(&[no_answer, half_an_answer]);
    assert_eq!(lists(&why), [0, 1]);
    let sentence = why.to_string();
    assert!(
        sentence
            .contains(", but stopped waiting for an answer by keyboard-interactive; answer sooner"),
        "{sentence}"
    );
    let why = second(&[wrong_answer, no_answer]);
    assert_eq!(lists(&why), [0, 1]);
    let why = second(&[no_answer, wrong_answer]);
    assert_eq!(lists(&why), [1, 0]);
    let sentence = why.to_string();
    assert!(
        sentence.ends_with(", but refused keyboard-interactive; check what was given for it"),
        "{sentence}"
    );
}

/// Two methods, and one of them was answered.
#[test]
fn a_second_factor_of_two_that_were_refused() {
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer([key(1, "laptop")]);
    play.accept(&key(1, "laptop"));
    play.sign();
    play.partial(PROMPTS);
    cases::prompt(&mut play);
    play.refuse("password");
    play.password("hunter2");
    play.refuse("password");
    play.decline();
    play.finish();
    let sentence = diagnosis(&play).to_string();
    let but =
        ", but refused password and stopped waiting for an answer by keyboard-interactive; check";
    assert!(sentence.contains(but), "{sentence}");
}

#[test]
fn a_method_of_the_callers_own_that_was_not_answered() {
    let mut play = Play::new(Config::new("alice").methods([OWN]));
    play.learn(OWN.name());
    play.answer(|question| match question {
        Action::NeedMethodRequest(need) => need.request("x"),
        other => panic!("no request: {other:?}"),
    });
    play.hear(&MethodMessage::new(60, b"?").unwrap());
    play.refuse(OWN.name());
    play.decline();
    play.finish();
    let waited = stopped_waiting(OWN, 1);
    assert_eq!(told(&play), waited, "{}", play.table());
    let sentence = diagnosis(&play).to_string();
    assert!(
        sentence.contains("an answer by ping@example.org;"),
        "{sentence}"
    );
}
