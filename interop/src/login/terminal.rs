//! Who is asked: a person at the terminal, a program in his place, or nobody.

use std::env;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use ssh_userauth::Secret;
use zeroize::Zeroizing;

/// The terminal itself: standard input may be a pipe.
const TERMINAL: &str = "/dev/tty";

/// No password or answer is longer than this.
const MAX_ANSWER: usize = 64 * 1024;

/// Who is asked. Prompts must be filtered already.
#[derive(Debug)]
pub(super) enum Asker {
    Terminal,
    /// `SSH_ASKPASS`: a program that gets the prompt as its argument and prints the answer.
    Program(OsString),
    Nobody,
}

impl Asker {
    /// By the same variables as `ssh`.
    pub(super) fn find(batch: bool) -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        if batch {
            return Self::Nobody;
        }
        let require = set("SSH_ASKPASS_REQUIRE").unwrap_or_default();
        let program = set("SSH_ASKPASS").filter(|_| require != "never");
        let display = set("DISPLAY").or_else(|| set("WAYLAND_DISPLAY")).is_some();
        let terminal = || File::open(TERMINAL).is_ok();
        match program {
            Some(program) if require == "force" || require == "prefer" => Self::Program(program),
            _ if terminal() => Self::Terminal,
            Some(program) if display => Self::Program(program),
            _ => Self::Nobody,
        }
    }

    /// What was typed, unseen. `None` if there was no answer.
    pub(super) fn secret(&self, prompt: &str) -> Option<Secret> {
        match self {
            Self::Terminal => rpassword::prompt_password(prompt)
                .ok()
                .map(|typed| Secret::from(Zeroizing::new(typed))),
            Self::Program(program) => ask_program(program, prompt),
            Self::Nobody => None,
        }
    }

    /// What was typed, seen.
    pub(super) fn line(&self, prompt: &str) -> Option<Secret> {
        match self {
            Self::Terminal => ask_terminal(prompt).ok().flatten(),
            Self::Program(program) => ask_program(program, prompt),
            Self::Nobody => None,
        }
    }
}

fn ask_terminal(prompt: &str) -> std::io::Result<Option<Secret>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let mut typed = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
    let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX);
    BufReader::new(terminal.take(limit)).read_until(b'\n', &mut typed)?;
    // Nothing at all, not even a line end, is the end of the input.
    Ok((!typed.is_empty()).then(|| first_line(typed)))
}

fn ask_program(program: &OsString, prompt: &str) -> Option<Secret> {
    let mut child = Command::new(program)
        .arg(prompt)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut printed = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
    let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX);
    let read = child.stdout.take().map(|out| {
        let mut limited = out.take(limit);
        limited.read_to_end(&mut printed)
    });
    let status = child.wait().ok()?;
    (status.success() && matches!(read, Some(Ok(_)))).then(|| first_line(printed))
}

/// Up to the first line end, in the same buffer: no second copy to wipe.
fn first_line(mut bytes: Zeroizing<Vec<u8>>) -> Secret {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    if let Some(end) = end {
        bytes.truncate(end);
    }
    Secret::from(bytes)
}
