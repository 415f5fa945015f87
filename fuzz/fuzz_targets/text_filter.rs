//! Promise: text of the server, however it reaches a human, holds no character that could act on
//! a terminal or reorder what is read; filtering twice changes nothing; what is meant for one
//! line has no line feed and no tab. The same through the machine: banners, prompts,
//! instructions, names of methods, and errors that quote the server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ssh_userauth::{Action, Config, Method, Notice, ServerText, Session, UserAuthClient};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::wire::{
    Banner, Failure, InfoRequest, NameList, PasswdChangeReq, Prompt, ServiceAccept, encode_exact,
};

fuzz_target!(|text: &[u8]| {
    filter(text);
    banner(text);
    wrong_service(text);
    method_list(text);
    prompts(text);
    password_change(text);
});

/// Nothing that a terminal acts on, whichever way it was written.
fn assert_harmless(shown: &str) {
    for character in shown.chars() {
        let harmful = match character {
            '\n' | '\t' => false,
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
            '\u{2028}' | '\u{2029}' => true,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            _ => false,
        };
        assert!(!harmful, "{character:?} in {shown:?}");
    }
}

fn assert_one_line(shown: &str) {
    assert_harmless(shown);
    assert!(!shown.contains(['\n', '\t']), "{shown:?}");
}

fn filter(text: &[u8]) {
    let server = ServerText::new(text);
    assert_eq!(server.raw(), text);
    assert_eq!(server.is_empty(), text.is_empty());
    assert_text(&server);
    let lines = server.display().to_string();
    let twice = ServerText::new(lines.as_bytes());
    assert_eq!(twice.display().to_string(), lines);
    let line = server.line().to_string();
    let twice = ServerText::new(line.as_bytes());
    assert_eq!(twice.line().to_string(), line);
    // Text that needs no filter is shown as it is.
    if let Ok(plain) = core::str::from_utf8(text)
        && plain.chars().all(|c| c.is_ascii_graphic() || c == ' ')
    {
        assert_eq!(lines, plain);
        assert_eq!(line, plain);
    }
}

fn assert_text(text: &ServerText) {
    assert_harmless(&text.display().to_string());
    assert_one_line(&text.line().to_string());
    assert_one_line(&format!("{text:?} {:?} {:?}", text.display(), text.line()));
}

/// A machine whose `none` request is on its way.
fn client(methods: &[Method]) -> UserAuthClient {
    let config = Config::new("u").methods(methods.iter().copied());
    let mut client = UserAuthClient::new(config, Session::encrypted([7; 32]))
        .expect("this configuration is good");
    while client.poll_action().is_some() {}
    client.handle_packet(&[6]).expect("the service is accepted");
    while client.poll_action().is_some() {}
    client
}

fn last(client: &mut UserAuthClient) -> Option<Action> {
    let mut last = None;
    while let Some(action) = client.poll_action() {
        last = Some(action);
    }
    last
}

fn refuse(client: &mut UserAuthClient, list: &[u8]) -> Option<Action> {
    let methods = NameList::new(list).ok()?;
    let failure = Failure {
        methods,
        partial_success: false,
    };
    let payload = encode_exact(&failure).expect("a list that came in a packet fits");
    // A list that is too long for a packet is refused, and that error is shown, too.
    match client.handle_packet(&payload) {
        Ok(_) => last(client),
        Err(error) => {
            assert_one_line(&format!("{error}"));
            None
        }
    }
}

fn banner(text: &[u8]) {
    let mut client = client(&[]);
    let payload = encode_exact(&Banner {
        message: text,
        language: text,
    });
    let payload = payload.expect("a text that came in a packet fits");
    if client.handle_packet(&payload).is_err() {
        return;
    }
    match last(&mut client) {
        Some(Action::Notify(Notice::Banner {
            message, language, ..
        })) => {
            assert_eq!((message.raw(), language.raw()), (text, text));
            assert_text(&message);
            assert_text(&language);
        }
        Some(Action::Notify(Notice::BannersDropped)) => assert!(text.len() > 64 * 1024),
        other => panic!("a banner brought {other:?}"),
    }
}

fn wrong_service(text: &[u8]) {
    let session = Session::encrypted([7; 32]);
    let mut client = UserAuthClient::new(Config::new("u"), session).expect("good");
    while client.poll_action().is_some() {}
    let accept = ServiceAccept { name: Some(text) };
    let payload = encode_exact(&accept).expect("a text that came in a packet fits");
    if let Err(error) = client.handle_packet(&payload) {
        assert_one_line(&format!("{error} {}", error.kind()));
        assert_one_line(&client.handle_packet(&[]).expect_err("final").to_string());
    }
}

fn method_list(text: &[u8]) {
    let mut client = client(&[Method::PublicKey]);
    let ended = refuse(&mut client, text);
    if let Some(list) = client.report().methods() {
        assert_one_line(&format!("{list} {list:?}"));
        list.names().for_each(|name| assert_text(&name));
    }
    if let Some(Action::GiveUp(why)) = ended {
        assert_one_line(&format!("{why}"));
    }
    let report = client.report();
    if let Some(why) = report.diagnosis() {
        assert_one_line(&format!("{why}"));
    }
    for line in report.table().to_string().lines() {
        assert_one_line(line);
    }
}

fn prompts(text: &[u8]) {
    for count in [0, 1] {
        let mut client = client(&[Method::KeyboardInteractive]);
        if refuse(&mut client, b"keyboard-interactive").is_none() {
            return;
        }
        let prompt = Prompt { text, echo: true };
        let request = InfoRequest {
            name: text,
            instruction: text,
            language: text,
            prompts: vec![prompt; count],
        };
        let payload = encode_exact(&request).expect("a text that came in a packet fits");
        if client.handle_packet(&payload).is_err() {
            return;
        }
        while let Some(action) = client.poll_action() {
            assert_one_line(&format!("{action:?}"));
            match action {
                Action::NeedAnswers(need) => {
                    assert_text(need.name());
                    assert_text(need.instruction());
                    assert_text(need.language());
                    need.prompts()
                        .iter()
                        .for_each(|prompt| assert_text(prompt.text()));
                }
                Action::Notify(Notice::Instruction { instruction, .. }) => {
                    assert_text(&instruction);
                }
                _ => {}
            }
        }
    }
}

fn password_change(text: &[u8]) {
    let mut client = client(&[Method::Password]);
    let Some(Action::NeedPassword(need)) = refuse(&mut client, b"password") else {
        return;
    };
    client
        .handle_answer(need.password("x"))
        .expect("a fresh answer is taken");
    while client.poll_action().is_some() {}
    let demand = PasswdChangeReq {
        prompt: text,
        language: text,
    };
    let payload = encode_exact(&demand).expect("a text that came in a packet fits");
    if client.handle_packet(&payload).is_err() {
        return;
    }
    let Some(Action::NeedNewPassword(need)) = last(&mut client) else {
        panic!("a demand for a new password asks for one");
    };
    assert_text(need.prompt());
    assert_text(need.language());
}
