//! The first voters of a quorum of several: `id@host:port:directory`, as `kafka-storage format --initial-controllers`
//! takes them (KIP-853).

use broker_config::HostPort;
use broker_protocol::Str;
use broker_raft::{Voter, VoterEndpoint, VoterKey, Voters};
use broker_types::{BrokerId, DirectoryId, Uuid};

/// A list of voters that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInitialControllers {
    /// One is not of the form `id@host:port:directory`.
    #[error("'{0}' is not of the form id@host:port:directoryId")]
    Form(String),
    /// Two have one id.
    #[error("the node id {0} is there twice")]
    Twice(BrokerId),
    /// None is there.
    #[error("no controller is named")]
    None,
}

/// The first voters of a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialControllers(Vec<(VoterKey, HostPort)>);

impl InitialControllers {
    /// Reads a list with commas.
    ///
    /// # Errors
    /// When it does not read, or names a node twice.
    pub fn parse(text: &str) -> Result<Self, InvalidInitialControllers> {
        let mut all: Vec<(VoterKey, HostPort)> = Vec::new();
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (key, at) = parse_one(one).ok_or_else(|| InvalidInitialControllers::Form(one.to_owned()))?;
            if all.iter().any(|(known, _)| known.id == key.id) {
                return Err(InvalidInitialControllers::Twice(key.id));
            }
            all.push((key, at));
        }
        if all.is_empty() { Err(InvalidInitialControllers::None) } else { Ok(Self(all)) }
    }

    /// The directory that the metadata of `node` is to lie in; `None` when it is not among them.
    pub(crate) fn directory_of(&self, node: BrokerId) -> Option<DirectoryId> {
        self.0.iter().find(|(key, _)| key.id == node).map(|(key, _)| key.directory)
    }

    /// The voter set, reached through the controllers' `listener`.
    pub(crate) fn voters(&self, listener: &str) -> Voters {
        let voter = |(key, at): &(VoterKey, HostPort)| Voter {
            key: *key,
            endpoints: vec![VoterEndpoint {
                name: Str::from(listener),
                host: Str::from(at.host.as_str()),
                port: at.port,
            }],
            kraft_versions: (0, 1),
        };
        self.0.iter().map(voter).collect()
    }
}

fn parse_one(text: &str) -> Option<(VoterKey, HostPort)> {
    let (id, rest) = text.split_once('@')?;
    let (address, directory) = rest.rsplit_once(':')?;
    let id = BrokerId::from_wire(id.trim().parse().ok()?)?;
    let directory = DirectoryId::from_wire(directory.parse::<Uuid>().ok()?)?;
    Some((VoterKey { id, directory }, HostPort::parse(address)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "JEXY6aqzQY-32P5TStzaFg";

    #[test]
    fn voters_are_read_with_their_directories() {
        let text = format!("1@one:9090:{ID}, 2@[::1]:9091:{ID}");
        let read = InitialControllers::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let voters = read.voters("CONTROLLER");
        assert_eq!(voters.len(), 2);
        assert!(read.directory_of(BrokerId::new(2)).is_some());
        assert!(read.directory_of(BrokerId::new(3)).is_none());
        let second = voters.get(BrokerId::new(2)).map(|voter| voter.endpoints.clone()).unwrap_or_default();
        assert_eq!(second[0].port, 9091);
        assert_eq!(&*second[0].host, "::1");
    }

    #[test]
    fn what_does_not_read_is_named() {
        for bad in
            ["one:9090", "1@one:9090", "1@one:AAAAAAAAAAAAAAAAAAAAAA", "-1@one:9090:JEXY6aqzQY-32P5TStzaFg"]
        {
            assert_eq!(InitialControllers::parse(bad), Err(InvalidInitialControllers::Form(bad.to_owned())));
        }
        let twice = format!("1@one:9090:{ID},1@two:9090:{ID}");
        assert_eq!(
            InitialControllers::parse(&twice),
            Err(InvalidInitialControllers::Twice(BrokerId::new(1)))
        );
        assert_eq!(InitialControllers::parse(" , "), Err(InvalidInitialControllers::None));
    }
}
