//! The scripts of `interop/conch/scripts`, as `interop/conch/README.md` says they are written.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::keys;

/// The other lines of a head.
const HEAD: [&str; 7] = [
    "user",
    "service",
    "keys",
    "sign",
    "passwords",
    "late",
    "ours",
];

/// Where the scripts, the driver and the list of differences are.
pub(crate) fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conch")
}

/// The files with scripts, in the order of their names.
pub(crate) fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(place().join("scripts")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// All scripts.
pub(crate) fn scripts() -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    for file in files() {
        for line in fs::read_to_string(file).unwrap().lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("== ") {
                scripts.push(Script::new(name));
            } else if !line.is_empty() && !line.starts_with('#') {
                scripts.last_mut().unwrap().add(line);
            }
        }
    }
    scripts
}

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Between quotes.
    Text(String),
    Bare(String),
}

impl Word {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Bare(word) => panic!("{word} is no text"),
        }
    }

    pub(crate) fn is_bare(&self, name: &str) -> bool {
        matches!(self, Self::Bare(word) if word == name)
    }

    /// As a field of a message.
    fn encode(&self, out: &mut Vec<u8>) {
        let word = match self {
            Self::Text(text) => return string(text.as_bytes(), out),
            Self::Bare(word) => word.as_str(),
        };
        if let Some(number) = word.strip_prefix('#') {
            out.extend(number.parse::<u32>().unwrap().to_be_bytes());
        } else if let Some(hex) = word.strip_prefix("0x") {
            out.extend(bytes(hex));
        } else if let Some(key) = word.strip_prefix("key:") {
            string(&keys::blob(key), out);
        } else {
            out.push(match word {
                "no" => 0,
                "yes" => 1,
                other => panic!("{other} is no field"),
            });
        }
    }
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0, "{hex}");
    let digits = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
    digits
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// A `string` (RFC 4251 section 5).
pub(crate) fn string(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    out.extend(bytes);
}

fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, behind) = quoted.split_once('"').unwrap();
            let text = text.replace("\\n", "\n").replace("\\e", "\u{1b}");
            words.push(Word::Text(text));
            rest = behind;
        } else {
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            words.push(Word::Bare(word.to_owned()));
            rest = behind;
        }
        rest = rest.trim_start();
    }
    words
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The server says this.
    Server(Vec<u8>),
    /// The caller gives an answer that waited.
    Answer,
}

#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    head: HashMap<String, VecDeque<Word>>,
    answers: VecDeque<Vec<Word>>,
    pub(crate) steps: Vec<Step>,
    /// A short name for each step, for the list of differences.
    pub(crate) titles: Vec<String>,
}

impl Script {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            head: HashMap::new(),
            answers: VecDeque::new(),
            steps: Vec::new(),
            titles: vec!["0".to_owned()],
        }
    }

    fn add(&mut self, line: &str) {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = words(rest);
        match first {
            "S" => self.step(Step::Server(message(&rest)), &title(&rest)),
            "A" => self.step(Step::Answer, "answer"),
            "answers" => self.answers.push_back(rest),
            "change" => {
                let [old, new] = &rest[..] else {
                    panic!("{line}")
                };
                self.queue("old").push_back(old.clone());
                self.queue("new").push_back(new.clone());
            }
            head => {
                assert!(HEAD.contains(&head), "{}: {line}", self.name);
                assert!(!self.head.contains_key(head), "twice: {line}");
                self.queue(head).extend(rest);
            }
        }
    }

    fn step(&mut self, step: Step, title: &str) {
        self.steps.push(step);
        self.titles.push(format!("{} {title}", self.steps.len()));
    }

    fn queue(&mut self, name: &str) -> &mut VecDeque<Word> {
        self.head.entry(name.to_owned()).or_default()
    }

    /// Whether answers of this kind wait for the lines `A`.
    pub(crate) fn is_late(&self, kind: &str) -> bool {
        let late = self.head.get("late");
        late.is_some_and(|kinds| kinds.iter().any(|word| word.is_bare(kind)))
    }

    /// The one value of a line of the head.
    pub(crate) fn one<'s>(&'s self, name: &str, otherwise: &'s str) -> &'s str {
        let values = self.head.get(name);
        values.map_or(otherwise, |values| values[0].text())
    }

    /// The next answer of this kind.
    pub(crate) fn next(&mut self, name: &str) -> Option<Word> {
        self.head.get_mut(name)?.pop_front()
    }

    /// The answers for the next round of prompts.
    pub(crate) fn next_answers(&mut self) -> Option<Vec<Word>> {
        self.answers.pop_front()
    }

    /// The words of the line `ours`.
    pub(crate) fn ours(&self) -> Vec<Word> {
        let words = self.head.get("ours").cloned().unwrap_or_default();
        words.into_iter().collect()
    }
}

fn title(message: &[Word]) -> String {
    match &message[0] {
        Word::Bare(kind) => kind.clone(),
        Word::Text(text) => panic!("{text:?} is no message"),
    }
}

fn message(words: &[Word]) -> Vec<u8> {
    let number = match title(words).as_str() {
        "disconnect" => 1,
        "ignore" => 2,
        "unimplemented" => 3,
        "debug" => 4,
        "accept" => 6,
        "ext-info" => 7,
        "failure" => 51,
        "success" => 52,
        "banner" => 53,
        "pk-ok" | "change" | "prompts" => 60,
        number => number.parse().unwrap(),
    };
    let mut out = vec![number];
    for field in &words[1..] {
        field.encode(&mut out);
    }
    out
}
