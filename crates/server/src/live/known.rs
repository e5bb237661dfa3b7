//! What the database said last of an account that is watched.

use pinfold_store::Position;

use super::told::Told;

/// Where the account stands as far as all its streams know.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Known {
    /// Nothing, because a stream came since the last question, which may stand anywhere.
    #[default]
    Nothing,
    /// The question is on its way.
    Asked,
    /// This was the last answer.
    Said(Option<Position>),
}

impl Known {
    /// The database is asked now.
    pub(super) fn ask(&mut self) {
        if matches!(self, Self::Nothing) {
            *self = Self::Asked;
        }
    }

    /// What to tell the streams of this answer. It may be older than what they were told of commits of this process: of a
    /// change that they know they send nothing, and whether an account is gone they look up themselves.
    pub(super) fn answer(&mut self, now: Option<Position>) -> Option<Told> {
        let said = match *self {
            Self::Said(said) => Some(said),
            Self::Nothing | Self::Asked => None,
        };
        if !matches!(self, Self::Nothing) {
            *self = Self::Said(now);
        }
        match (said, now) {
            (Some(said), now) if said == now => None,
            (_, None) => Some(Told::Unsure),
            // What others do is not told where it is not kept.
            (Some(Some(said)), Some(now)) if said.life == now.life && now.history_from == 0 => None,
            (_, Some(now)) => Some(Told::Moved(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::Revision;
    use pinfold_store::Life;

    use super::*;

    fn position(life: u64, revision: u32, history_from: u32) -> Option<Position> {
        Some(Position { life: Life(life), revision: Revision(revision), history_from, imported: true })
    }

    /// Asks, and gives what is told of the answer: the revision, 0 for an account that may be gone.
    fn told(known: &mut Known, now: Option<Position>) -> Option<u32> {
        known.ask();
        known.answer(now).map(|told| match told {
            Told::Moved(position) => position.revision.0,
            Told::Unsure => 0,
            Told::Change(_) | Told::Deleted => panic!("the database does not tell that"),
        })
    }

    #[test]
    fn an_account_that_moved_is_told_once() {
        let mut known = Known::default();
        for (revision, expected) in [(3, Some(3)), (3, None), (4, Some(4)), (9, Some(9)), (9, None)] {
            assert_eq!(told(&mut known, position(7, revision, 1)), expected);
        }
    }

    #[test]
    fn an_account_that_is_gone_or_came_anew_is_told_once() {
        let mut known = Known::default();
        let answers = [(position(7, 3, 0), Some(3)), (None, Some(0)), (None, None), (position(8, 1, 0), Some(1))];
        for (now, expected) in answers {
            assert_eq!(told(&mut known, now), expected);
        }
        assert_eq!(told(&mut known, position(9, 1, 0)), Some(1));
    }

    #[test]
    fn changes_that_are_not_kept_are_not_told() {
        let mut known = Known::default();
        told(&mut known, position(7, 3, 0));
        assert_eq!(told(&mut known, position(7, 4, 0)), None);
        assert_eq!(told(&mut known, position(7, 5, 5)), Some(5));
    }

    #[test]
    fn an_answer_to_a_question_from_before_a_stream_came_is_told_and_not_relied_on() {
        let mut known = Known::default();
        known.ask();
        known = Known::Nothing;
        assert!(matches!(known.answer(None), Some(Told::Unsure)));
        assert_eq!(told(&mut known, None), Some(0), "the stream may have met an account in between");
        assert_eq!(told(&mut known, None), None);
    }
}
