//! Who this node is, the metadata quorum and its log.

use crate::Default::{Null, Required};
use crate::Support::{Honoured, OnlyDefault};
use crate::check::Check::{Any, AtLeast, HostPorts, List, QuorumVoters};
use crate::check::Empty::{Allowed, Refused};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "broker.heartbeat.interval.ms": Int = of("2000"), Any, Medium, ReadOnly, Public, Honoured,
        "Time between two heartbeats of a broker to the controller.";
    "broker.id": Int = of("-1"), Any, High, ReadOnly, Public, Honoured,
        "The node id under its older name; must equal node.id.";
    "broker.rack": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Rack or zone of the broker: replicas are spread over racks, consumers may fetch within theirs.";
    "broker.session.timeout.ms": Int = of("9000"), Any, Medium, ReadOnly, Public, Honoured,
        "Time without a heartbeat after which the controller fences a broker.";
    "config.providers": List = of(""), List(&[], Allowed),
        Low, ClusterWide, Public, OnlyDefault("values that come from providers are not built: write them out"),
        "Names of providers that fill in ${...} inside of values.";
    "controller.listener.names": List = Required, List(&[], Refused), High, ReadOnly, Public, Honoured,
        "Names of the listeners of the controller; brokers use the first.";
    "controller.performance.always.log.threshold.ms": Long = of("2000"), AtLeast(0),
        Medium, ReadOnly, Internal, Honoured,
        "Controller events slower than this are logged.";
    "controller.performance.sample.period.ms": Long = of("60000"), AtLeast(100),
        Medium, ReadOnly, Internal, Honoured,
        "Time between two summaries of the controller's speed in the log.";
    "controller.quorum.append.linger.ms": Int = of("25"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Time that the quorum's leader gathers records before it writes them.";
    "controller.quorum.auto.join.enable": Boolean = of("false"), Any, Low, ReadOnly, Public, Honoured,
        "Whether a controller that is no voter adds itself to the voters.";
    "controller.quorum.bootstrap.servers": List = of(""), HostPorts, High, ReadOnly, Public, Honoured,
        "host:port pairs where the metadata quorum is found at first.";
    "controller.quorum.election.backoff.max.ms": Int = of("1000"), AtLeast(0),
        High, ReadOnly, Public, Honoured,
        "Longest pause before a voter that lost an election starts another.";
    "controller.quorum.election.timeout.ms": Int = of("1000"), AtLeast(0), High, ReadOnly, Public, Honoured,
        "Time without a leader after which a voter starts an election.";
    "controller.quorum.fetch.max.bytes": Int = of("1048576"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Most bytes of the metadata log in one fetch.";
    "controller.quorum.fetch.snapshot.max.bytes": Int = of("1048576"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Most bytes of a metadata snapshot in one fetch.";
    "controller.quorum.fetch.timeout.ms": Int = of("2000"), AtLeast(0), High, ReadOnly, Public, Honoured,
        "Time without a good fetch after which a voter stands for election, and a leader without a \
         majority's fetches resigns.";
    "controller.quorum.request.timeout.ms": Int = of("2000"), AtLeast(0), Medium, ReadOnly, Public, Honoured,
        "Time after which a request inside of the quorum counts as failed.";
    "controller.quorum.retry.backoff.ms": Int = of("20"), AtLeast(0), Low, ReadOnly, Public, Honoured,
        "Pause before a failed request inside of the quorum is sent again.";
    "controller.quorum.voters": List = of(""), QuorumVoters, High, ReadOnly, Public, Honoured,
        "Static voters as id@host:port; empty where the quorum's own records name them.";
    "controller.socket.timeout.ms": Int = of("30000"), Any, Medium, ReadOnly, Public, Honoured,
        "Time after which the controller's requests to brokers count as failed.";
    "initial.broker.registration.timeout.ms": Int = of("60000"), Any, Medium, ReadOnly, Public, Honoured,
        "Time that a starting broker tries to register before it gives up.";
    "internal.metadata.delete.delay.millis": Long = of("60000"), Any, Low, ReadOnly, Internal, Honoured,
        "Time before files of deleted metadata segments are removed.";
    "internal.metadata.log.segment.bytes": Int = Null, Any, Low, ReadOnly, Internal, Honoured,
        "Size of a metadata segment, for tests.";
    "internal.metadata.max.batch.size.in.bytes": Int = of("8388608"), Any, Low, ReadOnly, Internal, Honoured,
        "Largest batch of the metadata log.";
    "metadata.log.dir": String = Null, Any, High, ReadOnly, Public, Honoured,
        "Directory of the metadata log; the first of log.dirs when not set.";
    "metadata.log.max.record.bytes.between.snapshots": Long = of("20971520"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Bytes of new metadata after which a snapshot is made.";
    "metadata.log.max.snapshot.interval.ms": Long = of("3600000"), AtLeast(0),
        High, ReadOnly, Public, Honoured,
        "Time after which a snapshot is made when there is new metadata; 0: never by time.";
    "metadata.log.segment.bytes": Int = of("1073741824"), AtLeast(8_388_608),
        High, ReadOnly, Public, Honoured,
        "Size of a segment of the metadata log.";
    "metadata.log.segment.ms": Long = of("604800000"), Any, High, ReadOnly, Public, Honoured,
        "Age at which a segment of the metadata log is rolled.";
    "metadata.max.idle.interval.ms": Int = of("500"), AtLeast(0), Low, ReadOnly, Public, Honoured,
        "Time after which an idle active controller writes a no-op record; 0: never.";
    "metadata.max.retention.bytes": Long = of("104857600"), Any, High, ReadOnly, Public, Honoured,
        "Size of metadata log and snapshots above which old ones are deleted.";
    "metadata.max.retention.ms": Long = of("604800000"), Any, High, ReadOnly, Public, Honoured,
        "Age above which old metadata segments and snapshots are deleted.";
    "node.id": Int = Required, AtLeast(0), High, ReadOnly, Public, Honoured,
        "Number of this node, unique in the cluster.";
    "process.roles": List = Required, List(&["broker", "controller"], Refused),
        High, ReadOnly, Public, Honoured,
        "What this process is: broker, controller or both.";
    "server.max.startup.time.ms": Long = of("9223372036854775807"), AtLeast(0),
        Medium, ReadOnly, Internal, Honoured,
        "Longest time that a start may take, for tests.";
    "unstable.api.versions.enable": Boolean = of("false"), Any,
        High, ReadOnly, Internal, OnlyDefault("unfinished versions are not built"),
        "Whether unfinished versions of the protocol are offered.";
    "unstable.feature.versions.enable": Boolean = of("false"), Any,
        High, ReadOnly, Internal, OnlyDefault("unfinished features are not built"),
        "Whether unfinished levels of features may be set.";
};
