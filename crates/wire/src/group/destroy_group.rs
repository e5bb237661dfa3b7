//! `destroy_group`: marks a chat group as destroyed.

use serde::{Deserialize, Serialize};

use crate::{Command, Lenient, Service};

/// `/v4/group_open_http_svc/destroy_group`.
pub struct DestroyGroup;

impl Command for DestroyGroup {
    const SERVICE: Service = Service::Group;
    const NAME: &'static str = "destroy_group";
    type Request = Request;
    type Response = Response;
}

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// The chat group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id: Lenient<String>,
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
