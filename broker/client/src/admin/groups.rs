//! Groups of consumers: which there are, who is in them and what they have, and taking them away.

mod classic;
mod consumer;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use broker_protocol::{
    ApiKey, ErrorCode, Str,
    messages::{DeleteGroupsRequest, ListGroupsRequest},
};
use broker_types::{BrokerId, TopicPartition};

pub use self::state::{GroupState, GroupType};
use crate::{Client, ClientError, CoordinatorKind, coordinator::Answers};

/// Since this version of ListGroups brokers know types of groups (KIP-848).
const TYPES_SINCE: i16 = 5;
/// What members of consumer groups say that their protocol is.
pub const CONSUMER_PROTOCOL: &str = "consumer";

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    /// Its id.
    pub id: String,
    /// What its members do: `consumer`, `connect`; empty for offsets alone.
    pub protocol_type: String,
    /// Where it stands.
    pub state: GroupState,
    /// Which protocol it lives by.
    pub group_type: GroupType,
}

/// A group of consumers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Which protocol it lives by.
    pub group_type: GroupType,
    /// Where it stands.
    pub state: GroupState,
    /// Who coordinates it, and at which address.
    pub coordinator: (BrokerId, String),
    /// How partitions are assigned; empty when nobody is there who said so.
    pub assignor: String,
    /// Its epoch and the epoch of its target assignment; only groups of KIP-848 have them.
    pub epochs: Option<(i32, i32)>,
    /// Who is in it, by member id.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its id.
    pub id: String,
    /// Its id when it is a static member.
    pub instance_id: Option<String>,
    /// How its client calls itself.
    pub client_id: String,
    /// Where it is.
    pub host: String,
    /// What it has.
    pub assignment: BTreeSet<TopicPartition>,
    /// What it is to have; only groups of KIP-848 tell.
    pub target: Option<BTreeSet<TopicPartition>>,
    /// Its epoch; only groups of KIP-848 have one.
    pub epoch: Option<i32>,
    /// Whether it speaks KIP-848, in a group of that kind; `None` when the broker does not tell.
    pub is_upgraded: Option<bool>,
}

impl Client {
    /// The groups of consumers of all brokers, by id; with filters only those of these states and types.
    ///
    /// # Errors
    /// When a broker cannot be asked, or its coordinators are not ready.
    pub async fn list_consumer_groups(
        &mut self,
        states: &[GroupState],
        types: &[GroupType],
    ) -> Result<Vec<GroupListing>, ClientError> {
        let knows_types =
            self.version(ApiKey::ListGroups).await?.is_some_and(|version| version >= TYPES_SINCE);
        let consumers = [GroupType::Classic, GroupType::Consumer];
        let types: &[_] = if types.is_empty() { &consumers } else { types };
        let is_of_consumers = |group: &GroupListing| {
            types.contains(&group.group_type)
                && matches!(group.protocol_type.as_str(), "" | CONSUMER_PROTOCOL)
        };
        let found = self.groups_of(states, if knows_types { types } else { &[] }).await?;
        Ok(found.into_values().filter(is_of_consumers).collect())
    }

    /// The ids of all groups of all brokers, of whatever kind.
    ///
    /// # Errors
    /// When a broker cannot be asked, or its coordinators are not ready.
    pub async fn group_ids(&mut self) -> Result<Vec<String>, ClientError> {
        Ok(self.groups_of(&[], &[]).await?.into_keys().collect())
    }

    /// The groups of all brokers, by id; `types` only where brokers know them.
    async fn groups_of(
        &mut self,
        states: &[GroupState],
        types: &[GroupType],
    ) -> Result<BTreeMap<String, GroupListing>, ClientError> {
        let names = |names: Vec<&'static str>| names.into_iter().map(Str::from_static).collect();
        let request = ListGroupsRequest {
            states_filter: names(states.iter().map(|state| state.name()).collect()),
            types_filter: names(types.iter().map(|group_type| group_type.name()).collect()),
        };
        let mut found = BTreeMap::new();
        for id in self.broker_ids().await? {
            let response = self.broker(id, &request).await?;
            ClientError::check(response.error_code, None)?;
            for group in &response.groups {
                // Brokers that know no types have classic groups only.
                let group_type = match &*group.group_type {
                    "" => GroupType::Classic,
                    name => GroupType::parse(name),
                };
                let listing = GroupListing {
                    id: group.group_id.to_string(),
                    protocol_type: group.protocol_type.to_string(),
                    state: GroupState::parse(&group.group_state),
                    group_type,
                };
                found.insert(listing.id.clone(), listing);
            }
        }
        Ok(found)
    }

    /// Describes groups of consumers, whichever protocol they live by.
    ///
    /// # Errors
    /// When a broker cannot be asked; what is wrong with single groups is in the answers, such as
    /// `GROUP_ID_NOT_FOUND`.
    pub async fn describe_consumer_groups(
        &mut self,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Result<Group, ClientError>>, ClientError> {
        let mut described = Answers::new();
        let mut classic: BTreeSet<Str> = ids.iter().map(|id| Str::from(*id)).collect();
        if self.version(ApiKey::ConsumerGroupDescribe).await?.is_some() {
            let kind = CoordinatorKind::Group;
            described = self.ask_coordinators(kind, classic, consumer::request, consumer::read).await?;
            // Of the other kind, or not there: only who is asked as of a classic one says so.
            let is_other = |answer: &Result<Group, ClientError>| {
                let codes = [ErrorCode::GroupIdNotFound, ErrorCode::UnsupportedVersion];
                matches!(answer, Err(error) if error.code().is_some_and(|code| codes.contains(&code)))
            };
            classic =
                described.iter().filter(|(_, answer)| is_other(answer)).map(|(id, _)| id.clone()).collect();
        }
        if !classic.is_empty() {
            let kind = CoordinatorKind::Group;
            described.extend(self.ask_coordinators(kind, classic, classic::request, classic::read).await?);
        }
        let mut groups = BTreeMap::new();
        for (id, answer) in described {
            let placed = answer.map(|mut group| {
                group.coordinator.1 = self.address(group.coordinator.0).unwrap_or_default().to_owned();
                group
            });
            groups.insert(id.to_string(), placed);
        }
        Ok(groups)
    }

    /// Deletes groups with all that they committed.
    ///
    /// # Errors
    /// When a broker cannot be asked; what is wrong with single groups is in the answers, such as `NON_EMPTY_GROUP`.
    pub async fn delete_groups(
        &mut self,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Result<(), ClientError>>, ClientError> {
        let ids = ids.iter().map(|id| Str::from(*id)).collect();
        let request = |groups_names| DeleteGroupsRequest { groups_names };
        let read = |_, response: broker_protocol::messages::DeleteGroupsResponse| {
            let result =
                |result: &broker_protocol::messages::delete_groups_response::DeletableGroupResult| {
                    (result.group_id.clone(), ClientError::check(result.error_code, None))
                };
            response.results.iter().map(result).collect()
        };
        let answers = self.ask_coordinators(CoordinatorKind::Group, ids, request, read).await?;
        Ok(answers.into_iter().map(|(id, answer)| (id.to_string(), answer)).collect())
    }
}
