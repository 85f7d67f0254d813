//! Listeners, connections and requests.

use crate::Default::Null;
use crate::Support::Honoured;
use crate::check::Check::{Any, AtLeast, List, OneOf};
use crate::check::Empty::Refused;
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "advertised.listeners": List = Null, List(&[], Refused), High, ReadOnly, Public, Honoured,
        "Addresses that clients and brokers are told to connect to; the listeners themselves when not set.";
    "background.threads": Int = of("10"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Threads for background work such as expiring requests and deleting files.";
    "connections.max.idle.ms": Long = of("600000"), Any, Medium, ReadOnly, Public, Honoured,
        "Idle time after which a connection is closed.";
    "fetch.max.bytes": Int = of("57671680"), AtLeast(1_024), Medium, ReadOnly, Public, Honoured,
        "Most bytes in the answer to one fetch.";
    "inter.broker.listener.name": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Listener that brokers use among each other.";
    "listener.security.protocol.map": String = of("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT"), Any,
        Low, PerBroker, Public, Honoured,
        "Security protocol of each listener name, as NAME:PROTOCOL pairs.";
    "listeners": List = of("PLAINTEXT://:9092"), List(&[], Refused), High, PerBroker, Public, Honoured,
        "Addresses to listen on, as NAME://host:port.";
    "max.connection.creation.rate": Int = of("2147483647"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Most new connections a second; also for one listener by its prefix.";
    "max.connections": Int = of("2147483647"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Most connections of the broker; also for one listener by its prefix.";
    "max.connections.per.ip": Int = of("2147483647"), AtLeast(0), Medium, ClusterWide, Public, Honoured,
        "Most connections from one address.";
    "max.connections.per.ip.overrides": String = of(""), Any, Medium, ClusterWide, Public, Honoured,
        "Exceptions from max.connections.per.ip, as address:number pairs.";
    "max.incremental.fetch.session.cache.slots": Int = of("1000"), AtLeast(0),
        Medium, ReadOnly, Public, Honoured,
        "Most fetch sessions kept.";
    "max.request.partition.size.limit": Int = of("2000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Most partitions in one answer of DescribeTopicPartitions.";
    "num.io.threads": Int = of("8"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Threads that handle requests.";
    "num.network.threads": Int = of("3"), AtLeast(1), High, ClusterWide, Public, Honoured,
        "Threads that move requests and answers; also for one listener by its prefix.";
    "queued.max.request.bytes": Long = of("-1"), Any, Medium, ReadOnly, Public, Honoured,
        "Bytes of waiting requests above which no more are read; -1: no limit.";
    "queued.max.requests": Int = of("500"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Waiting requests above which no more are read.";
    "request.timeout.ms": Int = of("30000"), Any, High, ReadOnly, Public, Honoured,
        "Time after which a request of this node counts as failed.";
    "security.inter.broker.protocol": String = of("PLAINTEXT"), OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
        Medium, ReadOnly, Public, Honoured,
        "Security protocol among brokers, where inter.broker.listener.name is not set.";
    "socket.connection.setup.timeout.max.ms": Long = of("30000"), Any, Medium, ReadOnly, Public, Honoured,
        "Longest time in which a connection to another node must be made.";
    "socket.connection.setup.timeout.ms": Long = of("10000"), Any, Medium, ReadOnly, Public, Honoured,
        "First time in which a connection to another node must be made.";
    "socket.listen.backlog.size": Int = of("50"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Connections that may wait to be accepted.";
    "socket.receive.buffer.bytes": Int = of("102400"), Any, High, ReadOnly, Public, Honoured,
        "Receive buffer of sockets; -1: the system's.";
    "socket.request.max.bytes": Int = of("104857600"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Largest request.";
    "socket.send.buffer.bytes": Int = of("102400"), Any, High, ReadOnly, Public, Honoured,
        "Send buffer of sockets; -1: the system's.";
};
