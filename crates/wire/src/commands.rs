//! The list of all commands: the source of a dispatch table and of the generated documents.

use crate::{Command, Service, account, group, recent_contact};

/// A command by its two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listed {
    /// The service it belongs to.
    pub service: Service,
    /// The last part of its path.
    pub name: &'static str,
}

impl Listed {
    /// The names of a command type.
    pub const fn of<C: Command>() -> Listed {
        Listed { service: C::SERVICE, name: C::NAME }
    }
}

/// Every command there is, by service, in the order of docs/protocol.md.
pub static COMMANDS: [Listed; 16] = [
    Listed::of::<recent_contact::CreateContactGroup>(),
    Listed::of::<recent_contact::UpdateContactGroup>(),
    Listed::of::<recent_contact::DelContactGroup>(),
    Listed::of::<recent_contact::MarkContact>(),
    Listed::of::<recent_contact::SearchContactGroup>(),
    Listed::of::<recent_contact::GetContactGroup>(),
    Listed::of::<recent_contact::Top>(),
    Listed::of::<account::AccountImport>(),
    Listed::of::<account::MultiaccountImport>(),
    Listed::of::<account::AccountCheck>(),
    Listed::of::<account::AccountDelete>(),
    Listed::of::<group::CreateGroup>(),
    Listed::of::<group::ImportGroup>(),
    Listed::of::<group::DestroyGroup>(),
    Listed::of::<group::GetGroupInfo>(),
    Listed::of::<group::GetAppidGroupList>(),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_commands_have_the_same_path() {
        assert_eq!(COMMANDS.iter().collect::<BTreeSet<_>>().len(), COMMANDS.len());
    }

    #[test]
    fn a_service_is_found_by_its_path_and_by_no_other_case_of_it() {
        for service in Service::ALL {
            assert_eq!(Service::from_path(service.path()), Some(service));
            assert_eq!(Service::from_path(&service.path().to_uppercase()), None);
        }
    }
}
