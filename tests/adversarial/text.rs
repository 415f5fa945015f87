//! Text of the server wherever it can reach a person.

use core::fmt::{Debug, Display};

use ssh_userauth::{
    Action, AlgorithmList, Identity, Method, Notice, PasswordBridge, ServerText, Unavailable,
};
use ssh_userauth_explain::Explain as _;

use crate::talk::{Talk, blob, key_a, pk_ok, string, user};
use crate::traces::KERBEROS;
use crate::vectors;

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}')
        || matches!(character, '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{e0000}'..='\u{e007f}')
}

/// Nothing but line feeds and tabs beside what is printed.
pub(crate) fn assert_clean(text: &str) {
    let hostile = |character: char| is_hostile(character) && !matches!(character, '\n' | '\t');
    assert!(!text.contains(hostile), "{text:?}");
    // C1 controls as single bytes, for terminals that don't know UTF-8.
    assert!(core::str::from_utf8(text.as_bytes()).is_ok());
}

pub(crate) fn assert_clean_line(text: &str) {
    assert!(!text.contains(is_hostile), "{text:?}");
}

/// What a server may put into any of its strings.
const HOSTILE: [&[u8]; 16] = [
    b"\x1b]52;c;cHduZWQ=\x07",
    b"\x1b[2J\x1b[1;1HPassword: ",
    b"Authorized access only\r\n\x1b]0;pwned\x07\x1b[2J",
    b"\x9b2J\x9d0;x\x9c",
    b"\xc2\x9b2J\xc2\x9d0;x\xc2\x9c",
    "\u{202e}drowssap\u{202c}".as_bytes(),
    "\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}".as_bytes(),
    "a\u{2028}b\u{2029}c\u{85}d".as_bytes(),
    "\u{e0041}\u{e007f}".as_bytes(),
    b"over\rwrite",
    b"\r",
    b"back\x08\x08space\x7f",
    b"\x0e\x0f\x0b\x0c",
    b"line\nbreak\ttab",
    b"\xff\xfe\xc3\x28\xf0\x9f",
    b"\x1bP$q\x1b\\\x1b_x\x1b\\\x1b^y\x1b\\",
];

/// All the text of one conversation.
#[derive(Default)]
struct Texts {
    any: Vec<String>,
    lines: Vec<String>,
}

impl Texts {
    fn debug(&mut self, value: &impl Debug) {
        self.any.push(format!("{value:?}"));
        self.any.push(format!("{value:#?}"));
    }

    fn line(&mut self, value: &(impl Display + Debug)) {
        self.lines.push(value.to_string());
        self.debug(value);
    }

    fn server(&mut self, text: &ServerText) {
        self.any.push(text.display().to_string());
        self.debug(&text.display());
        self.lines.push(text.line().to_string());
        self.debug(text);
        let shown = text.display().to_string();
        let again = ServerText::new(shown.as_bytes()).display().to_string();
        assert_eq!(again, shown, "filtering twice changes nothing");
    }

    fn algorithms(&mut self, list: &AlgorithmList) {
        self.line(list);
        list.names().for_each(|name| self.server(&name));
    }

    fn notices(&mut self, talk: &Talk) {
        for notice in &talk.told {
            self.debug(notice);
            match notice {
                Notice::Banner {
                    message, language, ..
                } => [message, language].map(|text| self.server(text)),
                Notice::Instruction {
                    name, instruction, ..
                } => [name, instruction].map(|text| self.server(text)),
                Notice::GssapiError {
                    message, language, ..
                } => [message, language].map(|text| self.server(text)),
                Notice::PartialSuccess {
                    factor, remaining, ..
                } => {
                    self.line(remaining);
                    self.line(factor);
                    [(), ()]
                }
                _ => [(), ()],
            };
        }
    }

    /// The machine, its report, and what it has said.
    fn look(&mut self, talk: &Talk) {
        self.notices(talk);
        self.debug(&talk.client);
        let report = talk.client.report();
        self.debug(report);
        self.any.push(report.table().to_string());
        self.any.push(report.sequence_diagram().to_string());
        if let Some(diagnosis) = report.diagnosis() {
            self.line(&diagnosis);
        }
        self.debug(&talk.asked);
        if let Some(Action::GiveUp(why)) = &talk.end {
            self.line(why);
        }
        if let Some(error) = report.protocol_error() {
            self.line(error);
            self.line(error.kind());
        }
        let lists = report.methods().into_iter();
        let after = report
            .attempts()
            .iter()
            .filter_map(|attempt| attempt.methods_after());
        for list in lists.chain(after) {
            self.line(list);
            list.names().for_each(|name| self.server(&name));
        }
        report.banners().iter().for_each(|text| self.server(text));
        if let Some(list) = report.signature_algorithms() {
            self.algorithms(list);
        }
        if let Some(said) = report.server_disconnect() {
            self.server(said.description());
        }
        for skip in report.skips() {
            if let Unavailable::NoMutualAlgorithm {
                theirs: Some(list), ..
            } = skip.reason()
            {
                self.algorithms(list);
            }
        }
    }

    fn check(&self) {
        self.any.iter().for_each(|text| assert_clean(text));
        self.lines.iter().for_each(|text| assert_clean_line(text));
    }
}

fn packet(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut payload = vec![number];
    for part in parts {
        payload.extend(string(part));
    }
    payload
}

fn refusal(list: &[u8]) -> Vec<u8> {
    let mut payload = packet(51, &[list]);
    payload.push(0);
    payload
}

/// Everything of the server before and beside the methods.
fn frame(texts: &mut Texts, evil: &[u8]) {
    let mut talk = Talk::accepted(user());
    talk.hear(&packet(53, &[evil, evil]));
    let mut ext_info = vec![7, 0, 0, 0, 2];
    let list = [b"server-sig-algs,"[..].to_vec(), evil.to_vec()].concat();
    for part in [evil, evil, b"server-sig-algs", &list] {
        ext_info.extend(string(part));
    }
    talk.hear(&ext_info);
    talk.hear(&refusal(&[&b"publickey,password,"[..], evil].concat()));
    talk.offer(&key_a());
    talk.no_key();
    talk.password("secret");
    let mut partial = packet(51, &[evil]);
    partial.push(1);
    talk.hear(&partial);
    texts.look(&talk);
    let mut talk = Talk::accepted(user());
    talk.command(|client| client.disconnected(2, evil));
    texts.look(&talk);
    let mut talk = Talk::fresh(user());
    talk.breaks(&packet(6, &[evil]));
    texts.look(&talk);
    let mut talk = Talk::accepted(user());
    talk.hear(&refusal(b"publickey"));
    talk.offer(&key_a());
    talk.breaks(&packet(60, &[evil, key_a().blob()]));
    texts.look(&talk);
    let mut talk = Talk::accepted(user());
    talk.breaks(&[&[51][..], evil].concat());
    texts.look(&talk);
}

/// The text of prompts, demands and errors.
fn dialogues(texts: &mut Texts, evil: &[u8]) {
    let bridge = PasswordBridge::HiddenSinglePromptOnce;
    let mut talk = Talk::listed(user().password_bridge(bridge), "keyboard-interactive");
    let mut round = packet(60, &[evil, evil, evil]);
    let mut silent = round.clone();
    silent.extend([0, 0, 0, 0]);
    round.extend([0, 0, 0, 1]);
    round.extend(string(evil));
    round.push(0);
    talk.hear(&round);
    texts.look(&talk);
    let need = take!(talk, NeedPassword);
    texts.server(need.prompt().unwrap());
    talk.answer(need.password("secret"));
    talk.hear(&silent);
    talk.hear(&round);
    texts.look(&talk);
    let need = take!(talk, NeedAnswers);
    for text in [need.name(), need.instruction(), need.language()] {
        texts.server(text);
    }
    texts.server(need.prompts()[0].text());

    let mut talk = Talk::listed(user(), "password");
    talk.password("secret");
    talk.hear(&packet(60, &[evil, evil]));
    texts.look(&talk);
    let need = take!(talk, NeedNewPassword);
    texts.server(need.prompt());
    texts.server(need.language());

    let config = user()
        .methods([Method::GssapiWithMic])
        .gssapi_mechanisms([KERBEROS]);
    let mut talk = Talk::listed(config, "gssapi-with-mic");
    let mut error = vec![64, 0, 0, 0, 1, 0, 0, 0, 2];
    error.extend(string(evil));
    error.extend(string(evil));
    talk.hear(&error);
    texts.look(&talk);
    talk.hear(&refusal(evil));
    texts.look(&talk);

    let own = Method::Other("own@example.org");
    let mut talk = Talk::listed(user().methods([own]), "own@example.org");
    let need = take!(talk, NeedMethodRequest);
    talk.answer(need.request("x"));
    talk.hear(&[&[61][..], evil].concat());
    texts.look(&talk);
}

#[test]
fn hostile_text_is_shown_nowhere() {
    for evil in HOSTILE {
        let mut texts = Texts::default();
        frame(&mut texts, evil);
        dialogues(&mut texts, evil);
        assert!(texts.any.len() > 100 && texts.lines.len() > 30);
        texts.check();
    }
}

/// Hostile text in known packets, through the whole client.
#[test]
fn hostile_vectors_are_shown_nowhere() {
    let mut texts = Texts::default();
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::banner_hostile());
    talk.refuse("keyboard-interactive");
    talk.hear(&vectors::info_request_hostile());
    texts.look(&talk);
    let need = take!(talk, NeedAnswers);
    texts.server(need.instruction());
    texts.server(need.prompts()[0].text());
    texts.check();
}

/// An agent may be hostile as well: its comments are labels of identities, and stand in reports
/// and in the text of factors.
#[test]
fn hostile_agent_comment_is_shown_nowhere() {
    let mut talk = Talk::listed(user(), "publickey");
    let key = Identity::from_blob(blob("ssh-ed25519", 0xaa)).unwrap();
    let key = key.with_label("laptop\x1b[2J\x1b]0;pwned\x07\u{202e}");
    talk.offer(&key);
    talk.hear(&pk_ok("ssh-ed25519", key.blob()));
    talk.sign();
    talk.partial("publickey");
    let mut texts = Texts::default();
    texts.look(&talk);
    texts.line(&key);
    texts.check();
}
