//! `config limit`: a number that bounds something.

use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::Limits;

/// One field of [`Limits`], by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    name: &'static str,
    value: u64,
}

macro_rules! limits {
    ($($name:ident),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Limit {
            pub(crate) fn set(&self, limits: &mut Limits) {
                match self.name {
                    $( stringify!($name) => {
                        if let Ok(value) = self.value.try_into() {
                            limits.$name = value;
                        }
                    } )*
                    _ => {}
                }
            }

            /// Those that are not what they are if nothing is said.
            pub(crate) fn unusual(limits: &Limits) -> alloc::vec::Vec<Self> {
                let usual = Limits::default();
                let all = [$( (
                    stringify!($name),
                    u64::try_from(limits.$name).ok(),
                    u64::try_from(usual.$name).ok(),
                ) ),*];
                let of = |(name, value, usual): (_, Option<u64>, _)| {
                    let value = value.filter(|_| value != usual)?;
                    Some(Self { name, value })
                };
                all.into_iter().filter_map(of).collect()
            }
        }
    };
}

limits!(
    max_packet_bytes,
    max_prompts,
    max_rounds,
    max_password_tries,
    max_keyboard_interactive_tries,
    max_other_tries,
    max_gssapi_tokens,
    max_password_changes,
    max_requests,
    max_identities,
    max_partial_successes,
    max_banners,
    max_banner_bytes,
    max_ext_info,
    max_algorithm_list_bytes,
    max_method_list_bytes,
    max_user_bytes,
    max_password_bytes,
    max_answer_bytes,
    max_signature_bytes,
);

impl Limit {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let name = words.text("name of a limit")?;
        let known = NAMES.iter().find(|known| **known == name);
        let name = known.ok_or_else(|| alloc::format!("there is no limit {name:?}"))?;
        let value = words.number("limit")?;
        Ok(Self { name, value })
    }

    pub(crate) fn print(&self, sentence: Sentence) -> Sentence {
        sentence.word(self.name).number(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_name() {
        let shown = alloc::format!("{:?}", Limits::default());
        let fields = shown.matches(": ").count();
        assert_eq!(NAMES.len(), fields, "{shown}");
    }
}
