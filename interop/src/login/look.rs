//! Colours and line drawing, where the terminal has them.

use std::env;

use anstyle::{AnsiColor, Style};

/// Whether the user wants colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// If the output is a terminal and the environment does not forbid it.
    Auto,
    Never,
}

/// What the text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Rail,
    Client,
    Server,
    Question,
    Answer,
    Notice,
    Good,
    Bad,
}

impl Tone {
    const fn style(self) -> Style {
        let plain = Style::new();
        match self {
            Self::Rail => plain.dimmed(),
            Self::Client => AnsiColor::Cyan.on_default(),
            Self::Server => AnsiColor::Magenta.on_default(),
            Self::Question => AnsiColor::Yellow.on_default(),
            Self::Answer | Self::Notice => AnsiColor::Green.on_default(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
        }
    }
}

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    coloured: bool,
    pub(super) glyphs: Glyphs,
}

/// The pieces of a ladder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyphs {
    pub(super) rail: &'static str,
    pub(super) dash: &'static str,
    pub(super) to_server: &'static str,
    pub(super) to_client: &'static str,
}

const ASCII: Glyphs = Glyphs {
    rail: "|",
    dash: "-",
    to_server: ">",
    to_client: "<",
};

const BOXES: Glyphs = Glyphs {
    rail: "\u{2502}",
    dash: "\u{2500}",
    to_server: "\u{25b6}",
    to_client: "\u{25c0}",
};

impl Look {
    /// The look for an output that is a terminal or not.
    pub(super) fn new(colour: Colour, terminal: bool) -> Self {
        // https://no-color.org: any value but an empty one.
        let forbidden = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            coloured: colour == Colour::Auto && terminal && !forbidden && !dumb,
            glyphs: if is_utf8_locale() { BOXES } else { ASCII },
        }
    }

    /// `text` in the colour of `tone`.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        if self.coloured && !text.is_empty() {
            let style = tone.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// By the variables that set the locale, in their order of precedence.
fn is_utf8_locale() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_string_lossy().to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}
