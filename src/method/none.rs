//! The method `none` (RFC 4252 section 5.2): to learn the methods, or as a login without proof.

use crate::method_name::Method;
use crate::payload::{Content, Evidence};
use crate::report::{RequestInfo, Stage, Unavailable};
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
    let (dialogue, stage) = if run.context.config().methods.contains(&Method::None) {
        (Dialogue::Intended, Stage::Proof)
    } else {
        (Dialogue::Probe, Stage::Query)
    };
    let info = RequestInfo {
        stage,
        ..RequestInfo::of(Method::None)
    };
    Ok(run.request(info, payload, dialogue))
}
