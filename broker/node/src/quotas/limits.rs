//! Which quota holds for whom.

use alloc::collections::BTreeMap;

use broker_metadata::ClientQuotas;
use broker_protocol::Str;

use super::Payer;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaKind {
    /// Bytes produced a second.
    Produce,
    /// Bytes consumed a second.
    Fetch,
    /// Percent of one thread's time.
    Request,
    /// Partitions created and deleted a second.
    ControllerMutation,
}

impl QuotaKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Produce, Self::Fetch, Self::Request, Self::ControllerMutation];

    /// The key of the quota.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Produce => "producer_byte_rate",
            Self::Fetch => "consumer_byte_rate",
            Self::Request => "request_percentage",
            Self::ControllerMutation => "controller_mutation_rate",
        }
    }
}

/// Who is charged, and what may be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Charged {
    /// Whose account it is.
    pub payer: Payer,
    /// The quota.
    pub limit: f64,
}

/// The quotas of one kind, by whom they hold for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    users: BTreeMap<Str, OfUser>,
    default_user: OfUser,
    clients: OfClients,
}

/// What one user may use, or each that has nothing of its own.
#[derive(Clone, Debug, Default, PartialEq)]
struct OfUser {
    own: Option<f64>,
    clients: OfClients,
}

/// What each client id may use.
#[derive(Clone, Debug, Default, PartialEq)]
struct OfClients {
    named: BTreeMap<Str, f64>,
    default: Option<f64>,
}

impl OfClients {
    fn of(&self, client: Option<&str>) -> Option<f64> {
        client.and_then(|client| self.named.get(client).copied()).or(self.default)
    }

    fn set(&mut self, client: Option<&Str>, limit: f64) {
        match client {
            Some(client) => {
                self.named.insert(client.clone(), limit);
            }
            None => self.default = Some(limit),
        }
    }
}

impl Limits {
    /// Those of one kind. Entities of addresses have others.
    #[must_use]
    pub fn of(kind: QuotaKind, quotas: &ClientQuotas) -> Self {
        let mut limits = Self::default();
        for (entity, values) in quotas.by_entity().iter() {
            let Some((_, limit)) = values.iter().find(|(key, _)| key == kind.key()) else { continue };
            let part = |kind: &str| entity.parts().iter().find(|(own, _)| own == kind).map(|(_, name)| name);
            match (part("user"), part("client-id")) {
                (None, None) => {}
                (None, Some(client)) => limits.clients.set(client.as_ref(), *limit),
                (Some(user), None) => limits.user(user.as_ref()).own = Some(*limit),
                (Some(user), Some(client)) => limits.user(user.as_ref()).clients.set(client.as_ref(), *limit),
            }
        }
        limits
    }

    fn user(&mut self, name: Option<&Str>) -> &mut OfUser {
        match name {
            Some(name) => self.users.entry(name.clone()).or_default(),
            None => &mut self.default_user,
        }
    }

    /// Whether nobody has a limit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Who is charged for what this user does as this client; `None` where nothing limits it. As in Kafka, a quota of users
    /// and their clients hides those of users from a client without an id, and limits it only if it is empty.
    #[must_use]
    pub fn charged(&self, user: &str, client: Option<&str>) -> Option<Charged> {
        let named = self.users.get(user);
        for of_user in named.into_iter().chain([&self.default_user]) {
            if let Some(limit) = of_user.clients.of(client) {
                return match client {
                    Some("") => self.charged_user(user),
                    Some(id) => Some(Charged { payer: Payer::new(Some(user), Some(id)), limit }),
                    None => None,
                };
            }
            if let Some(limit) = of_user.own {
                return Some(Charged { payer: Payer::new(Some(user), None), limit });
            }
        }
        let id = client.filter(|id| !id.is_empty())?;
        let limit = self.clients.of(Some(id))?;
        Some(Charged { payer: Payer::new(None, Some(id)), limit })
    }

    fn charged_user(&self, user: &str) -> Option<Charged> {
        let limit = self.users.get(user).and_then(|own| own.own).or(self.default_user.own)?;
        Some(Charged { payer: Payer::new(Some(user), None), limit })
    }
}

#[cfg(test)]
mod tests;
