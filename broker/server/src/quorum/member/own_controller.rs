//! The controller that this member is makes itself known to the active one (KIP-919): each life of the process once, and
//! again while the metadata does not say so.

use std::time::Duration;

use broker_controller::Request;
use broker_coordinator as coordinator;
use broker_types::{Mono, ReplyId};

use super::{Events, Member};
use crate::quorum::{NodeRequest, QuorumDiskError};

/// The reply to this controller's own registration; nobody waits for it.
const CONTROLLER_REGISTRATION: ReplyId = ReplyId::new(u64::MAX - 2);
/// The pause before the registration is sent again.
const PAUSE: Duration = Duration::from_secs(1);

impl<E: Events> Member<E> {
    /// When the registration is due, if it is.
    pub(super) fn registration_due(&self) -> Option<Mono> {
        let own = self.settings.as_controller.as_ref()?;
        let known = self.published.cluster().controllers().get(&own.controller);
        let is_known = known.is_some_and(|known| known.incarnation == own.incarnation);
        (!is_known && self.told.is_some()).then_some(self.register_after)
    }

    /// Registers when that is due.
    pub(super) fn register_controller(&mut self) -> Result<(), QuorumDiskError> {
        let now = self.clock.mono();
        if self.registration_due().is_none_or(|due| now < due) {
            return Ok(());
        }
        self.register_after = now.plus(PAUSE);
        let Some(register) = self.settings.as_controller.clone() else { return Ok(()) };
        match self.other_controller() {
            Some(address) => {
                self.controller.ask(&address, NodeRequest::RegisterController(Box::new(register)));
                Ok(())
            }
            None => {
                let request = Request::RegisterController(register);
                self.driver_step(coordinator::Event::Request { reply: CONTROLLER_REGISTRATION, request })
            }
        }
    }
}
