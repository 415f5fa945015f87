//! The method `none` (RFC 4252 section 5.2): to learn the methods, or as a login without proof.

use crate::method_name::Method;
use crate::payload::{Content, Evidence};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Begun, Run, encode};
use crate::wire::RequestMethod;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    /// To learn the methods.
    Probe,
    /// The caller named `none` among the methods.
    Intended,
}

pub(crate) fn start<Q>(run: &mut Run<Q>) -> Result<Begun<Dialogue>, Unavailable> {
    let request = run.context.login.request(RequestMethod::None);
    let payload = encode(&request, Content::Open, Evidence::Nothing)?;
    let is_intended = run.context.config().methods.contains(&Method::None);
    let (dialogue, attempt) = match is_intended {
        true => (Dialogue::Intended, AttemptRecord::proof(Method::None)),
        false => (Dialogue::Probe, AttemptRecord::query(Method::None)),
    };
    Ok(run.request(attempt, payload, dialogue))
}
