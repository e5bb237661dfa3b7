//! `import_group`: registers a chat group that exists elsewhere. A chosen id may begin with `@TGS#`.

use super::{NewChatGroup, RegisteredChatGroup};
use crate::{Command, Service};

/// `/v4/group_open_http_svc/import_group`.
pub struct ImportGroup;

impl Command for ImportGroup {
    const SERVICE: Service = Service::Group;
    const NAME: &'static str = "import_group";
    type Request = NewChatGroup;
    type Response = RegisteredChatGroup;
}
