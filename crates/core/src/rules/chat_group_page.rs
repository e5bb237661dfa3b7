//! `get_appid_group_list`: one page of the register of chat groups.

use crate::{ChatGroup, ChatGroupId, ChatGroupKind, ChatGroupSeq};

/// A page, filled with chat groups as the register lists them, in their order.
///
/// A page of the whole register holds `count_max` places, of which destroyed chat groups take some; a page of one kind
/// holds `count_max` chat groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatGroupPage {
    kind: Option<ChatGroupKind>,
    after: ChatGroupSeq,
    count_max: usize,
    taken: usize,
    last: ChatGroupSeq,
    has_more: bool,
    /// The chat groups on the page, none that was destroyed.
    pub ids: Vec<ChatGroupId>,
    /// How many chat groups of the kind were listed and not destroyed, on this page or not. Without a kind: how many were
    /// listed.
    pub of_kind: u64,
}

impl ChatGroupPage {
    /// An empty page after this place, of one kind or of all.
    pub fn new(kind: Option<ChatGroupKind>, after: ChatGroupSeq, count_max: usize) -> Self {
        Self { kind, after, count_max, taken: 0, last: after, has_more: false, ids: Vec::new(), of_kind: 0 }
    }

    /// Takes the next chat group of the register.
    pub fn take(&mut self, seq: ChatGroupSeq, id: &ChatGroupId, chat_group: &ChatGroup) {
        let is_listed = match self.kind {
            None => true,
            Some(kind) => !chat_group.destroyed && kind.synonyms().contains(&chat_group.kind),
        };
        self.of_kind += u64::from(is_listed);
        if !is_listed || seq <= self.after {
            return;
        }
        if self.taken == self.count_max {
            self.has_more = true;
            return;
        }
        (self.taken, self.last) = (self.taken + 1, seq);
        if !chat_group.destroyed {
            self.ids.push(id.clone());
        }
    }

    /// Where the next page begins; `None` after the last one.
    pub fn next(&self) -> Option<ChatGroupSeq> {
        self.has_more.then_some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    /// Chat groups `1` to `7` of a register: the third was destroyed, the even ones are `Work`, the others `Public`.
    fn page(kind: Option<ChatGroupKind>, after: u32, count_max: usize) -> (Vec<String>, Option<u32>, u64) {
        let mut page = ChatGroupPage::new(kind, ChatGroupSeq(after), count_max);
        for seq in 1..=7 {
            let kind = if seq % 2 == 0 { ChatGroupKind::Work } else { ChatGroupKind::Public };
            let (name, created_at) = (String::new(), Timestamp(1));
            let chat_group = ChatGroup { kind, name, owner: None, created_at, destroyed: seq == 3 };
            page.take(ChatGroupSeq(seq), &ChatGroupId::parse(&seq.to_string()).unwrap(), &chat_group);
        }
        let next = page.next().map(|seq| seq.0);
        (page.ids.iter().map(|id| id.as_str().to_owned()).collect(), next, page.of_kind)
    }

    #[test]
    fn on_a_page_of_all_a_destroyed_chat_group_takes_a_place_and_is_not_shown() {
        assert_eq!(page(None, 0, 3), (vec!["1".into(), "2".into()], Some(3), 7));
        assert_eq!(page(None, 3, 4), (["4", "5", "6", "7"].map(String::from).to_vec(), None, 7));
    }

    #[test]
    fn a_page_of_one_kind_is_full_where_there_are_more_and_counts_them_all() {
        let public = Some(ChatGroupKind::Public);
        assert_eq!(page(public, 0, 2), (vec!["1".into(), "5".into()], Some(5), 3));
        assert_eq!(page(public, 5, 2), (vec!["7".into()], None, 3));
    }

    #[test]
    fn a_kind_is_found_by_its_older_name_too() {
        assert_eq!(page(Some(ChatGroupKind::Private), 0, 9).0, ["2", "4", "6"]);
    }
}
