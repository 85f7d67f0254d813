//! Users as principals: what one request of each kind asks and changes.

use std::collections::{BTreeMap, BTreeSet};

use broker_sasl::Secret;
use operator_plan::users::{Acl, Mechanism, ObservedPrincipal, PrincipalChange};

use super::{Ware, batch};

/// Users, by their names in Kafka without the type.
#[derive(Clone, Copy, Debug)]
pub struct Users;

/// A change of one principal, with the password that it may get. Shows nothing of that where it is printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserChange {
    /// Mechanisms whose passwords go.
    pub(super) forget: BTreeSet<Mechanism>,
    /// ACLs that are added.
    pub(super) create: BTreeSet<Acl>,
    /// ACLs that go.
    pub(super) delete: BTreeSet<Acl>,
    /// Quotas that are set, or taken away.
    pub(super) quotas: BTreeMap<String, Option<f64>>,
    /// The password that is set.
    pub(super) password: Option<Secret>,
}

impl UserChange {
    /// What was decided, with the password where one is to be set.
    #[must_use]
    pub fn new(change: &PrincipalChange, password: Option<&Secret>) -> Self {
        let PrincipalChange { forget, create, delete, quotas, sets_password } = change.clone();
        Self { forget, create, delete, quotas, password: password.filter(|_| sets_password).cloned() }
    }
}

impl Ware for Users {
    type Seen = ObservedPrincipal;
    type Change = UserChange;

    fn is_for_kafka(_: &UserChange) -> bool {
        true
    }

    fn batch<'a>(changes: impl Iterator<Item = &'a UserChange>) -> usize {
        batch::size(changes.map(|change| {
            let acls = change.create.len() + change.delete.len();
            1 + acls + change.quotas.len() + change.forget.len()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_no_password() {
        let change = PrincipalChange { sets_password: true, ..PrincipalChange::default() };
        let shown = format!("{:?}", UserChange::new(&change, Some(&Secret::new("hunter2"))));
        assert!(!shown.contains("hunter2") && shown.contains("password: Some"), "{shown}");
        let unset = UserChange::new(&PrincipalChange::default(), Some(&Secret::new("hunter2")));
        assert_eq!(unset.password, None, "it is given where it is to be set alone");
    }
}
