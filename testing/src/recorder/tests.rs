//! Every transcript of the crate is played to a recorder: what it writes down is the same
//! conversation, under other names.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::{fs, path::Path};

use super::*;
use crate::transcript::input::Reply;

/// What a caller does who follows the transcript.
struct Follower {
    recorder: Recorder,
    scene: Scene,
    questions: Vec<Action>,
}

impl Follower {
    fn follow(script: &Transcript) -> Option<Recorder> {
        let (scene, config, session) = Scene::of(script);
        let mut follower = Self {
            recorder: Recorder::new(config, session).ok()?,
            scene,
            questions: Vec::new(),
        };
        follower.poll();
        for line in script.lines() {
            match line {
                Line::Server { message, times, .. } => {
                    for _ in 0..*times {
                        follower.hear(message);
                        follower.poll();
                    }
                }
                Line::Input { input, .. } => follower.act(input),
                _ => {}
            }
            follower.poll();
        }
        Some(follower.recorder)
    }

    fn poll(&mut self) {
        while let Some(action) = self.recorder.poll_action() {
            if action.ticket().is_some() {
                self.questions.push(action);
            }
        }
    }

    fn hear(&mut self, message: &ServerLine) {
        match message {
            ServerLine::Disconnect { code, description } => {
                self.recorder.disconnected(*code, description);
            }
            ServerLine::Close => self.recorder.connection_lost(),
            ServerLine::Unimplemented => drop(self.recorder.unimplemented()),
            packet => drop(self.recorder.handle_packet(&packet.payload(&self.scene))),
        }
    }

    fn act(&mut self, input: &InputLine) {
        match input {
            InputLine::Answer(reply) => {
                let newest = self.questions.pop();
                self.answer(newest, reply);
            }
            InputLine::Late(reply) => {
                let oldest = (!self.questions.is_empty()).then(|| self.questions.remove(0));
                self.answer(oldest, reply);
            }
            InputLine::Cancel => self.recorder.cancel(),
            InputLine::Abandon(why) => self.recorder.abandon(*why),
            InputLine::OneByOne => self.recorder.send_one_by_one(),
            InputLine::DeclinePending => drop(self.recorder.decline_pending()),
        }
    }

    fn answer(&mut self, question: Option<Action>, reply: &Reply) {
        match question.map(|question| reply.answer(question, &self.scene)) {
            Some(Ok(answer)) => drop(self.recorder.handle_answer(answer)),
            // The question came back: nothing has happened that a recorder could see.
            Some(Err(unanswered)) => self.questions.push(unanswered.0),
            None => {}
        }
    }
}

/// The marks of a conversation, without what a recorder can't know or doesn't see: answers that
/// were no answer, looks, and how often the same thing was said in a row.
fn course(transcript: &Transcript) -> String {
    let mut course = String::new();
    for line in transcript.lines() {
        let mark = match line {
            Line::Client(line) => line.print(),
            Line::Server { .. } => "S".to_string(),
            Line::Question(line) => line.print(),
            Line::Notice(_) => "*".to_string(),
            Line::End(_) => "=".to_string(),
            _ => continue,
        };
        // The first words; names come behind them.
        let words: Vec<&str> = mark.split(' ').take(3).collect();
        let words = match words.as_slice() {
            ["C", "request", method] => std::format!("C {method}"),
            [mark, what, ..] => std::format!("{mark} {what}"),
            words => words.concat(),
        };
        if words != "S" || !course.ends_with("S\n") {
            course.push_str(&words);
            course.push('\n');
        }
    }
    course
}

/// Messages of a method that was not asked for: to a recorder they are what their number means in
/// the exchange that there is, or bytes.
const FOREIGN: [(&str, &str, &str); 3] = [
    ("keyex_answered_with_token.txt", "S gssapi-token", "S raw"),
    ("opening_prompt_to_query.txt", "S info-request", "S raw"),
    (
        "change_demanded_of_a_key.txt",
        "S change-request",
        "S pk-ok",
    ),
];

/// What kinds of messages the server says, one by one.
fn said(transcript: &Transcript) -> Vec<String> {
    let lines = transcript.lines().iter();
    let said = lines.filter_map(|line| match line {
        Line::Server { message, times, .. } => {
            let line = message.print().finish();
            let kind: Vec<&str> = line.split(' ').take(2).collect();
            Some((kind.join(" "), *times))
        }
        _ => None,
    });
    said.flat_map(|(line, times)| (0..times).map(move |_| line.clone()))
        .collect()
}

#[test]
fn every_transcript_is_recorded_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/transcripts");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let script: Transcript = fs::read_to_string(&path).unwrap().parse().unwrap();
        let Some(recorder) = Follower::follow(&script) else {
            continue;
        };
        let recorded = recorder.transcript();
        let name = path.display();
        if let Err(mismatch) = recorded.check() {
            panic!("{name}: {mismatch}\n{recorded}");
        }
        let again: Transcript = recorded.to_string().parse().unwrap();
        assert_eq!(again.to_string(), recorded.to_string(), "{name}");
        again.check().unwrap();
        let played = script.play().unwrap();
        assert_eq!(course(&recorded), course(&played), "{name}\n{recorded}");
        let pairs = said(&played).into_iter().zip(said(&recorded));
        let others = pairs.filter(|(played, recorded)| played != "S raw" && played != recorded);
        let file = path.file_name().unwrap().to_str().unwrap();
        let foreign = FOREIGN.iter().filter(|(name, ..)| *name == file);
        let foreign =
            foreign.map(|(_, played, recorded)| (played.to_string(), recorded.to_string()));
        assert!(others.eq(foreign), "{name}\n{recorded}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}
