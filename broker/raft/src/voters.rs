//! The voter set: node ids with the directory that their metadata lies in (KIP-853).

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::{
    Str,
    records::control::{
        VotersRecord,
        voters_record::{Endpoint, KRaftVersionFeature, Voter as WireVoter},
    },
};
use broker_types::{BrokerId, DirectoryId};

/// A voter: the same node with another directory is another voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VoterKey {
    /// The node.
    pub id: BrokerId,
    /// Where its metadata lies.
    pub directory: DirectoryId,
}

/// Where a voter can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterEndpoint {
    /// The controller listener's name.
    pub name: Str,
    /// Its host.
    pub host: Str,
    /// Its port.
    pub port: u16,
}

/// One voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Who.
    pub key: VoterKey,
    /// Where.
    pub endpoints: Vec<VoterEndpoint>,
    /// The lowest and the highest `kraft.version` that it speaks.
    pub kraft_versions: (i16, i16),
}

/// All voters, by node id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voters {
    by_id: BTreeMap<BrokerId, Voter>,
}

impl Voters {
    /// A set of one: what `format --standalone` makes.
    #[must_use]
    pub fn standalone(voter: Voter) -> Self {
        Self { by_id: BTreeMap::from([(voter.key.id, voter)]) }
    }

    /// The voters, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Voter> {
        self.by_id.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none: this node was never told of a quorum.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether exactly this node with this directory votes.
    #[must_use]
    pub fn contains(&self, key: VoterKey) -> bool {
        self.by_id.get(&key.id).is_some_and(|voter| voter.key == key)
    }

    /// The voter with this id.
    #[must_use]
    pub fn get(&self, id: BrokerId) -> Option<&Voter> {
        self.by_id.get(&id)
    }

    /// The set with this voter as it is now; `None` when exactly this node with this directory is no voter, or is
    /// there just so.
    #[must_use]
    pub fn updated(&self, voter: &Voter) -> Option<Self> {
        let known = self.by_id.get(&voter.key.id).filter(|known| known.key == voter.key)?;
        if known == voter {
            return None;
        }
        let mut updated = self.clone();
        updated.by_id.insert(voter.key.id, voter.clone());
        Some(updated)
    }

    /// The set with one voter more; one with the same id is replaced.
    #[must_use]
    pub fn with(&self, voter: Voter) -> Self {
        let mut more = self.clone();
        more.by_id.insert(voter.key.id, voter);
        more
    }

    /// The set without this voter; `None` when it is not there, or nobody would be left.
    #[must_use]
    pub fn without(&self, key: VoterKey) -> Option<Self> {
        if !self.contains(key) || self.len() == 1 {
            return None;
        }
        let mut fewer = self.clone();
        fewer.by_id.remove(&key.id);
        Some(fewer)
    }

    /// The record that carries the set.
    #[must_use]
    pub fn to_record(&self) -> VotersRecord {
        let voters = self.by_id.values().map(|voter| WireVoter {
            voter_id: voter.key.id.get(),
            voter_directory_id: voter.key.directory.uuid(),
            endpoints: voter
                .endpoints
                .iter()
                .map(|endpoint| Endpoint {
                    name: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                })
                .collect(),
            kraft_version_feature: KRaftVersionFeature {
                min_supported_version: voter.kraft_versions.0,
                max_supported_version: voter.kraft_versions.1,
            },
        });
        VotersRecord { version: 0, voters: voters.collect() }
    }

    /// The set that a record carries.
    #[must_use]
    pub fn from_record(record: &VotersRecord) -> Self {
        let voter = |voter: &WireVoter| {
            let key = VoterKey {
                id: BrokerId::new(voter.voter_id),
                directory: DirectoryId::new(voter.voter_directory_id),
            };
            let endpoint = |endpoint: &Endpoint| VoterEndpoint {
                name: endpoint.name.detached(),
                host: endpoint.host.detached(),
                port: endpoint.port,
            };
            let feature = &voter.kraft_version_feature;
            let kraft_versions = (feature.min_supported_version, feature.max_supported_version);
            (key.id, Voter { key, endpoints: voter.endpoints.iter().map(endpoint).collect(), kraft_versions })
        };
        Self { by_id: record.voters.iter().map(voter).collect() }
    }
}

impl FromIterator<Voter> for Voters {
    /// A set of these; of two with one id the later counts.
    fn from_iter<I: IntoIterator<Item = Voter>>(voters: I) -> Self {
        Self { by_id: voters.into_iter().map(|voter| (voter.key.id, voter)).collect() }
    }
}
