//! An allocator that counts and searches, and a caller to play conversations with.

mod allocator;
mod caller;
mod packets;
mod random;

pub use allocator::{MARKER, Use, Watching, kept, marked, measure, search};
pub use caller::{Caller, all_methods, key, rsa_key};
pub use packets::*;
pub use random::Random;
