//! The `quorum-state` file: JSON, as Kafka writes it for dynamic quorums (data_version 1).

use broker_raft::{QuorumState, VoterKey};
use broker_types::{BrokerId, DirectoryId, LeaderEpoch, Uuid};
use serde::{Deserialize, Serialize};

/// The file's name in `__cluster_metadata-0`.
pub(crate) const FILE_NAME: &str = "quorum-state";
/// The version with voted directory ids (KIP-853).
const DYNAMIC: i16 = 1;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    leader_id: i32,
    leader_epoch: i32,
    #[serde(default = "nobody")]
    voted_id: i32,
    #[serde(default)]
    voted_directory_id: Option<String>,
    #[serde(rename = "data_version")]
    data_version: i16,
}

fn nobody() -> i32 {
    -1
}

/// The file does not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidStateFile {
    #[error("it is not the JSON of a quorum state: {0}")]
    Json(#[from] serde_json::Error),
    #[error("its data_version {0} is not known")]
    Version(i16),
    #[error("its votedDirectoryId is malformed")]
    Directory,
}

/// The file's bytes.
pub(crate) fn encode(state: &QuorumState) -> Result<Vec<u8>, InvalidStateFile> {
    let directory = state.voted.map_or(Uuid::ZERO, |voted| voted.directory.uuid());
    let file = File {
        leader_id: state.leader.map_or(-1, BrokerId::get),
        leader_epoch: state.epoch.get(),
        voted_id: state.voted.map_or(-1, |voted| voted.id.get()),
        voted_directory_id: Some(directory.to_string()),
        data_version: DYNAMIC,
    };
    Ok(serde_json::to_vec(&file)?)
}

/// The state in a file's bytes. Version 0, of static quorums, reads as well.
pub(crate) fn decode(bytes: &[u8]) -> Result<QuorumState, InvalidStateFile> {
    let file: File = serde_json::from_slice(bytes)?;
    if !(0..=DYNAMIC).contains(&file.data_version) {
        return Err(InvalidStateFile::Version(file.data_version));
    }
    let directory = match file.voted_directory_id {
        Some(text) => text.parse().map_err(|_| InvalidStateFile::Directory)?,
        None => Uuid::ZERO,
    };
    let voted = BrokerId::from_wire(file.voted_id);
    Ok(QuorumState {
        leader: BrokerId::from_wire(file.leader_id),
        epoch: LeaderEpoch::new(file.leader_epoch),
        voted: voted.map(|id| VoterKey { id, directory: DirectoryId::new(directory) }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaders_file_is_byte_for_byte_kafkas() {
        let state = QuorumState { leader: Some(BrokerId::new(1)), epoch: LeaderEpoch::new(1), voted: None };
        let bytes = encode(&state).unwrap();
        let kafkas = br#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(kafkas));
        assert_eq!(decode(&bytes).unwrap(), state);
    }

    #[test]
    fn a_static_quorums_file_reads_and_nonsense_does_not() {
        let old = br#"{"clusterId":"","leaderId":2,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":2}],"data_version":0}"#;
        assert_eq!(decode(old).unwrap().epoch, LeaderEpoch::new(7));
        assert!(decode(b"{").is_err());
        assert!(decode(br#"{"leaderId":1,"leaderEpoch":1,"data_version":9}"#).is_err());
    }
}
