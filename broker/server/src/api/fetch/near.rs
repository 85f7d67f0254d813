//! Which brokers are near to a consumer that says in which rack it is (KIP-392).

use std::sync::Arc;

use broker_config::ReplicaSelector;
use broker_metadata::Image;
use broker_protocol::{Str, messages::FetchRequest};
use broker_types::BrokerId;

use super::reader::Reader;
use crate::{broker::Broker, context::RequestContext, listener::ListenerName};

/// A consumer's rack, and who is in it.
pub(super) struct Near {
    image: Arc<Image>,
    listener: Arc<ListenerName>,
    rack: Str,
}

impl Near {
    /// `None`: everybody reads from the leader, or the consumer does not say where it is.
    pub(super) fn of(
        broker: &Broker,
        context: &RequestContext,
        reader: Reader,
        request: &FetchRequest,
    ) -> Option<Self> {
        let is_asked = matches!(reader, Reader::Consumer(_)) && !request.rack_id.is_empty();
        let selects = broker.settings().config.replication.selector == ReplicaSelector::RackAware;
        (is_asked && selects).then(|| Self {
            image: broker.image(),
            listener: Arc::clone(&context.listener),
            rack: request.rack_id.clone(),
        })
    }

    /// Whether a broker is in the consumer's rack, where the consumer can reach it.
    pub(super) fn has(&self, broker: BrokerId) -> bool {
        let known = self.image.cluster().broker(broker);
        known.is_some_and(|known| {
            known.rack.as_ref() == Some(&self.rack) && known.endpoint(self.listener.as_str()).is_some()
        })
    }
}
