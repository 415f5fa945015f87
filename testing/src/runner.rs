//! Runs a transcript on a real machine.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::diff::diff;
use crate::scene::Scene;
use crate::transcript::Transcript;
use crate::transcript::client::{ClientLine, Exchange};
use crate::transcript::end::EndLine;
use crate::transcript::input::{InputLine, Reply};
use crate::transcript::line::Line;
use crate::transcript::notice::NoticeLine;
use crate::transcript::outcome::Outcome;
use crate::transcript::question::QuestionLine;
use crate::transcript::server::ServerLine;
use crate::wire::number;
use ssh_userauth::{
    Action, ConfigError, Payload, ProtocolError, Receipt, Report, Turn, UserAuthClient,
};

/// What a conversation really was.
pub(crate) struct Played {
    pub(crate) actual: Transcript,
    /// As it was when the last line had been played.
    pub(crate) report: Report,
    /// What must hold in every conversation, and didn't.
    broken: Vec<String>,
}

/// A conversation took another course than its transcript says.
///
/// It prints as a diff: lines that the transcript has and the conversation has not begin with
/// `-`, lines that came instead with `+`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    text: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl core::error::Error for Mismatch {}

pub(crate) fn check(script: &Transcript) -> Result<(), Mismatch> {
    let played = play(script).map_err(|error| Mismatch {
        text: alloc::format!("no machine can be made from the head: {error}\n"),
    })?;
    let (scene, _, _) = Scene::of(script);
    let expected = conversation(script, &scene);
    let actual = conversation(&played.actual, &scene);
    let mut text = String::new();
    if expected != actual {
        text.push_str("the conversation took another course (- transcript, + machine):\n");
        text.push_str(&diff(&print(&expected), &print(&actual)));
    }
    for rule in played.broken {
        text.push_str(&rule);
        text.push('\n');
    }
    if text.is_empty() {
        Ok(())
    } else {
        Err(Mismatch { text })
    }
}

fn conversation(transcript: &Transcript, scene: &Scene) -> Vec<Line> {
    let mut exchange = Exchange::default();
    let lines = transcript.lines().iter();
    let lines = lines.filter(|line| line.is_conversation());
    let normal = lines.map(|line| {
        let line = line.normal(scene, exchange);
        if let Line::Client(sent) = &line {
            exchange = sent.opens().unwrap_or(exchange);
        }
        line
    });
    normal.collect()
}

fn print(lines: &[Line]) -> Vec<String> {
    lines.iter().map(Line::print).collect()
}

pub(crate) fn play(script: &Transcript) -> Result<Played, ConfigError> {
    let mut player = Player::of(script)?;
    player.play(script.lines());
    let report = player.client.report().clone();
    player.finish();
    Ok(Played {
        report,
        actual: Transcript::of(player.lines),
        broken: player.broken,
    })
}

struct Player {
    scene: Scene,
    client: UserAuthClient,
    /// Questions that came out and were not answered, oldest first; some may be withdrawn.
    questions: Vec<Action>,
    /// `SSH_MSG_USERAUTH_REQUEST` messages that came out.
    requests: usize,
    /// What the last of them opened.
    exchange: Exchange,
    error: Option<ProtocolError>,
    lines: Vec<Line>,
    broken: Vec<String>,
}

impl Player {
    fn of(script: &Transcript) -> Result<Self, ConfigError> {
        let (scene, config, session) = Scene::of(script);
        Ok(Self {
            scene,
            client: UserAuthClient::new(config, session)?,
            questions: Vec::new(),
            requests: 0,
            exchange: Exchange::default(),
            error: None,
            lines: Vec::new(),
            broken: Vec::new(),
        })
    }

    fn play(&mut self, script: &[Line]) {
        let head = script.iter().take_while(|line| !line.is_conversation());
        let (head, conversation) = script.split_at_checked(head.count()).unwrap_or_default();
        self.lines.extend(head.iter().cloned());
        self.drain();
        for line in conversation {
            match line {
                Line::Server { message, times, .. } => self.hear(message, *times),
                Line::Input { input, .. } => self.act(input),
                Line::Look(look) => {
                    let seen = look.look(&self.client, &self.scene);
                    self.lines.push(Line::Look(seen));
                }
                Line::Blank | Line::Comment(_) => self.lines.push(line.clone()),
                // What comes out is for the machine to say.
                _ => {}
            }
        }
    }

    /// The server says the same thing so many times. Those in a row to which nothing comes out
    /// become one line.
    fn hear(&mut self, message: &ServerLine, times: u32) {
        let mut silent = 0;
        for left in (0..times).rev() {
            silent += 1;
            let result = message.tell(&mut self.client, &self.scene);
            let outcome = match result {
                Ok(Receipt::NotOurs) => Outcome::NotOurs,
                Ok(Receipt::Taken) | Err(_) => Outcome::Taken,
            };
            let at = self.lines.len();
            self.drain();
            if let Err(error) = result {
                self.lines.push(Line::End(EndLine::failed(&error)));
                self.repeated(error);
            }
            if left == 0 || self.lines.len() > at {
                let line = Line::Server {
                    message: message.clone(),
                    times: core::mem::take(&mut silent),
                    outcome,
                };
                self.lines.insert(at, line);
            }
        }
    }

    /// A protocol error is final: every later packet brings the same one.
    fn repeated(&mut self, error: ProtocolError) {
        match &self.error {
            Some(first) if *first != error => self
                .broken
                .push(alloc::format!("a protocol error changed to: {error}")),
            Some(_) => {}
            None => self.error = Some(error),
        }
    }

    fn act(&mut self, input: &InputLine) {
        let outcome = match input {
            InputLine::Answer(reply) => {
                let newest = self.questions.pop();
                self.answer(newest, reply)
            }
            InputLine::Late(reply) => {
                let oldest = (!self.questions.is_empty()).then(|| self.questions.remove(0));
                self.answer(oldest, reply)
            }
            InputLine::Cancel => {
                self.client.cancel();
                Outcome::Taken
            }
            InputLine::Abandon(why) => {
                self.client.abandon(*why);
                Outcome::Taken
            }
            InputLine::OneByOne => {
                self.client.send_one_by_one();
                Outcome::Taken
            }
            InputLine::DeclinePending => match self.client.decline_pending() {
                true => Outcome::Taken,
                false => Outcome::NotAsked,
            },
        };
        let input = input.clone();
        self.lines.push(Line::Input { input, outcome });
        self.drain();
    }

    fn answer(&mut self, question: Option<Action>, reply: &Reply) -> Outcome {
        let Some(question) = question else {
            return Outcome::NotAsked;
        };
        match reply.answer(question, &self.scene) {
            Ok(answer) => self.client.handle_answer(answer).into(),
            Err(unanswered) => {
                let (question, outcome) = *unanswered;
                self.questions.push(question);
                outcome
            }
        }
    }

    fn drain(&mut self) {
        while let Some(action) = self.client.poll_action() {
            let line = match &action {
                Action::SendRequest(payload) => self.sent(payload),
                Action::Notify(notice) => Line::Notice(NoticeLine::of(notice, &self.scene)),
                Action::StartService(done) => Line::End(EndLine::started(done, &self.scene)),
                Action::GiveUp(why) => Line::End(EndLine::given_up(why)),
                question => match QuestionLine::of(question, &self.scene) {
                    Some(line) => Line::Question(line),
                    None => continue,
                },
            };
            if matches!(line, Line::Question(_)) {
                self.questions.push(action);
            }
            self.lines.push(line);
        }
    }

    fn sent(&mut self, payload: &Payload) -> Line {
        let line = ClientLine::of(payload.bytes(), &self.scene, self.exchange);
        if let Some(exchange) = line.opens() {
            self.requests += 1;
            self.exchange = exchange;
        }
        if line.is_secret() != payload.pad_hint().is_some() {
            let is = if line.is_secret() { "not " } else { "" };
            self.broken.push(alloc::format!(
                "the length is {is}hidden (`Payload::pad_hint`), against what such a line says: {}",
                line.print()
            ));
        }
        Line::Client(line)
    }

    /// What must hold at the end of every conversation.
    fn finish(&mut self) {
        let records = self.client.report().attempts().len();
        if records != self.requests {
            let requests = self.requests;
            self.broken.push(alloc::format!(
                "{requests} requests were sent, and {records} reported"
            ));
        }
        let ends = self.lines.iter();
        let ends = ends.filter(|line| matches!(line, Line::End(_))).count();
        if ends == 0 {
            return;
        }
        if self.client.turn() != Turn::Nobody {
            let rule = "it is somebody's turn after the end";
            self.broken.push(rule.to_string());
        }
        let later = self.client.handle_packet(&[number::USERAUTH_SUCCESS]);
        match (later, &self.error) {
            (Ok(Receipt::NotOurs), None) => {}
            (Err(later), Some(error)) if later == *error => {}
            (later, _) => self
                .broken
                .push(alloc::format!("a packet after the end brought {later:?}")),
        }
        let answer = self.questions.pop().and_then(Action::decline);
        if let Some(answer) = answer
            && self.client.handle_answer(answer).is_ok()
        {
            let rule = "an answer was taken after the end";
            self.broken.push(rule.to_string());
        }
        if let Some(action) = self.client.poll_action() {
            self.broken
                .push(alloc::format!("after the end came {action:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A player who has played this.
    fn player(text: &str) -> Player {
        let script: Transcript = text.parse().unwrap();
        let mut player = Player::of(&script).unwrap();
        player.play(script.lines());
        player
    }

    /// The rules that `player` finds broken at the end.
    #[track_caller]
    fn breaks(mut player: Player, rules: &[&str]) {
        player.finish();
        let broken = &player.broken;
        assert_eq!(broken.len(), rules.len(), "{broken:?}");
        for (broken, rule) in broken.iter().zip(rules) {
            assert!(broken.starts_with(rule), "{broken:?}");
        }
    }

    const LOGGED_IN: &str = "config methods none\n\nS service-accept\nS success\n";
    const BROKEN: &str = "S raw 3300\n";

    #[test]
    fn what_holds_is_not_called_broken() {
        breaks(player(LOGGED_IN), &[]);
        breaks(player(BROKEN), &[]);
        breaks(player(&[BROKEN, BROKEN].concat()), &[]);
        // Whoever is not at the end may have the turn.
        breaks(player("S service-accept\n"), &[]);
    }

    /// The machine keeps these rules: here its book-keeper is lied to.
    #[test]
    fn what_does_not_hold_is_told() {
        let mut more = player(LOGGED_IN);
        more.requests += 1;
        breaks(more, &["2 requests were sent, and 1 reported"]);
        let mut more = player("");
        more.requests += 1;
        breaks(more, &["1 requests were sent, and 0 reported"]);

        let mut changed = player(BROKEN);
        changed.error = player("S raw 3400\n").error;
        breaks(changed, &["a packet after the end brought Err("]);
        let mut unknown = player(BROKEN);
        unknown.error = None;
        breaks(unknown, &["a packet after the end brought Err("]);

        let mut early = player("config pipelining off\n\nS service-accept\n");
        early.lines.extend(player(LOGGED_IN).lines);
        let rules = [
            "it is somebody's turn after the end",
            "a packet after the end brought Ok(Taken)",
            "after the end came StartService",
        ];
        breaks(early, &rules);
    }

    #[test]
    fn a_protocol_error_must_not_change() {
        let mut same = player(BROKEN);
        same.repeated(player(BROKEN).error.unwrap());
        breaks(same, &[]);
        let mut other = player(BROKEN);
        other.repeated(player("S raw 3400\n").error.unwrap());
        breaks(other, &["a protocol error changed to: "]);
    }
}
