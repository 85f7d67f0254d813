//! The custom resources of Klamm, group `klamm.dev/v1alpha1`: types, schemas, validation rules.
//!
//! Invariants: field names of pools, topics and users equal those of Strimzi's v1 resources, so that a manifest ports by its
//! `apiVersion` and one label; a field is here only when it has an effect, or when setting it is answered by a
//! condition. `crds/` and the chart's copies are generated from here and never edited.
#![allow(unreachable_pub, reason = "KubeSchema derives a public shadow of every struct")]
#![allow(clippy::duplicated_attributes, reason = "printer columns of one kind share their types")]

mod condition;
mod crds;
mod kafka_cluster;
mod kafka_node_pool;
mod kafka_topic;
mod kafka_user;
mod labels;
mod pod_template;
mod storage;

pub use condition::{Condition, ConditionStatus, ConditionType};
pub use crds::{CRD_FILES, crd_yaml, crds};
pub use kafka_cluster::{
    authorization::KafkaAuthorization,
    certificate_authority::{AuthorityStatus, CertificateAuthority, ExpirationPolicy, ReplacementPhase},
    changes::{LeavingNode, LeavingPhase, VoterChange, VoterChangeStatus},
    kafka::{KafkaSpec, KafkaTemplate},
    listener::{Listener, ListenerAuthentication, ListenerType},
    listener_configuration::{
        CertificateSource, ExternalTrafficPolicy, IpFamily, IpFamilyPolicy, ListenerBootstrap,
        ListenerBroker, ListenerConfiguration, ListenerObjects, NodeAddressType, ParentReference,
    },
    sizing::{Ingress, Messages, NodeShape, Sizing, SizingMode},
    spec::{KafkaCluster, KafkaClusterSpec},
    status::{
        BalancePhase, BalanceStatus, Bootstrap, BootstrapState, FirstController, KafkaClusterStatus,
        ListenerAddress, ListenerStatus, PoolName, PoolResources, RollPhase, RollStatus, SizingStatus,
    },
};
pub use kafka_node_pool::{
    KafkaNodePool, KafkaNodePoolSpec, KafkaNodePoolStatus, PoolTemplate, Resources, Role,
};
pub use kafka_topic::{
    ClusterRef, DeletionPolicy, KafkaTopic, KafkaTopicSpec, KafkaTopicStatus, ReplicasChange,
    ReplicasChangeState,
};
pub use kafka_user::{
    acl::{AclOperation, AclPatternType, AclPermission, AclResource, AclResourceType, AclRule},
    authentication::{PasswordSource, SecretKey, UserAuthentication, UserAuthenticationType, ValueFrom},
    user::{
        KafkaUser, KafkaUserSpec, KafkaUserStatus, UserAuthorization, UserAuthorizationType, UserQuotas,
        UserTemplate,
    },
};
pub use labels::*;
pub use pod_template::{MetadataTemplate, PodTemplate, ResourceTemplate};
pub use storage::{KraftMetadata, Storage, StorageType, Volume, VolumeType};
