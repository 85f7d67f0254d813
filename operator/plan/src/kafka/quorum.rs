//! The quorum of controllers: who votes, who follows without a vote, and what a majority can do without.

use std::collections::BTreeMap;

/// The quorum of controllers, as its leader tells it (DescribeQuorum, KIP-595 and KIP-853).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuorumState {
    /// The active controller.
    pub leader: Option<i32>,
    /// Who votes, by node id.
    pub voters: BTreeMap<i32, Replica>,
    /// Who follows without a vote. A node that lost its volume is there with both its directories for a while.
    pub observers: Vec<(i32, Replica)>,
}

/// A replica of the metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    /// The id of the directory that it is in.
    pub directory: String,
    /// When it last fetched from the leader, in milliseconds since 1970.
    pub last_fetch: Option<i64>,
    /// When it had last caught up with the leader, in milliseconds since 1970.
    pub last_caught_up: Option<i64>,
}

impl QuorumState {
    /// Whether controller `id` can be stopped and a majority that knows everything is left. `behind_max_ms`: how long
    /// ago a controller may have caught up last.
    ///
    /// # Errors
    /// Why not, for people.
    pub fn can_stop(&self, id: i32, behind_max_ms: i64) -> Result<(), String> {
        self.has_leader()?;
        let count = self.voters.len();
        if count <= 1 || !self.voters.contains_key(&id) {
            // Alone it has nobody to hand over to; without a vote it is not missed.
            return Ok(());
        }
        let needed = if count == 2 { 1 } else { count / 2 + 1 };
        self.is_enough(id, needed, count, behind_max_ms)
    }

    /// Whether voter `id` can lose its vote: somebody is left who votes, and of those a majority knows everything.
    ///
    /// # Errors
    /// Why not, for people.
    pub fn can_remove(&self, id: i32, behind_max_ms: i64) -> Result<(), String> {
        self.has_leader()?;
        let left = self.voters.keys().filter(|voter| **voter != id).count();
        if left == 0 {
            return Err(format!("controller {id} is the last one that votes"));
        }
        self.is_enough(id, left / 2 + 1, left, behind_max_ms)
    }

    /// Whether `replica`, which has no vote, has caught up as voters have to.
    #[must_use]
    pub fn has_caught_up(&self, replica: &Replica, behind_max_ms: i64) -> bool {
        let newest = self.leader.and_then(|leader| self.voters.get(&leader)?.last_caught_up);
        let behind = newest.zip(replica.last_caught_up).map(|(newest, at)| newest.saturating_sub(at));
        behind.is_some_and(|behind| behind < behind_max_ms)
    }

    /// What node `id` has without a vote: the directory that it was heard from last.
    #[must_use]
    pub fn observer(&self, id: i32) -> Option<&Replica> {
        let own = self.observers.iter().filter(|(observer, _)| *observer == id).map(|(_, replica)| replica);
        own.max_by_key(|replica| replica.last_fetch)
    }

    fn has_leader(&self) -> Result<(), String> {
        self.leader.map(drop).ok_or_else(|| "there is no active controller".to_owned())
    }

    fn is_enough(&self, id: i32, needed: usize, of: usize, behind_max_ms: i64) -> Result<(), String> {
        let is_caught_up = |(voter, replica): &(&i32, &Replica)| {
            self.leader == Some(**voter) || self.has_caught_up(replica, behind_max_ms)
        };
        let left = self.voters.iter().filter(|(voter, _)| **voter != id).filter(is_caught_up).count();
        if left < needed {
            return Err(format!(
                "{left} controllers besides {id} have caught up and {needed} of {of} are needed"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quorum(leader: Option<i32>, voters: &[(i32, Option<i64>)]) -> QuorumState {
        let replica = |at: Option<i64>| Replica { last_caught_up: at, last_fetch: at, ..Replica::default() };
        let voters = voters.iter().map(|(id, at)| (*id, replica(*at))).collect();
        QuorumState { leader, voters, observers: Vec::new() }
    }

    #[test]
    fn a_controller_stops_only_when_a_majority_has_caught_up_without_it() {
        let now = Some(10_000);
        let cases = [
            ("alone", quorum(Some(1), &[(1, now)]), true),
            ("two", quorum(Some(2), &[(1, now), (2, now)]), true),
            ("two, the other behind", quorum(Some(1), &[(1, now), (2, Some(8_000))]), false),
            ("three", quorum(Some(1), &[(1, now), (2, Some(9_900)), (3, now)]), true),
            ("three, one behind", quorum(Some(2), &[(1, now), (2, now), (3, Some(9_000))]), false),
            ("three, one silent", quorum(Some(2), &[(1, now), (2, now), (3, None)]), false),
            ("it is the one behind", quorum(Some(2), &[(1, None), (2, now), (3, now)]), true),
            ("five, one behind", quorum(Some(2), &[(1, now), (2, now), (3, now), (4, now), (5, None)]), true),
            ("nobody leads", quorum(None, &[(1, now), (2, now), (3, now)]), false),
        ];
        for (case, state, expected) in cases {
            assert_eq!(state.can_stop(1, 1000).is_ok(), expected, "{case}");
        }
    }

    #[test]
    fn a_voter_goes_only_when_a_majority_of_the_others_has_caught_up() {
        let now = Some(10_000);
        let last = "controller 1 is the last one that votes";
        let behind = |left: usize, needed: usize, of: usize| {
            format!("{left} controllers besides 1 have caught up and {needed} of {of} are needed")
        };
        let cases = [
            (quorum(Some(1), &[(1, now)]), Err(last.to_owned())),
            (quorum(Some(1), &[(1, now), (2, now)]), Ok(())),
            (quorum(Some(1), &[(1, now), (2, None)]), Err(behind(0, 1, 1))),
            (quorum(Some(2), &[(1, None), (2, now), (3, now)]), Ok(())),
            (quorum(Some(2), &[(1, now), (2, now), (3, None)]), Err(behind(1, 2, 2))),
            (quorum(Some(2), &[(1, now), (2, now), (3, now), (4, None)]), Ok(())),
            (quorum(None, &[(1, now), (2, now), (3, now)]), Err("there is no active controller".to_owned())),
        ];
        for (state, expected) in cases {
            assert_eq!(state.can_remove(1, 1000), expected, "{state:?}");
        }
    }

    #[test]
    fn of_two_directories_the_one_heard_from_last_counts() {
        let mut state = quorum(Some(1), &[(1, Some(10_000))]);
        let replica = |directory: &str, at: i64| Replica {
            directory: directory.to_owned(),
            last_fetch: Some(at),
            last_caught_up: Some(at),
        };
        state.observers =
            vec![(2, replica("new", 9_900)), (2, replica("old", 100)), (3, replica("other", 9_999))];
        assert_eq!(state.observer(2).map(|replica| replica.directory.as_str()), Some("new"));
        assert!(state.has_caught_up(&replica("new", 9_900), 1000));
        assert!(!state.has_caught_up(&replica("old", 100), 1000));
        assert_eq!(state.observer(4), None);
    }
}
