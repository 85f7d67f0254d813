//! A shard of transactional ids in a partition of `__transaction_state`.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use broker_metadata::Image;
use broker_records::Codec;
use broker_txn::{Encoded, Features, Settings, TransactionCoordinator, TransactionRecord};
use broker_types::{PartitionId, TransactionVersion};
use tokio_util::sync::CancellationToken;

use super::{TRANSACTION_TOPIC, markers};
use crate::{
    broker::Broker,
    coordinators::{Entry, Hosted, Keeping, Place, Unencodable, Unreadable},
    features::TRANSACTION_VERSION,
    tasks::TaskKind,
};

impl Hosted for TransactionCoordinator {
    const TOPIC: &'static str = TRANSACTION_TOPIC;

    fn make(broker: &Broker, _: PartitionId) -> Self {
        Self::new(settings(broker), Arc::new(Finalized(Arc::clone(&broker.image))))
    }

    fn keeping(broker: &Broker) -> Keeping {
        let config = &broker.settings().config;
        Keeping {
            // Kafka never compresses it, so that what it knows of a batch by its header is all there is.
            codec: Codec::None,
            commit_timeout: config.network.request_timeout,
            load_bytes: u32::try_from(config.transactions.state_topic.load_buffer_bytes).unwrap_or(u32::MAX),
        }
    }

    fn accompany(broker: &Arc<Broker>, place: Place, gone: CancellationToken) {
        broker.tasks().spawn(TaskKind::Coordinator, markers::hand_on(Arc::clone(broker), place, gone));
    }

    fn encode(record: &TransactionRecord) -> Result<Entry, Unencodable> {
        let Encoded { key, value } = record.encode().map_err(|error| Unencodable(error.to_string()))?;
        Ok(Entry::Data { producer: None, key: Some(key), value })
    }

    fn decode(entry: Entry) -> Result<Option<TransactionRecord>, Unreadable> {
        match entry {
            Entry::Data { key, value, .. } => {
                TransactionRecord::decode(key, value).map(Some).map_err(|error| Unreadable(error.to_string()))
            }
            Entry::Marker(_) => {
                Err(Unreadable("a transaction's end has no place among transactions".to_owned()))
            }
        }
    }
}

/// What the broker's configuration says of transactions.
fn settings(broker: &Broker) -> Settings {
    let transactions = &broker.settings().config.transactions;
    Settings {
        timeout_max: transactions.timeout_max,
        abort_timed_out_interval: transactions.abort_check_interval,
        id_expiration: transactions.transactional_id_expiration,
        remove_expired_interval: transactions.remove_check_interval,
        two_phase_commit: false,
    }
}

/// The cluster's level, by whatever image is the newest.
struct Finalized(Arc<ArcSwap<Image>>);

impl fmt::Debug for Finalized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finalized").finish_non_exhaustive()
    }
}

impl Features for Finalized {
    fn transaction_version(&self) -> TransactionVersion {
        let level = self.0.load().features().level(TRANSACTION_VERSION);
        TransactionVersion::from_level(level).unwrap_or_default()
    }
}
