//! What a command is: a name in a service, a request and an answer.

use serde::{Serialize, de::DeserializeOwned};

/// One request kind. The unit struct that implements it is what `client.call::<…>()` and a dispatch table name.
///
/// Requests and responses are structs with named fields: writing one never fails and gives a JSON object.
pub trait Command {
    /// The service it belongs to; it decides the path and the form of the envelope.
    const SERVICE: Service;
    /// The last part of the path, such as `mark_contact`.
    const NAME: &'static str;
    /// The body of the call. Reading it never fails for a field: see [`crate::lenient`].
    type Request: Serialize + DeserializeOwned;
    /// The fields of a successful answer without the envelope, in the order of the wire.
    type Response: Serialize + DeserializeOwned;
}

/// A service of the protocol: the path part before the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Conversation groups, marks and pins.
    RecentContact,
    /// The register of accounts.
    Account,
    /// The register of chat groups, and messages in them.
    Group,
    /// One-to-one messages.
    OpenIm,
    /// The project's own: reading and arranging what `recentcontact` keeps.
    Pinfold,
}

impl Service {
    /// Every service.
    pub const ALL: [Service; 5] =
        [Service::RecentContact, Service::Account, Service::Group, Service::OpenIm, Service::Pinfold];

    /// The part of the path, such as `recentcontact` in `/v4/recentcontact/mark_contact`.
    pub const fn path(self) -> &'static str {
        match self {
            Service::RecentContact => "recentcontact",
            Service::Account => "im_open_login_svc",
            Service::Group => "group_open_http_svc",
            Service::OpenIm => "openim",
            Service::Pinfold => "pinfold",
        }
    }

    /// The service of a path part, compared case for case.
    pub fn from_path(path: &str) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.path() == path)
    }
}
