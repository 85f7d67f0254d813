//! Makes topics and users in numbers and changes some, and tells what the operator spent on it: `scale NAMESPACE CLUSTERS
//! TOPICS USERS`, the clusters `c0`, `c1` and so on being there.
//!
//! For each line of standard input it does one thing and answers with a line of JSON: `topics`, `users`, `change SECONDS RATE`,
//! `rest SECONDS`. Topics and users that are there already are taken as they are.

#![allow(clippy::print_stdout, reason = "it answers there")]

mod manifests;
mod operator;
mod seen;

use std::{
    io::{BufRead as _, stdin},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kube::{
    Api, Client, Error,
    api::{DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use tests_compat::Stopwatch;

use crate::{
    manifests::Kind,
    operator::{Used, used},
    seen::Seen,
};

/// Requests to the API server that are under way.
const AT_ONCE: usize = 16;
/// How long all of one kind may take, and the last change.
const LIMIT: Duration = Duration::from_secs(600);

struct Scale {
    client: Client,
    namespace: String,
    clusters: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let [namespace, clusters, topics, users] = &words[..] else { bail!("NAMESPACE CLUSTERS TOPICS USERS") };
    let scale = Scale {
        client: Client::try_default().await?,
        namespace: namespace.clone(),
        clusters: clusters.parse()?,
    };
    let (topics, users) = (topics.parse()?, users.parse()?);
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<_> = line.split(' ').collect();
        let answer = match words[..] {
            ["topics"] => scale.make(Kind::Topic, topics).await?,
            ["users"] => scale.make(Kind::User, users).await?,
            ["change", seconds, rate] => scale.change(topics, seconds.parse()?, rate.parse()?).await?,
            ["rest", seconds] => rest(Duration::from_secs(seconds.parse()?)).await?,
            _ => bail!("no such line: {line}"),
        };
        println!("{answer}");
    }
    Ok(())
}

impl Scale {
    fn api(&self, kind: Kind) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), &self.namespace, &kind.resource())
    }

    /// Makes so many, as fast as the API server takes them, and waits until all are ready.
    async fn make(&self, kind: Kind, count: usize) -> Result<Value> {
        let api = self.api(kind);
        let watch = Stopwatch::start();
        let mut seen = Seen::start(api.clone(), watch);
        let before = used()?;
        stream::iter(0..count)
            .map(|number| create(&api, kind.manifest(number, self.clusters)))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        let taken = watch.elapsed();
        tokio::time::timeout(LIMIT, seen.wait_for_all(count)).await.context("some are not ready")??;
        let (ready, cost) = (watch.elapsed(), used()?.since(&before));
        Ok(json!({
            "count": count,
            "taken_per_second": per_second(count, taken),
            "ready_per_second": per_second(count, ready),
            "cpu_ms_each": cost.cpu.as_secs_f64() * 1e3 / count as f64,
            "rss_mb": cost.rss_mb,
        }))
    }

    /// Changes a setting of topics in turn, so many times a second, and tells how long it took until the operator had
    /// brought each about and said so.
    async fn change(&self, topics: usize, seconds: u32, rate: u32) -> Result<Value> {
        let api = self.api(Kind::Topic);
        let watch = Stopwatch::start();
        let mut seen = Seen::start(api.clone(), watch);
        tokio::time::timeout(LIMIT, seen.wait_for_all(topics)).await.context("some are not ready")??;
        let (start, before) = (watch.elapsed(), used()?);
        let changes = (0..seconds * rate).map(|number| {
            let api = &api;
            async move {
                let due = start + Duration::from_secs(1) * number / rate;
                tokio::time::sleep(due.saturating_sub(watch.elapsed())).await;
                let name = Kind::Topic.name(usize::try_from(number)? % topics);
                let setting = json!({"spec": {"config": {"retention.ms": 1_000_000 + number}}});
                let at = watch.elapsed();
                let changed = api.patch(&name, &PatchParams::default(), &Patch::Merge(&setting)).await?;
                anyhow::Ok((name, changed.metadata.generation.unwrap_or_default(), at))
            }
        });
        let changed: Vec<_> = stream::iter(changes).buffered(AT_ONCE * 4).try_collect().await?;
        let mut delays = Vec::new();
        for (name, generation, at) in changed {
            let told = seen.wait_for(&name, generation);
            let told =
                tokio::time::timeout(LIMIT, told).await.with_context(|| format!("{name}: not told"))??;
            delays.push(told.saturating_sub(at));
        }
        let cost = used()?.since(&before);
        delays.sort_unstable();
        let share = |part: usize| delays[(delays.len() - 1) * part / 100].as_secs_f64() * 1e3;
        Ok(json!({
            "changes": delays.len(),
            "per_second": per_second(delays.len(), watch.elapsed() - start),
            "p50_ms": share(50),
            "p99_ms": share(99),
            "cpu_ms_each": cost.cpu.as_secs_f64() * 1e3 / delays.len() as f64,
            "rss_mb": cost.rss_mb,
        }))
    }
}

/// What the operator uses while nobody changes anything.
async fn rest(time: Duration) -> Result<Value> {
    let (watch, before) = (Stopwatch::start(), used()?);
    tokio::time::sleep(time).await;
    let Used { cpu, rss_mb } = used()?.since(&before);
    Ok(json!({"cpu_percent": 100.0 * cpu.as_secs_f64() / watch.elapsed().as_secs_f64(), "rss_mb": rss_mb}))
}

async fn create(api: &Api<DynamicObject>, manifest: DynamicObject) -> Result<()> {
    match api.create(&PostParams::default(), &manifest).await {
        Ok(_) => Ok(()),
        Err(Error::Api(status)) if status.code == 409 => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
