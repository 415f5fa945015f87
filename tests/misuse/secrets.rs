//! Secrets are in no text that anything prints.

use core::fmt::{Debug, Display};

use ssh_userauth::{
    Action, Answer, AnswerError, Config, Ending, GssapiIntegrity, Limits, Method, Notice, Outcome,
    UserAuthClient,
};
use ssh_userauth_testing::wire::{
    GssapiResponse, GssapiToken, MethodMessage, ObjectIdentifier, PasswdChangeReq, ServiceAccept,
    Success, encode_exact,
};

use crate::driver::{ask, hear, refuse};
use crate::methods::client_for;
use crate::{ask_answers, ask_password, client_with, info_request};

/// Everything that has a `Debug` or a `Display` at some step, searched for the marker.
struct Search {
    needles: Vec<String>,
    dumps: usize,
}

/// No two of its bytes are neighbours in any text of the crate.
const MARKER: &str = "Zq~Xj^7Kw";

impl Search {
    fn new() -> Self {
        let list = |format: fn(&u8) -> String| {
            let four: Vec<String> = MARKER.as_bytes()[..4].iter().map(format).collect();
            four.join(",")
        };
        let hex: String = MARKER.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut needles = vec![
            MARKER.to_owned(),
            list(u8::to_string),
            list(|byte| format!("{byte:x}")),
            list(|byte| format!("{byte:#04x}")),
            hex.to_uppercase(),
            hex,
        ];
        // Half of it is a leak, too.
        needles.push(MARKER[..4].to_owned());
        Self { needles, dumps: 0 }
    }

    fn text(&mut self, text: &str) {
        self.dumps += 1;
        let dense: String = text.split_whitespace().collect();
        for needle in &self.needles {
            assert!(!dense.contains(needle), "{needle} stands in {text}");
        }
    }

    fn debug(&mut self, value: &impl Debug) {
        for text in [
            format!("{value:?}"),
            format!("{value:#?}"),
            format!("{value:x?}"),
            format!("{value:X?}"),
        ] {
            self.text(&text);
        }
    }

    fn display(&mut self, value: &(impl Debug + Display)) {
        self.debug(value);
        self.text(&value.to_string());
    }

    fn machine(&mut self, client: &UserAuthClient) {
        self.debug(client);
        self.debug(client.report());
        self.debug(&client.turn());
    }

    /// Hands an answer in and looks at everything before and after.
    fn answer(&mut self, client: &mut UserAuthClient, answer: Answer) -> Result<(), AnswerError> {
        self.debug(&answer);
        let result = client.handle_answer(answer);
        if let Err(error) = &result {
            self.display(error);
        }
        self.machine(client);
        result
    }

    /// As [`last`](Self::last), where that is something to send.
    fn sent(&mut self, client: &mut UserAuthClient) {
        assert!(matches!(self.last(client), Action::SendRequest(_)));
    }

    /// Polls and looks at everything that comes out; the last is returned.
    fn last(&mut self, client: &mut UserAuthClient) -> Action {
        let mut last = None;
        while let Some(action) = client.poll_action() {
            self.debug(&action);
            if let Action::GiveUp(why) = &action {
                self.display(why);
            }
            if let Action::Notify(Notice::PartialSuccess { factor, .. }) = &action {
                self.display(factor);
            }
            self.machine(client);
            last = Some(action);
        }
        last.unwrap()
    }
}

#[test]
fn the_search_would_find_it() {
    let leaks = |text: &str| {
        let text = text.to_owned();
        std::panic::catch_unwind(move || Search::new().text(&text)).is_err()
    };
    assert!(leaks(&format!("password: {MARKER}")));
    assert!(leaks(&format!("{:?}", MARKER.as_bytes())));
    assert!(leaks(&format!("{:#?}", MARKER.as_bytes())));
    assert!(leaks(&format!("{:x?}", MARKER.as_bytes())));
    assert!(!leaks("Secret(..)"));
}

fn limited() -> UserAuthClient {
    let mut limits = Limits::default();
    limits.max_password_bytes = 64;
    limits.max_answer_bytes = 64;
    client_with(Config::new("alice").limits(limits), 1)
}

/// Every way in which a secret comes in: answers, too many, too long, late; a password, refused,
/// too long, for another connection; a change, demanded again.
#[test]
fn secrets_are_never_printed() {
    let mut search = Search::new();
    let too_long = MARKER.repeat(20);
    let mut client = limited();
    let need = ask_answers(&mut client, 2);
    search.debug(&need);
    let wrong = need.answers([MARKER]).unwrap_err();
    search.display(&wrong);
    let answer = wrong.into_question().answer_each(|_| &*too_long);
    search.answer(&mut client, answer).unwrap_err();
    let need = ask!(&mut client, NeedAnswers);
    let answer = need.answer_each(|_| MARKER);
    search.answer(&mut client, answer).unwrap();
    search.sent(&mut client);
    info_request(&mut client, 1);
    let Action::NeedAnswers(late) = search.last(&mut client) else {
        panic!("a second round");
    };
    refuse(&mut client, "password");
    let answer = late.answer_each(|_| MARKER);
    search.answer(&mut client, answer).unwrap_err();

    let Action::NeedPassword(need) = search.last(&mut client) else {
        panic!("the password");
    };
    search
        .answer(&mut client, need.password(&*too_long))
        .unwrap_err();
    let need = ask!(&mut client, NeedPassword);
    let mut other = client_with(Config::new("alice"), 2);
    let foreign = ask_password(&mut other).password(MARKER);
    search.answer(&mut client, foreign).unwrap_err();
    search.answer(&mut client, need.password(MARKER)).unwrap();
    search.sent(&mut client);
    refuse(&mut client, "password");
    let Action::NeedPassword(need) = search.last(&mut client) else {
        panic!("the password again");
    };
    search.answer(&mut client, need.password(MARKER)).unwrap();
    search.sent(&mut client);
    for _ in 0..2 {
        let demand = PasswdChangeReq {
            prompt: b"expired",
            language: b"",
        };
        hear(&mut client, &demand);
        let Action::NeedNewPassword(need) = search.last(&mut client) else {
            panic!("a new password");
        };
        search
            .answer(&mut client, need.change(MARKER, &*too_long))
            .unwrap_err();
        let need = ask!(&mut client, NeedNewPassword);
        search
            .answer(&mut client, need.change(MARKER, MARKER))
            .unwrap();
        search.sent(&mut client);
    }
    hear(&mut client, &Success);
    assert!(matches!(search.last(&mut client), Action::StartService(_)));
    assert!(search.dumps > 100, "something was looked at");
}

/// The same where it ends badly: with a protocol error, and by giving up.
#[test]
fn secrets_are_never_printed_at_a_bad_end() {
    let mut search = Search::new();
    let mut client = limited();
    let need = ask_password(&mut client);
    search.answer(&mut client, need.password(MARKER)).unwrap();
    let accept = encode_exact(&ServiceAccept { name: None }).unwrap();
    let error = client.handle_packet(&accept).unwrap_err();
    search.display(&error);
    search.machine(&client);
    assert!(client.poll_action().is_none(), "not even the password");

    let mut client = limited();
    let need = ask_password(&mut client);
    search.answer(&mut client, need.password(MARKER)).unwrap();
    search.sent(&mut client);
    refuse(&mut client, "keyboard-interactive");
    search.sent(&mut client);
    refuse(&mut client, "keyboard-interactive");
    let Action::GiveUp(why) = search.last(&mut client) else {
        panic!("nothing is left");
    };
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    let outcomes = client.report().attempts().iter().map(|each| each.outcome());
    assert!(outcomes.eq([Outcome::Refused; 3]));
}

/// What a caller's own method sends may be a password, and what the server says to it may be one.
#[test]
fn data_of_own_methods_are_never_printed() {
    let mut search = Search::new();
    let mut client = client_for(Method::Other("challenge@example.org"));
    let Action::NeedMethodRequest(need) = search.last(&mut client) else {
        panic!("the request");
    };
    search.answer(&mut client, need.request(MARKER)).unwrap();
    search.sent(&mut client);
    hear(
        &mut client,
        &MethodMessage::new(60, MARKER.as_bytes()).unwrap(),
    );
    let Action::NeedMethodMessage(need) = search.last(&mut client) else {
        panic!("a message");
    };
    let wrong = need.message(80, MARKER).unwrap_err();
    search.debug(&wrong);
    let need = wrong.into_question();
    let answer = need.message(61, MARKER).unwrap();
    search.answer(&mut client, answer).unwrap();
    search.sent(&mut client);
    hear(
        &mut client,
        &MethodMessage::new(62, MARKER.as_bytes()).unwrap(),
    );
    let Action::NeedMethodMessage(late) = search.last(&mut client) else {
        panic!("another message");
    };
    refuse(&mut client, "challenge@example.org");
    let answer = late.message(61, MARKER).unwrap();
    search.answer(&mut client, answer).unwrap_err();
    let Action::NeedMethodRequest(need) = search.last(&mut client) else {
        panic!("the request again");
    };
    search.answer(&mut client, need.request(MARKER)).unwrap();
    search.sent(&mut client);
    hear(&mut client, &Success);
    assert!(matches!(search.last(&mut client), Action::StartService(_)));
}

/// Tokens and integrity codes log in, too.
#[test]
fn gssapi_tokens_are_never_printed() {
    let mut search = Search::new();
    let mut client = client_for(Method::GssapiWithMic);
    search.sent(&mut client);
    let mechanism = ObjectIdentifier::KERBEROS_V5.as_der();
    hear(&mut client, &GssapiResponse { mechanism });
    let Action::NeedGssapiToken(need) = search.last(&mut client) else {
        panic!("a token");
    };
    search.answer(&mut client, need.token(MARKER)).unwrap();
    search.sent(&mut client);
    let token = MARKER.as_bytes();
    hear(&mut client, &GssapiToken { token });
    let Action::NeedGssapiToken(need) = search.last(&mut client) else {
        panic!("another token");
    };
    let answer = need.established(Some(MARKER.into()), GssapiIntegrity::Available);
    search.answer(&mut client, answer).unwrap();
    let Action::NeedGssapiMic(need) = search.last(&mut client) else {
        panic!("the integrity code");
    };
    search.answer(&mut client, need.mic(MARKER)).unwrap();
    search.sent(&mut client);
    hear(&mut client, &Success);
    assert!(matches!(search.last(&mut client), Action::StartService(_)));
}
