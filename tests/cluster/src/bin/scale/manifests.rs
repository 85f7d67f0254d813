//! The manifests that are made in numbers.

use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;

/// What is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Topic,
    User,
}

impl Kind {
    pub(crate) fn resource(self) -> ApiResource {
        let (kind, plural) = match self {
            Self::Topic => ("KafkaTopic", "kafkatopics"),
            Self::User => ("KafkaUser", "kafkausers"),
        };
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("klamm.dev", "v1alpha1", kind), plural)
    }

    pub(crate) fn name(self, number: usize) -> String {
        match self {
            Self::Topic => format!("topic-{number}"),
            Self::User => format!("user-{number}"),
        }
    }

    /// One of them; they spread over the clusters.
    pub(crate) fn manifest(self, number: usize, clusters: usize) -> DynamicObject {
        let spec = match self {
            Self::Topic => json!({"partitions": 1, "config": {"retention.ms": 1_000_000}}),
            Self::User => json!({
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": [
                    {"resource": {"type": "topic", "name": format!("topic-{number}")}, "operations": ["Read", "Write"]},
                ]},
                "quotas": {"producerByteRate": 1_000_000},
            }),
        };
        let mut object = DynamicObject::new(&self.name(number), &self.resource()).data(json!({"spec": spec}));
        let labels = object.metadata.labels.get_or_insert_default();
        labels.insert("klamm.dev/cluster".to_owned(), format!("c{}", number % clusters));
        object
    }
}
