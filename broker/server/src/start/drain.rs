//! The one ordered way down.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use broker_log::{Log, LogDirectory};
use broker_node as node;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{broker::Broker, quorum::NodeNews, upkeep};

/// How long connections may take over the request at hand.
const CONNECTIONS_GRACE: Duration = Duration::from_secs(10);
/// How long the node may take to be let go by the controller.
const CONTROLLED_SHUTDOWN_GRACE: Duration = Duration::from_secs(30);

/// Why a broker stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It was asked to.
    Signal(&'static str),
    /// It cannot go on.
    Fault,
}

/// The signals that ask for a stop. From its making on they no longer end the process by themselves, however many
/// come.
#[derive(Debug)]
pub(super) struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Waits for a signal, or for a fault that drains the broker.
    pub(super) async fn stop(&mut self, broker: &Broker) -> Stop {
        let draining = broker.tasks().draining();
        tokio::select! {
            biased;
            () = draining.cancelled() => Stop::Fault,
            _ = self.term.recv() => Stop::Signal("SIGTERM"),
            _ = self.int.recv() => Stop::Signal("SIGINT"),
        }
    }
}

/// Waits until the controller has unfenced the broker, or, of a node that is only a controller, until the quorum has a
/// leader; tells why it stops if it never comes so far.
pub(super) async fn stop_before_ready(
    broker: &Broker,
    news: &mut watch::Receiver<Option<NodeNews>>,
    signals: &mut Signals,
) -> Option<Stop> {
    tokio::select! {
        biased;
        stop = signals.stop(broker) => Some(stop),
        is_ready = ready(broker, news) => (!is_ready).then_some(Stop::Fault),
    }
}

async fn ready(broker: &Broker, news: &mut watch::Receiver<Option<NodeNews>>) -> bool {
    if broker.settings().roles().is_broker() {
        news.wait_for(|news| *news == Some(NodeNews::Ready)).await.is_ok()
    } else {
        broker.controllers().known().await
    }
}

/// Stops everything in order.
pub(super) async fn stop(
    broker: &Arc<Broker>,
    news: &mut watch::Receiver<Option<NodeNews>>,
    quorum: JoinHandle<(Log, Arc<LogDirectory>)>,
    stop: Stop,
) {
    tracing::info!(reason = ?stop, "stopping");
    if stop != Stop::Fault {
        broker.quorum().tell_node(node::Event::StopRequested);
        let may_stop = news.wait_for(|news| matches!(news, Some(NodeNews::MayStop | NodeNews::GaveUp)));
        if tokio::time::timeout(CONTROLLED_SHUTDOWN_GRACE, may_stop).await.is_err() {
            tracing::warn!("the controller did not let this broker go in time; it stops all the same");
        }
    }
    // The other controllers need not wait until they miss this one.
    broker.quorum().resign();
    broker.tasks().drain();
    if tokio::time::timeout(CONNECTIONS_GRACE, broker.tasks().ended()).await.is_err() {
        tracing::warn!("some connections did not end in time; they are cut");
    }
    broker.quorum().stop();
    let closing = Arc::clone(broker);
    broker.blocking(move || close(&closing, quorum)).await;
    tracing::info!("stopped");
}

/// Closes all logs; each directory's clean mark is the last thing written to it.
fn close(broker: &Arc<Broker>, quorum: JoinHandle<(Log, Arc<LogDirectory>)>) {
    let Ok((mut metadata_log, metadata_directory)) = quorum.join() else {
        tracing::error!("the quorum's thread failed; the directories are not marked as clean");
        return;
    };
    if !broker.has_taken_up.load(Ordering::Acquire) {
        // Its logs were never in service: the next start looks at them as this one did.
        return;
    }
    let epoch = broker.broker_epoch();
    let mut metadata_closed = false;
    for directory in broker.directories.online.iter().filter(|directory| !directory.is_offline()) {
        let partitions = broker.partitions().all();
        let mut locked = upkeep::lock_all(&partitions, directory);
        let mut logs: Vec<&mut Log> = locked.iter_mut().map(|log| &mut **log).collect();
        if Arc::ptr_eq(directory.log_directory(), &metadata_directory) {
            logs.push(&mut metadata_log);
            metadata_closed = true;
        }
        if let Err(error) = directory.log_directory().close(&mut logs, epoch) {
            tracing::error!(directory = %directory.path().display(), %error, "not closed cleanly");
        }
    }
    // A directory that failed must not look clean: its logs are to be recovered.
    if !metadata_closed
        && metadata_directory.is_online()
        && let Err(error) = metadata_directory.close(&mut [&mut metadata_log], epoch)
    {
        tracing::error!(%error, "the metadata directory was not closed cleanly");
    }
}
