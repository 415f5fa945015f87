//! Conversations to measure: both sides are played from memory, nobody waits for anybody.

mod catalogue;
mod conversation;
mod table;

pub use catalogue::{
    GROWING, Growing, algorithms, all_methods, asking_for_keys, banner_of, keyboard_interactive,
    keys, keys_at_once, keys_pipelined, listed, password, prompts, publickey,
};
pub use conversation::{Conversation, Login};
pub use table::Table;
