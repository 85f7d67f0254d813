//! Who was denied what, in the log, under a target of its own: Kafka's `kafka.authorizer.logger`.

use std::time::Duration;

use broker_authorizer::{Action, Reason};
use broker_types::Mono;
use parking_lot::Mutex;

use crate::{clock::Clock, context::RequestContext};

/// The target of these lines.
const TARGET: &str = "kafka.authorizer.logger";
/// How many lines are written in a period: whoever is denied may ask as often as it likes.
const LINES_MAX: u32 = 100;
const PERIOD: Duration = Duration::from_secs(1);

/// Writes what was denied, up to a limit, and then how much was left out.
#[derive(Debug)]
pub(super) struct Audit {
    clock: Clock,
    period: Mutex<Period>,
}

#[derive(Debug, Default)]
struct Period {
    ends: Option<Mono>,
    lines: u32,
    left_out: u64,
}

impl Audit {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, period: Mutex::default() }
    }

    pub(super) fn denied(&self, context: &RequestContext, action: Action<'_>, reason: Reason<'_>) {
        let Some(left_out) = self.period.lock().take(self.clock.mono()) else { return };
        if left_out > 0 {
            tracing::info!(target: TARGET, left_out, "more was denied than is told");
        }
        tracing::info!(
            target: TARGET,
            // Names are the client's: as they are, they could end the line.
            principal = ?context.principal.as_str(),
            host = %context.address.ip().to_canonical(),
            operation = action.operation.title(),
            kind = action.resource_type.title(),
            resource = ?action.name,
            request = context.api_key.name(),
            rule = ?reason.to_string(),
            "denied"
        );
    }
}

impl Period {
    /// Takes one line: `None` when there is none left, otherwise how many were left out before it.
    fn take(&mut self, now: Mono) -> Option<u64> {
        if self.ends.is_none_or(|ends| now >= ends) {
            *self = Self { ends: Some(now.plus(PERIOD)), lines: 0, left_out: self.left_out };
        }
        if self.lines == LINES_MAX {
            self.left_out += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut period = Period::default();
        let at = |millis: u64| Mono::from_micros(millis * 1_000);
        let told = (0..1_000).filter(|_| period.take(at(5)).is_some()).count();
        assert_eq!(told, 100);
        assert_eq!(period.take(at(1_004)), None);
        assert_eq!(period.take(at(1_005)), Some(901));
        assert_eq!(period.take(at(1_005)), Some(0));
    }
}
