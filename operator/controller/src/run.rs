//! The operator's life: ports, election, controllers, and one ordered end.

use anyhow::{Context as _, Result, anyhow};
use futures::stream;
use kube::Client;
use operator_api::KafkaTopic;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    bound, cluster,
    context::Context,
    http,
    lease::Election,
    metrics::Metrics,
    options::Options,
    tasks::{Kind, spawn},
    user,
};

/// Runs the operator until SIGTERM or SIGINT: what is being done is done, then the Lease is given away.
///
/// # Errors
/// When Kubernetes cannot be reached, the port cannot be bound, or the Lease was lost: start it again.
pub async fn run(options: Options) -> Result<()> {
    let stop = CancellationToken::new();
    let signals = stop.clone();
    spawn(Kind::Signals, async move {
        if let Err(error) = until_told().await {
            tracing::error!(%error, "signals cannot be heard");
        }
        signals.cancel();
    });
    let metrics = Metrics::new().context("metrics")?;
    let listener =
        http::bind(options.listen).await.with_context(|| format!("cannot listen on {}", options.listen))?;
    tracing::info!(address = %listener.local_addr()?, "metrics and health are served");
    // Health is answered to the very end, so it has an end of its own.
    let end_of_http = CancellationToken::new();
    let http = spawn(Kind::Http, http::serve(listener, metrics.clone(), end_of_http.clone()));
    let client =
        Client::try_default().await.context("no way to Kubernetes: neither in a pod nor by a kubeconfig")?;
    let result = work(&options, client, metrics, &stop).await;
    end_of_http.cancel();
    http.await??;
    tracing::info!("stopped");
    result
}

/// Waits for the Lease and works while it is held.
async fn work(options: &Options, client: Client, metrics: Metrics, stop: &CancellationToken) -> Result<()> {
    if !options.leader_election {
        metrics.leader.set(1);
        return controllers(options, client, metrics, stop.clone()).await;
    }
    let mut election = Election::new(client.clone(), &options.namespace, &options.identity);
    if !election.win(stop).await {
        return Ok(());
    }
    tracing::info!(identity = options.identity, "this replica works");
    // The Lease outlives the work: another replica begins only when this one has ended.
    let end_of_lease = CancellationToken::new();
    let mut lease = spawn(Kind::Lease, election.keep(end_of_lease.clone(), metrics.clone()));
    let working = controllers(options, client, metrics, stop.clone());
    tokio::pin!(working);
    tokio::select! {
        biased;
        lost = &mut lease => {
            // Whatever is under way is dropped here and now.
            lost??;
            Err(anyhow!("the lease ended"))
        }
        result = &mut working => {
            end_of_lease.cancel();
            lease.await??;
            result
        }
    }
}

async fn controllers(
    options: &Options,
    client: Client,
    metrics: Metrics,
    stop: CancellationToken,
) -> Result<()> {
    let context = Context::new(client, options, metrics);
    let namespaces: Vec<Option<&str>> = if options.watch_namespaces.is_empty() {
        vec![None]
    } else {
        options.watch_namespaces.iter().map(|namespace| Some(namespace.as_str())).collect()
    };
    // Dropping the set ends its tasks: a lost Lease stops the work at once.
    let mut tasks = tokio::task::JoinSet::new();
    let mut clusters = Vec::new();
    for namespace in &namespaces {
        let (controller, seen) = cluster::controller(&context, *namespace, stop.clone());
        tasks.spawn(controller);
        clusters.push(seen);
    }
    // A cluster that was not seen yet is not one that is gone.
    for seen in &clusters {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            () = seen.is_complete.cancelled() => {}
        }
    }
    for namespace in namespaces {
        let topics = bound::controller::<KafkaTopic>(
            &context,
            namespace,
            clusters.clone(),
            stream::empty(),
            stop.clone(),
        );
        tasks.spawn(topics);
        tasks.spawn(user::controller(&context, namespace, clusters.clone(), stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        ended?;
        if !stop.is_cancelled() {
            return Err(anyhow!("a controller ended by itself"));
        }
    }
    Ok(())
}

async fn until_told() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        biased;
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}
