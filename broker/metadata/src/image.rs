//! The whole image, and the one place where records meet it.

use alloc::sync::Arc;

use broker_protocol::records::metadata::MetadataRecord;
use broker_types::Offset;

use crate::{
    Acls, Change, ClientQuotas, Cluster, Configs, DelegationTokens, Features, MetadataVersion, ProducerIds,
    ReplayError, Scram, Topics,
};

/// Everything that the metadata log says up to one offset. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Image {
    pub(crate) last_offset: Option<Offset>,
    features: Features,
    cluster: Cluster,
    topics: Topics,
    configs: Configs,
    client_quotas: ClientQuotas,
    producer_ids: ProducerIds,
    acls: Acls,
    scram: Scram,
    tokens: DelegationTokens,
    before_transaction: Option<Arc<Image>>,
    fault: Option<Fault>,
}

/// The first record that did not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metadata record at offset {offset}: {error}")]
pub struct Fault {
    /// Where it is in the log.
    pub offset: Offset,
    /// Why it does not fit.
    pub error: ReplayError,
}

impl Image {
    /// The offset of the last replayed record; `None` when there was none.
    #[must_use]
    pub fn last_offset(&self) -> Option<Offset> {
        self.last_offset
    }

    /// Moves the offset on past what is no metadata record (the log's own control records), or to a snapshot's.
    pub fn advance_to(&mut self, offset: Offset) {
        self.last_offset = self.last_offset.max(Some(offset));
    }

    /// Finalized features.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The finalized `metadata.version`, or the lowest while the log names none.
    #[must_use]
    pub fn metadata_version(&self) -> MetadataVersion {
        self.features.metadata_version().unwrap_or(MetadataVersion::MINIMUM)
    }

    /// Brokers and controllers.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Topics and partitions.
    #[must_use]
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Dynamic configs.
    #[must_use]
    pub fn configs(&self) -> &Configs {
        &self.configs
    }

    /// Client quotas.
    #[must_use]
    pub fn client_quotas(&self) -> &ClientQuotas {
        &self.client_quotas
    }

    /// Producer ids.
    #[must_use]
    pub fn producer_ids(&self) -> &ProducerIds {
        &self.producer_ids
    }

    /// Access control entries.
    #[must_use]
    pub fn acls(&self) -> &Acls {
        &self.acls
    }

    /// SCRAM credentials.
    #[must_use]
    pub fn scram(&self) -> &Scram {
        &self.scram
    }

    /// Delegation tokens.
    #[must_use]
    pub fn tokens(&self) -> &DelegationTokens {
        &self.tokens
    }

    /// Whether a metadata transaction is open: what it changed so far must not be published or acted upon.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.before_transaction.is_some()
    }

    /// The image as it was before the open transaction, or itself: what may be published.
    #[must_use]
    pub fn settled(&self) -> &Self {
        self.before_transaction.as_deref().unwrap_or(self)
    }

    /// The first record that [`Image::apply`] could not replay. Once set, it stays.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Replays a record and remembers the first failure instead of returning it; for callers that cannot fail. The
    /// shell looks at [`Image::fault`] and takes the node's metadata offline.
    pub fn apply(&mut self, offset: Offset, record: &MetadataRecord) -> Change {
        self.replay(offset, record).unwrap_or_else(|error| {
            self.fault.get_or_insert(Fault { offset, error });
            Change::None
        })
    }

    /// Changes the image by one record at its offset.
    ///
    /// # Errors
    /// The record does not fit; only the offset has moved on.
    pub fn replay(&mut self, offset: Offset, record: &MetadataRecord) -> Result<Change, ReplayError> {
        self.last_offset = Some(offset);
        match record {
            MetadataRecord::RegisterBroker(r) => self.cluster.register(offset, r),
            MetadataRecord::UnregisterBroker(r) => self.cluster.unregister(r),
            MetadataRecord::FenceBroker(r) => self.cluster.fence(r.id, r.epoch, true),
            MetadataRecord::UnfenceBroker(r) => self.cluster.fence(r.id, r.epoch, false),
            MetadataRecord::BrokerRegistrationChange(r) => self.cluster.change(r),
            MetadataRecord::RegisterController(r) => self.cluster.register_controller(r),
            MetadataRecord::Topic(r) => self.topics.create(r),
            MetadataRecord::Partition(r) => self.topics.set_partition(r),
            MetadataRecord::PartitionChange(r) => self.topics.change_partition(r),
            MetadataRecord::ClearElr(r) => self.topics.clear_elr(r),
            MetadataRecord::RemoveTopic(r) => {
                let topic = self.topics.remove(r)?;
                self.configs.remove_topic(topic.name().as_str());
                Ok(Change::TopicDeleted(topic))
            }
            MetadataRecord::Config(r) => self.configs.replay(r),
            MetadataRecord::FeatureLevel(r) => self.features.replay(r),
            MetadataRecord::ClientQuota(r) => Ok(self.client_quotas.replay(r)),
            MetadataRecord::ProducerIds(r) => self.producer_ids.replay(r),
            MetadataRecord::AccessControlEntry(r) => Ok(self.acls.add(r)),
            MetadataRecord::RemoveAccessControlEntry(r) => self.acls.remove(r),
            MetadataRecord::UserScramCredential(r) => self.scram.set(r),
            MetadataRecord::RemoveUserScramCredential(r) => self.scram.remove(r),
            MetadataRecord::DelegationToken(r) => Ok(self.tokens.set(r)),
            MetadataRecord::RemoveDelegationToken(r) => Ok(self.tokens.remove(r)),
            MetadataRecord::BeginTransaction(_) => self.begin(),
            MetadataRecord::EndTransaction(_) => self.end(),
            MetadataRecord::AbortTransaction(_) => self.abort(),
            // ZooKeeper is gone; its record lives on in logs of clusters that came from it.
            MetadataRecord::NoOp(_) | MetadataRecord::ZkMigrationState(_) => Ok(Change::None),
        }
    }

    fn begin(&mut self) -> Result<Change, ReplayError> {
        if self.in_transaction() {
            return Err(ReplayError::Transaction { record: "BeginTransactionRecord", open: true });
        }
        self.before_transaction = Some(Arc::new(self.clone()));
        Ok(Change::TransactionBegan)
    }

    fn end(&mut self) -> Result<Change, ReplayError> {
        match self.before_transaction.take() {
            Some(_) => Ok(Change::TransactionEnded),
            None => Err(ReplayError::Transaction { record: "EndTransactionRecord", open: false }),
        }
    }

    fn abort(&mut self) -> Result<Change, ReplayError> {
        let Some(before) = self.before_transaction.take() else {
            return Err(ReplayError::Transaction { record: "AbortTransactionRecord", open: false });
        };
        let offset = self.last_offset;
        let fault = self.fault.take();
        *self = Arc::unwrap_or_clone(before);
        self.last_offset = offset;
        self.fault = fault;
        Ok(Change::TransactionAborted)
    }
}

#[cfg(test)]
mod tests;
