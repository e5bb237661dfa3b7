//! `create_group`: registers a new chat group. A chosen id must not begin with `@TGS#`.

use super::{NewChatGroup, RegisteredChatGroup};
use crate::{Command, Service};

/// `/v4/group_open_http_svc/create_group`.
pub struct CreateGroup;

impl Command for CreateGroup {
    const SERVICE: Service = Service::Group;
    const NAME: &'static str = "create_group";
    type Request = NewChatGroup;
    type Response = RegisteredChatGroup;
}
