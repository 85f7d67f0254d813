//! The changes that a plan can have.

use std::collections::BTreeMap;

use super::{ControllerEndpoint, Move, VoterKey};
use crate::{certificates::CertificateAction, manifest::Manifest};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Makes the object, or changes it to be so.
    Apply(Manifest),
    /// Changes authorities, or issues certificates.
    Certify(CertificateAction),
    /// Tells a pod the zone of its node, by annotation.
    TellZone {
        /// The pod.
        pod: String,
        /// The zone.
        zone: String,
    },
    /// Tells a pod what its broker is to tell clients of where it is reached, by annotation.
    TellAddresses {
        /// The pod.
        pod: String,
        /// The value of `advertised.listeners`.
        advertised: String,
    },
    /// Deletes an object that nothing needs any more.
    Delete {
        /// Such as `v1`.
        api_version: &'static str,
        /// Such as `Service`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
    /// Deletes a StatefulSet and leaves its pods: the next plan makes it anew and it adopts them.
    DeleteOrphaning {
        /// The StatefulSet.
        name: String,
    },
    /// Deletes a pod; its StatefulSet makes it anew.
    DeletePod {
        /// The pod.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
    /// Changes settings of all brokers that need no restart.
    AlterSettings {
        /// These get a value.
        set: BTreeMap<String, String>,
        /// These are as the file says again.
        unset: Vec<String>,
    },
    /// Has copies of partitions moved.
    Reassign {
        /// Who shall have them.
        moves: Vec<Move>,
    },
    /// Leaves copies of partitions that are on the move where they were.
    CancelMoves {
        /// Topic and number of each.
        partitions: Vec<(String, i32)>,
    },
    /// Lets a broker get no new copies, or get them again (KIP-1066).
    Cordon {
        /// The broker.
        broker: i32,
        /// Whether it gets none.
        is_cordoned: bool,
    },
    /// Has a broker that is gone forgotten.
    Unregister {
        /// The broker.
        broker: i32,
    },
    /// Gives a controller a vote (KIP-853).
    AddVoter {
        /// Who.
        voter: VoterKey,
        /// Where it listens.
        at: ControllerEndpoint,
    },
    /// Takes a controller's vote.
    RemoveVoter {
        /// Whose.
        voter: VoterKey,
    },
    /// Deletes the claim of a node that is gone.
    DeleteClaim {
        /// The claim.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
}
