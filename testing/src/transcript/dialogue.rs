//! Texts and prompts of keyboard-interactive, as the server sends them and as they are asked.

use alloc::vec::Vec;

use crate::transcript::words::{Parsed, Sentence, Words};
use crate::wire::{InfoRequest, Prompt};
use ssh_userauth::NeedAnswers;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialogue {
    pub(crate) name: Vec<u8>,
    pub(crate) instruction: Vec<u8>,
    pub(crate) language: Vec<u8>,
    pub(crate) prompts: Vec<PromptLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PromptLine {
    text: Vec<u8>,
    echo: bool,
}

impl Dialogue {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let mut dialogue = Self {
            name: words.behind("name")?,
            instruction: words.behind("instruction")?,
            language: words.behind("language")?,
            prompts: Vec::new(),
        };
        loop {
            let echo = if words.keyword("prompt-hidden") {
                false
            } else if words.keyword("prompt-shown") {
                true
            } else {
                return Ok(dialogue);
            };
            let text = words.bytes("prompt")?;
            dialogue.prompts.push(PromptLine { text, echo });
        }
    }

    pub(crate) fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence
            .behind("name", &self.name)
            .behind("instruction", &self.instruction)
            .behind("language", &self.language);
        self.prompts.iter().fold(sentence, |sentence, prompt| {
            let keyword = if prompt.echo {
                "prompt-shown"
            } else {
                "prompt-hidden"
            };
            sentence.word(keyword).value(&prompt.text)
        })
    }

    pub(crate) fn info_request(&self) -> InfoRequest<'_> {
        InfoRequest {
            name: &self.name,
            instruction: &self.instruction,
            language: &self.language,
            prompts: self.prompts.iter().map(PromptLine::to_wire).collect(),
        }
    }

    pub(crate) fn of_wire(request: &InfoRequest<'_>) -> Self {
        let prompt = |prompt: &Prompt<'_>| PromptLine {
            text: prompt.text.to_vec(),
            echo: prompt.echo,
        };
        Self {
            name: request.name.to_vec(),
            instruction: request.instruction.to_vec(),
            language: request.language.to_vec(),
            prompts: request.prompts.iter().map(prompt).collect(),
        }
    }

    pub(crate) fn of(need: &NeedAnswers) -> Self {
        let prompt = |prompt: &ssh_userauth::Prompt| PromptLine {
            text: prompt.text().raw().to_vec(),
            echo: prompt.echo(),
        };
        Self {
            name: need.name().raw().to_vec(),
            instruction: need.instruction().raw().to_vec(),
            language: need.language().raw().to_vec(),
            prompts: need.prompts().iter().map(prompt).collect(),
        }
    }
}

impl PromptLine {
    fn to_wire(&self) -> Prompt<'_> {
        Prompt {
            text: &self.text,
            echo: self.echo,
        }
    }
}
