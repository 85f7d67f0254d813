//! What a member does about requests that had no success.

use broker_protocol::{ErrorCode, Str};
use broker_types::Mono;

use super::{Action, Fault, Member, PAUSE, State};

/// What is to be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// The group forms anew: join again.
    Rejoin,
    /// The coordinator does not know this generation of it any more.
    Forget,
    /// It does not know the member any more.
    ForgetAll,
    /// It is busy: try again.
    Again,
    /// Somebody else coordinates: look for it.
    Elsewhere,
    /// It will not get better.
    Fail(ErrorCode),
}

fn remedy(fault: Fault) -> Remedy {
    let code = match fault {
        Fault::Broken => return Remedy::Elsewhere,
        Fault::Code(code) => code,
    };
    match code {
        ErrorCode::RebalanceInProgress => Remedy::Rejoin,
        ErrorCode::IllegalGeneration => Remedy::Forget,
        ErrorCode::UnknownMemberId => Remedy::ForgetAll,
        ErrorCode::CoordinatorLoadInProgress => Remedy::Again,
        ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
            Remedy::Elsewhere
        }
        other => Remedy::Fail(other),
    }
}

impl Member {
    /// A request that is out had no success.
    pub(super) fn fault(&mut self, now: Mono, fault: Fault, actions: &mut Vec<Action>) {
        match remedy(fault) {
            Remedy::Rejoin => self.again(actions),
            Remedy::Forget => {
                self.generation = None;
                self.again(actions);
            }
            Remedy::ForgetAll => {
                self.generation = None;
                self.member = Str::EMPTY;
                self.again(actions);
            }
            Remedy::Again => self.later(now),
            Remedy::Elsewhere => {
                actions.push(Action::FindCoordinator);
                self.later(now);
            }
            Remedy::Fail(code) => {
                self.state = State::Failed;
                actions.push(Action::Fail(code));
            }
        }
    }

    /// Joins again, with nothing in hand.
    fn again(&mut self, actions: &mut Vec<Action>) {
        match self.state {
            State::Stable { .. } => self.give_up(actions),
            _ => self.join(actions),
        }
    }

    /// Tries again in a moment: a heartbeat as a heartbeat, all else from the start.
    fn later(&mut self, now: Mono) {
        let at = now.plus(PAUSE);
        self.state = match self.state {
            State::Stable { .. } => State::Stable { beat_at: at, is_beating: false },
            _ => State::Pausing(at),
        };
    }
}
