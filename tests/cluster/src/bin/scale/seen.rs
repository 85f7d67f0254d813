//! What the operator has told in the status of each object, and when that came.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, Result};
use futures::TryStreamExt as _;
use kube::{
    Api,
    api::DynamicObject,
    runtime::{WatchStreamExt as _, watcher},
};
use tests_compat::Stopwatch;
use tokio::{sync::mpsc, task::JoinSet};

/// An object that is ready in this generation.
#[derive(Debug)]
struct Told {
    name: String,
    generation: i64,
    at: Duration,
}

/// A watch of all objects of one kind.
#[derive(Debug)]
pub(crate) struct Seen {
    told: mpsc::UnboundedReceiver<Told>,
    ready: HashMap<String, Vec<(i64, Duration)>>,
    /// Ends with this value.
    _watch: JoinSet<Result<(), watcher::Error>>,
}

impl Seen {
    /// Begins to watch; times are those of the stopwatch.
    pub(crate) fn start(api: Api<DynamicObject>, stopwatch: Stopwatch) -> Self {
        // Not bounded: what comes while nobody receives is stamped when it comes. It is as many as the program changes.
        let (sender, told) = mpsc::unbounded_channel();
        let mut watch = JoinSet::new();
        watch.spawn(async move {
            let objects = watcher(api, watcher::Config::default()).default_backoff().applied_objects();
            let told = objects.try_for_each(|object| {
                if let Some(generation) = ready_in(&object) {
                    let name = object.metadata.name.clone().unwrap_or_default();
                    // Who waits for nothing any more does not listen.
                    let _ = sender.send(Told { name, generation, at: stopwatch.elapsed() });
                }
                std::future::ready(Ok(()))
            });
            told.await
        });
        Self { told, ready: HashMap::new(), _watch: watch }
    }

    async fn next(&mut self) -> Result<()> {
        let told = self.told.recv().await.context("the watch ended")?;
        self.ready.entry(told.name).or_default().push((told.generation, told.at));
        Ok(())
    }

    /// Waits until so many are ready.
    pub(crate) async fn wait_for_all(&mut self, count: usize) -> Result<()> {
        while self.ready.len() < count {
            self.next().await?;
        }
        Ok(())
    }

    /// When it was first told that an object is ready in this generation or a later one.
    pub(crate) async fn wait_for(&mut self, name: &str, generation: i64) -> Result<Duration> {
        loop {
            let told = self.ready.get(name).into_iter().flatten();
            if let Some(at) = told.filter(|(own, _)| *own >= generation).map(|(_, at)| *at).min() {
                return Ok(at);
            }
            self.next().await?;
        }
    }
}

/// The generation in which the object is ready; `None` when it is not in its current one.
fn ready_in(object: &DynamicObject) -> Option<i64> {
    let conditions = object.data["status"]["conditions"].as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    let generation = ready["observedGeneration"].as_i64()?;
    (ready["status"] == "True" && object.metadata.generation == Some(generation)).then_some(generation)
}
