//! The report for programs (feature `serde`): stable names, and text as people see it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::identity::Identity;
use crate::method_list::MethodList;
use crate::notice::Factor;
use crate::report::words::{line, mark_of, own_line};
use crate::report::{
    AttemptRecord, Candidate, Diagnosis, End, Ending, Outcome, Report, ServerDisconnect, Skip,
    Stage,
};

/// The whole ledger. Text of the server is filtered as by
/// [`ServerText::line`](crate::ServerText::line). Fields may be added, names don't change.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Report", 13)?;
        fields.serialize_field("state", self.state())?;
        fields.serialize_field("ending", &self.ending())?;
        fields.serialize_field("diagnosis", &self.diagnosis())?;
        let error = self.protocol_error().map(|error| error.to_string());
        fields.serialize_field("protocol_error", &error)?;
        let version = self.server_version.as_deref().map(own_line);
        fields.serialize_field("server_version", &version)?;
        let algorithms = self.signature_algorithms().map(ToString::to_string);
        fields.serialize_field("signature_algorithms", &algorithms)?;
        fields.serialize_field("offers_host_bound", &self.offers_host_bound())?;
        let banners: Vec<String> = self.banners.iter().map(line).collect();
        fields.serialize_field("banners", &banners)?;
        fields.serialize_field("disconnect", &self.server_disconnect())?;
        fields.serialize_field("methods", &self.methods().map(names))?;
        fields.serialize_field("attempts", self.attempts())?;
        fields.serialize_field("skips", self.skips())?;
        let factors: Vec<Proved> = self.factors().map(Proved).collect();
        fields.serialize_field("factors", &factors)?;
        fields.end()
    }
}

impl Report {
    fn state(&self) -> &'static str {
        match self.end {
            End::Running => "running",
            End::Authenticated => "authenticated",
            End::GaveUp(..) => "gave_up",
            End::Failed => "failed",
        }
    }
}

fn names(list: &MethodList) -> Vec<String> {
    list.names().map(|name| line(&name)).collect()
}

impl Serialize for Diagnosis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnosis", 2)?;
        fields.serialize_field("name", self.name())?;
        fields.serialize_field("sentence", &self.to_string())?;
        fields.end()
    }
}

impl Serialize for AttemptRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("AttemptRecord", 7)?;
        fields.serialize_field("method", self.method().name())?;
        fields.serialize_field("stage", &self.stage())?;
        fields.serialize_field("identity", &self.identity().map(Key))?;
        let algorithm = self.algorithm().map(|name| name.as_str());
        fields.serialize_field("algorithm", &algorithm)?;
        fields.serialize_field("rounds", &self.rounds())?;
        fields.serialize_field("outcome", &self.outcome())?;
        fields.serialize_field("methods_after", &self.methods_after().map(names))?;
        fields.end()
    }
}

impl Serialize for Skip {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (method, identity) = match self.candidate() {
            Candidate::Method(method) => (Some(method.name()), None),
            Candidate::Identity(identity) => (None, Some(Key(identity))),
        };
        let mut fields = serializer.serialize_struct("Skip", 4)?;
        fields.serialize_field("method", &method)?;
        fields.serialize_field("identity", &identity)?;
        fields.serialize_field("reason", self.reason().name())?;
        fields.serialize_field("detail", &self.reason().to_string())?;
        fields.end()
    }
}

impl Serialize for ServerDisconnect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ServerDisconnect", 2)?;
        fields.serialize_field("code", &self.code())?;
        fields.serialize_field("description", &line(self.description()))?;
        fields.end()
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A key, without its bytes: they are public, but long.
struct Key<'a>(&'a Identity);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Identity", 4)?;
        fields.serialize_field("type", self.0.key_type())?;
        let fingerprint = cfg!(feature = "ssh-key").then(|| mark_of(self.0));
        fields.serialize_field("fingerprint", &fingerprint)?;
        fields.serialize_field("bytes", &self.0.blob().len())?;
        fields.serialize_field("label", &self.0.label().map(own_line))?;
        fields.end()
    }
}

struct Proved(Factor);

impl Serialize for Proved {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Factor", 2)?;
        fields.serialize_field("method", self.0.method().name())?;
        fields.serialize_field("identity", &self.0.identity().map(Key))?;
        fields.end()
    }
}
