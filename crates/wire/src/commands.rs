//! The list of all commands: the source of dispatch, call rates, metrics and the generated documents.

use crate::{Command, Service};

/// Hands the table of all commands to a macro of the caller, by service, in the order of docs/protocol.md. A row is
///
/// ```text
/// Service "name" Type(module of its Request and Response), calls a second, what a repeated call is answered;
/// RecentContact "mark_contact" MarkContact(recent_contact::mark_contact), 200, Varies;
/// ```
///
/// Calls a second are the default of docs/protocol.md, section 1; for the last column see [`Repeat`](crate::Repeat).
#[macro_export]
macro_rules! commands {
    ($with:ident) => {
        $with! {
            RecentContact "create_contact_group" CreateContactGroup(recent_contact::create_contact_group), 200, Same;
            RecentContact "update_contact_group" UpdateContactGroup(recent_contact::update_contact_group), 200, Varies;
            RecentContact "del_contact_group" DelContactGroup(recent_contact::del_contact_group), 200, Same;
            RecentContact "mark_contact" MarkContact(recent_contact::mark_contact), 200, Varies;
            RecentContact "search_contact_group" SearchContactGroup(recent_contact::search_contact_group), 200, Same;
            RecentContact "get_contact_group" GetContactGroup(recent_contact::get_contact_group), 200, Same;
            RecentContact "top" Top(recent_contact::top), 200, Same;
            RecentContact "get_list" GetList(recent_contact::get_list), 200, Varies;
            RecentContact "delete" Delete(recent_contact::delete), 200, Same;
            Account "account_import" AccountImport(account::account_import), 200, Same;
            Account "multiaccount_import" MultiaccountImport(account::multiaccount_import), 100, Varies;
            Account "account_check" AccountCheck(account::account_check), 100, Same;
            Account "account_delete" AccountDelete(account::account_delete), 100, Varies;
            Group "create_group" CreateGroup(group::create_group), 200, Varies;
            Group "import_group" ImportGroup(group::import_group), 200, Varies;
            Group "destroy_group" DestroyGroup(group::destroy_group), 200, Varies;
            Group "get_group_info" GetGroupInfo(group::get_group_info), 200, Same;
            Group "get_appid_group_list" GetAppidGroupList(group::get_appid_group_list), 200, Same;
            Group "send_group_msg" SendGroupMsg(group::send_group_msg), 200, Varies;
            Group "import_group_msg" ImportGroupMsg(group::import_group_msg), 200, Varies;
            OpenIm "sendmsg" Sendmsg(open_im::sendmsg), 200, Varies;
            OpenIm "batchsendmsg" Batchsendmsg(open_im::batchsendmsg), 200, Varies;
            OpenIm "importmsg" Importmsg(open_im::importmsg), 200, Same;
            Pinfold "list_groups" ListGroups(pinfold::list_groups), 200, Same;
            Pinfold "find_conversations" FindConversations(pinfold::find_conversations), 200, Same;
            Pinfold "order_groups" OrderGroups(pinfold::order_groups), 200, Same;
            Pinfold "order_pins" OrderPins(pinfold::order_pins), 200, Same;
            Pinfold "set_group_data" SetGroupData(pinfold::set_group_data), 200, Same;
            Pinfold "get_changes" GetChanges(pinfold::get_changes), 200, Same;
            Pinfold "undo" Undo(pinfold::undo), 200, Varies;
        }
    };
}

/// What a call is answered that repeats a successful one, byte for byte, with nothing in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repeat {
    /// The same as the first; it changes nothing.
    Same,
    /// It may be another answer: what the first call did can make room for one of its items, or be refused twice; or it
    /// tells the time.
    Varies,
}

/// A command by its two names, with what the table says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listed {
    /// The service it belongs to.
    pub service: Service,
    /// The last part of its path.
    pub name: &'static str,
    /// Calls of an app in a second where the configuration names no other number.
    pub calls_per_second_max: u32,
    /// What a repeated call is answered.
    pub repeat: Repeat,
}

macro_rules! define {
    ($($service:ident $name:literal $command:ident($($module:ident)::+), $rate:literal, $repeat:ident;)*) => {
        $(
            #[doc = concat!("The command `", $name, "`.")]
            pub struct $command;

            impl Command for $command {
                const SERVICE: Service = Service::$service;
                const NAME: &'static str = $name;
                type Request = crate::$($module)::+::Request;
                type Response = crate::$($module)::+::Response;
            }
        )*

        /// Every command there is, by service, in the order of docs/protocol.md.
        pub static COMMANDS: [Listed; [$($name),*].len()] = [$(Listed {
            service: Service::$service,
            name: $name,
            calls_per_second_max: $rate,
            repeat: Repeat::$repeat,
        }),*];
    };
}

commands!(define);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_commands_have_the_same_path() {
        let paths: BTreeSet<_> = COMMANDS.iter().map(|command| (command.service, command.name)).collect();
        assert_eq!(paths.len(), COMMANDS.len());
    }

    #[test]
    fn a_service_is_found_by_its_path_and_by_no_other_case_of_it() {
        for service in Service::ALL {
            assert_eq!(Service::from_path(service.path()), Some(service));
            assert_eq!(Service::from_path(&service.path().to_uppercase()), None);
        }
    }
}
