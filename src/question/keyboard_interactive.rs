//! Answers to the server's prompts.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use crate::few::{Blank, Few};
use crate::login::Login;
use crate::question::{Answer, Reply, Ticket};
use crate::secret::Secret;
use crate::text::ServerText;

/// Answers to the server's prompts (RFC 4256 section 3.2).
///
/// There is at least one prompt: the machine answers a round without prompts by itself.
///
/// ```
/// # fn answer(need: ssh_userauth::NeedAnswers, ask: impl Fn(&str, bool) -> String)
/// # -> ssh_userauth::Answer {
/// println!("{}", need.instruction().display());
/// need.answer_each(|prompt| ask(&prompt.text().display().to_string(), prompt.echo()))
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedAnswers {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) attempt: u32,
    pub(crate) round: u32,
    /// Mostly there are none.
    pub(crate) texts: Option<Box<Texts>>,
    pub(crate) prompts: Few<Prompt, 1>,
}

/// What stands above the prompts.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) name: ServerText,
    pub(crate) instruction: ServerText,
    pub(crate) language: ServerText,
}

static NO_TEXTS: Texts = Texts {
    name: ServerText::EMPTY,
    instruction: ServerText::EMPTY,
    language: ServerText::EMPTY,
};

/// One prompt of the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prompt {
    pub(crate) text: ServerText,
    pub(crate) echo: Echo,
}

/// What to do with the typed characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Echo {
    Show,
    Hide,
}

impl Blank for Prompt {
    fn blank() -> Self {
        Self {
            text: ServerText::EMPTY,
            echo: Echo::Hide,
        }
    }
}

impl Prompt {
    /// The server's words, possibly empty.
    #[must_use]
    pub fn text(&self) -> &ServerText {
        &self.text
    }

    /// Whether the answer may be seen while it is typed (RFC 4256 section 3.3: "the
    /// corresponding echo field indicates whether the user input should be echoed as characters
    /// are typed").
    #[must_use]
    pub fn echo(&self) -> bool {
        self.echo == Echo::Show
    }
}

impl NeedAnswers {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Which exchange of this run it is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Which round of this exchange, counted from 1; rounds without prompts count.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The title, often empty.
    #[must_use]
    pub fn name(&self) -> &ServerText {
        &self.texts().name
    }

    /// Text to show above the prompts, often empty. May hold a link to follow or a code.
    #[must_use]
    pub fn instruction(&self) -> &ServerText {
        &self.texts().instruction
    }

    /// The language tag (RFC 3066), usually empty.
    #[must_use]
    pub fn language(&self) -> &ServerText {
        &self.texts().language
    }

    fn texts(&self) -> &Texts {
        self.texts.as_deref().unwrap_or(&NO_TEXTS)
    }

    /// The prompts, in the order in which they are to be answered.
    #[must_use]
    pub fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    /// Answers each prompt in turn.
    pub fn answer_each<S: Into<Secret>>(self, mut answer: impl FnMut(&Prompt) -> S) -> Answer {
        let answers = self.prompts.iter().map(|prompt| answer(prompt).into());
        let answers = answers.collect();
        self.complete(answers)
    }

    /// Answers each prompt in turn; the first `None` declines the whole.
    pub fn answer_each_or_decline<S: Into<Secret>>(
        self,
        mut answer: impl FnMut(&Prompt) -> Option<S>,
    ) -> Answer {
        let answers = self.prompts.iter();
        let answers = answers.map(|prompt| answer(prompt).map(Into::into));
        match answers.collect::<Option<_>>() {
            Some(answers) => self.complete(answers),
            None => self.decline(),
        }
    }

    /// All answers at once, one for each prompt.
    ///
    /// # Errors
    /// There are more or fewer answers than prompts (RFC 4256 section 3.4: "If the num-responses
    /// field does not match the num-prompts field in the request message, the server MUST send a
    /// failure message."). Nothing is sent; the question comes back inside the error.
    pub fn answers<S: Into<Secret>>(
        self,
        answers: impl IntoIterator<Item = S>,
    ) -> Result<Answer, WrongCount> {
        let answers: Few<Secret, 1> = answers.into_iter().map(Into::into).collect();
        if answers.len() == self.prompts.len() {
            Ok(self.complete(answers))
        } else {
            Err(WrongCount {
                given: answers.len(),
                need: Box::new(self),
            })
        }
    }

    /// No answers: the exchange is abandoned, and the method is not tried again in this run.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }

    fn complete(self, answers: Few<Secret, 1>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Answers(self, answers))
    }
}

/// The number of answers is not the number of prompts; the question comes back.
#[derive(Debug)]
pub struct WrongCount {
    need: Box<NeedAnswers>,
    given: usize,
}

impl WrongCount {
    /// The question, still open.
    pub fn into_question(self) -> NeedAnswers {
        *self.need
    }

    /// Declines the question: the exchange is abandoned.
    pub fn decline(self) -> Answer {
        self.need.decline()
    }
}

impl fmt::Display for WrongCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prompts = self.need.prompts.len();
        write!(f, "{} answers to {prompts} prompts", self.given)
    }
}

impl core::error::Error for WrongCount {}
