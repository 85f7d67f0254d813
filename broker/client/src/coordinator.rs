//! Who coordinates a group or a transactional id, and asking them: a coordinator that moved, or that is still reading
//! its log, is looked up and asked again until the client's patience ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broker_protocol::{ApiKey, ErrorCode, Request, Str, messages::FindCoordinatorRequest};
use broker_types::BrokerId;
use tokio::time::{Instant, sleep};

use crate::{Client, ClientError, admin::cluster::Node};

/// The pause before a coordinator is looked up again.
const PAUSE: Duration = Duration::from_millis(100);

/// What is coordinated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinatorKind {
    /// Groups and their committed offsets.
    Group,
    /// Transactional ids.
    Transaction,
}

impl CoordinatorKind {
    fn key_type(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }
}

/// What each key's coordinator said of it.
pub(crate) type Answers<T> = BTreeMap<Str, Result<T, ClientError>>;

impl Client {
    /// The coordinator of `key`; waits until there is one.
    ///
    /// # Errors
    /// When there is none at the end of the client's patience, or `key` cannot have one.
    pub async fn find_coordinator(
        &mut self,
        kind: CoordinatorKind,
        key: &str,
    ) -> Result<BrokerId, ClientError> {
        let deadline = Instant::now() + self.patience();
        let keys = BTreeSet::from([Str::from(key)]);
        loop {
            let found = self.find_coordinators(kind, &keys).await?;
            let found = found.into_values().next().unwrap_or(Err(none()));
            match found {
                Err(error) if may_come(&error) && Instant::now() < deadline => sleep(PAUSE).await,
                other => return other,
            }
        }
    }

    /// Asks `request` of the coordinator of `key`, and again while `outcome` says that it moved or is not ready.
    /// `version_max` keeps to versions that say what the caller can read.
    ///
    /// # Errors
    /// As [`Client::find_coordinator`], or what the coordinator answers otherwise.
    pub(crate) async fn ask_coordinator<R: Request>(
        &mut self,
        (kind, key): (CoordinatorKind, &str),
        request: &R,
        version_max: i16,
        outcome: impl Fn(&R::Response) -> Option<ErrorCode>,
    ) -> Result<R::Response, ClientError> {
        let deadline = Instant::now() + self.patience();
        loop {
            let id = self.find_coordinator(kind, key).await?;
            let response = self.broker_up_to(id, request, version_max).await?;
            match outcome(&response) {
                Some(code) if comes_later(code) && Instant::now() < deadline => sleep(PAUSE).await,
                _ => return Ok(response),
            }
        }
    }

    /// Asks the coordinators of all `keys`, each once for all that it coordinates. What of a key can be had later is
    /// asked again.
    ///
    /// # Errors
    /// When a broker cannot be asked; what is wrong with single keys is in the answers.
    pub(crate) async fn ask_coordinators<R: Request, T>(
        &mut self,
        kind: CoordinatorKind,
        keys: BTreeSet<Str>,
        request: impl Fn(Vec<Str>) -> R,
        read: impl Fn(BrokerId, R::Response) -> Answers<T>,
    ) -> Result<Answers<T>, ClientError> {
        let deadline = Instant::now() + self.patience();
        let (mut pending, mut answers) = (keys, Answers::new());
        while !pending.is_empty() {
            let mut by_coordinator: BTreeMap<BrokerId, Vec<Str>> = BTreeMap::new();
            let mut round = Answers::new();
            for (key, found) in self.find_coordinators(kind, &pending).await? {
                match found {
                    Ok(id) => by_coordinator.entry(id).or_default().push(key),
                    Err(error) => drop(round.insert(key, Err(error))),
                }
            }
            for (id, keys) in by_coordinator {
                round.extend(read(id, self.broker(id, &request(keys)).await?));
            }
            let is_late = Instant::now() >= deadline;
            for (key, answer) in round {
                if is_late || !matches!(&answer, Err(error) if may_come(error)) {
                    pending.remove(&key);
                    answers.insert(key, answer);
                }
            }
            if is_late {
                // Keys of which no broker said a word.
                answers.extend(pending.into_iter().map(|key| (key, Err(none()))));
                return Ok(answers);
            }
            if !pending.is_empty() {
                sleep(PAUSE).await;
            }
        }
        Ok(answers)
    }

    /// Looks up the coordinators of `keys` once.
    async fn find_coordinators(
        &mut self,
        kind: CoordinatorKind,
        keys: &BTreeSet<Str>,
    ) -> Result<Answers<BrokerId>, ClientError> {
        if self.version(ApiKey::FindCoordinator).await?.is_some_and(|version| version < BATCHES_SINCE) {
            return self.find_coordinators_singly(kind, keys).await;
        }
        let request = FindCoordinatorRequest {
            key_type: kind.key_type(),
            coordinator_keys: keys.iter().cloned().collect(),
            ..FindCoordinatorRequest::default()
        };
        let response = self.any(&request).await?;
        let mut found = Answers::new();
        for coordinator in &response.coordinators {
            let checked = ClientError::check(coordinator.error_code, coordinator.error_message.as_deref());
            let at = (coordinator.node_id, coordinator.host.to_string(), coordinator.port);
            found.insert(coordinator.key.clone(), checked.map(|()| self.remember_coordinator(at)));
        }
        Ok(found)
    }

    /// As [`Client::find_coordinators`], of brokers before Kafka 3.0 (KIP-699).
    async fn find_coordinators_singly(
        &mut self,
        kind: CoordinatorKind,
        keys: &BTreeSet<Str>,
    ) -> Result<Answers<BrokerId>, ClientError> {
        let mut found = Answers::new();
        for key in keys {
            let request = FindCoordinatorRequest {
                key: key.clone(),
                key_type: kind.key_type(),
                ..FindCoordinatorRequest::default()
            };
            let response = self.any(&request).await?;
            let checked = ClientError::check(response.error_code, response.error_message.as_deref());
            let at = (response.node_id, response.host.to_string(), response.port);
            found.insert(key.clone(), checked.map(|()| self.remember_coordinator(at)));
        }
        Ok(found)
    }

    fn remember_coordinator(&mut self, (id, host, port): (i32, String, i32)) -> BrokerId {
        let id = BrokerId::new(id);
        self.remember_one(&Node { id, host, port, rack: None, is_fenced: false });
        id
    }
}

/// Since this version of FindCoordinator several keys are asked for at once.
const BATCHES_SINCE: i16 = 4;

fn none() -> ClientError {
    ClientError::Broker { code: ErrorCode::CoordinatorNotAvailable, message: None }
}

fn may_come(error: &ClientError) -> bool {
    error.code().is_some_and(comes_later)
}

/// Whether somebody else coordinates, nobody does for now, or a transaction is to end first: it can be asked again.
pub(crate) fn comes_later(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::NotCoordinator
            | ErrorCode::UnstableOffsetCommit
            | ErrorCode::ConcurrentTransactions
    )
}
