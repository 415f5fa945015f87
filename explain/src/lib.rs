//! Explains why an SSH login failed, from the [`Report`] of the crate [`ssh_userauth`].
//!
//! The trait [`Explain`] adds to a report:
//!
//! - [`diagnosis`](Explain::diagnosis): the probable cause, an enum for programs. Displayed, it is
//!   one sentence with advice for people;
//! - [`table`](Explain::table): the whole run for a bug report;
//! - [`sequence_diagram`](Explain::sequence_diagram): the conversation for Mermaid;
//! - `data`: the report for `serde`, with the feature `serde`.
//!
//! ```
//! use ssh_userauth::UserAuthClient;
//! use ssh_userauth_explain::Explain;
//!
//! fn tell(auth: &UserAuthClient) {
//!     if let Some(why) = auth.report().diagnosis() {
//!         eprintln!("{why}");
//!     }
//! }
//! ```
//!
//! Everything here is a pure function of the report. No text has secrets or control characters in
//! it.
//!
//! # Cargo features
//!
//! - `ssh-key` (default): a key without a label is named by its fingerprint instead of its length.
//! - `serde`: the report as data.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

extern crate alloc;

mod advice;
mod cause;
mod diagnosis;
mod diagram;
mod names;
mod sentence;
#[cfg(feature = "serde")]
mod serialize;
mod table;
mod words;

pub use diagnosis::Diagnosis;
pub use diagram::SequenceDiagram;
#[cfg(feature = "serde")]
pub use serialize::Data;
pub use table::Table;

use ssh_userauth::Report;

/// What this crate adds to a [`Report`], and to nothing else.
pub trait Explain: sealed::Sealed {
    /// Why there is no login: `None` while the run goes on, and after a login.
    #[must_use]
    fn diagnosis(&self) -> Option<Diagnosis>;

    /// Every attempt, every skip and what the server said, as a table for a bug report.
    #[must_use]
    fn table(&self) -> Table<'_>;

    /// The conversation as a sequence diagram in the language of Mermaid.
    #[must_use]
    fn sequence_diagram(&self) -> SequenceDiagram<'_>;

    /// The report for `serde`.
    #[cfg(feature = "serde")]
    #[must_use]
    fn data(&self) -> Data<'_>;
}

impl Explain for Report {
    fn diagnosis(&self) -> Option<Diagnosis> {
        cause::of(self)
    }

    fn table(&self) -> Table<'_> {
        Table(self)
    }

    fn sequence_diagram(&self) -> SequenceDiagram<'_> {
        SequenceDiagram(self)
    }

    #[cfg(feature = "serde")]
    fn data(&self) -> Data<'_> {
        Data(self)
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements it")]
    pub trait Sealed {}
    impl Sealed for ssh_userauth::Report {}
}

/// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
