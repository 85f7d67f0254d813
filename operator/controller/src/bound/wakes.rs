//! Who must look again because something else changed: resources whose elder came or went, or whose cluster changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{Stream, StreamExt as _, stream};
use kube::runtime::watcher::Event;
use operator_plan::claims::{Claims, ObjectName};
use parking_lot::Mutex;
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Guarded, Kind, binding::Basis, name_of};
use crate::cluster;

/// How many wakes may be on their way. Whoever misses one looks again anyway after a while.
const WAKES_MAX: usize = 1024;

/// Who is to look again.
#[derive(Clone, Debug)]
pub(super) enum Wake {
    /// These.
    Named(BTreeSet<ObjectName>),
    /// All of a cluster.
    Cluster(ObjectName),
}

/// What is known of all resources of a kind and of all clusters that are watched, in whatever namespace.
pub(crate) struct Wakes<K: Kind> {
    claims: Mutex<Claims>,
    clusters: Mutex<BTreeMap<ObjectName, Basis<K::Rules>>>,
    told: broadcast::Sender<Wake>,
}

impl<K: Kind> Default for Wakes<K> {
    fn default() -> Self {
        Self { claims: Mutex::default(), clusters: Mutex::default(), told: broadcast::Sender::new(WAKES_MAX) }
    }
}

impl<K: Kind> Wakes<K> {
    /// Takes in what was heard of a resource.
    pub(super) fn hear(&self, event: &Event<Guarded<K>>) {
        let mut claims = self.claims.lock();
        let others = match event {
            Event::Apply(object) | Event::InitApply(object) => match &object.0 {
                Ok(object) => claims.put(object),
                // What it claimed last it claims until it can be read.
                Err(_) => BTreeSet::new(),
            },
            Event::Delete(object) => claims.remove(&name_of(object)),
            Event::Init | Event::InitDone => BTreeSet::new(),
        };
        drop(claims);
        self.tell_named(others);
    }

    /// Forgets whoever of `scope` (`None`: all namespaces) is not there any more.
    pub(super) fn keep(&self, scope: Option<&str>, is_there: impl Fn(&ObjectName) -> bool) {
        let others = self.claims.lock().keep(scope, is_there);
        self.tell_named(others);
    }

    fn tell_named(&self, names: BTreeSet<ObjectName>) {
        if !names.is_empty() {
            self.tell(Wake::Named(names));
        }
    }

    /// All resources of a cluster that claim something there.
    pub(crate) fn names_of(&self, cluster: &ObjectName) -> Vec<Arc<ObjectName>> {
        self.claims.lock().of_cluster(cluster)
    }

    /// Takes in what was heard of a cluster.
    pub(crate) fn hear_cluster(&self, event: &Event<cluster::Guarded>) {
        let (Event::Apply(cluster) | Event::InitApply(cluster) | Event::Delete(cluster)) = event else {
            return;
        };
        let name = name_of(cluster);
        let basis = match (event, &cluster.0) {
            (Event::Delete(_), _) | (_, Err(_)) => None,
            (_, Ok(cluster)) => Some(Basis::of::<K>(cluster)),
        };
        let mut clusters = self.clusters.lock();
        let before = match basis.clone() {
            Some(basis) => clusters.insert(name.clone(), basis),
            None => clusters.remove(&name),
        };
        drop(clusters);
        if before != basis {
            self.tell(Wake::Cluster(name));
        }
    }

    /// Has all resources of a cluster look again.
    pub(crate) fn of_cluster(&self, namespace: &str, name: &str) {
        self.tell(Wake::Cluster(ObjectName { namespace: namespace.to_owned(), name: name.to_owned() }));
    }

    fn tell(&self, wake: Wake) {
        // Nobody listens before the first controller of this kind does, which looks at all of them.
        let _ = self.told.send(wake);
    }

    /// The wakes from now on.
    pub(super) fn listen(&self) -> impl Stream<Item = Wake> + Send + 'static + use<K> {
        let wakes = stream::unfold(self.told.subscribe(), |mut told| async move {
            match told.recv().await {
                Ok(wake) => Some((Some(wake), told)),
                Err(RecvError::Lagged(_)) => Some((None, told)),
                Err(RecvError::Closed) => None,
            }
        });
        wakes.filter_map(|wake| async move { wake })
    }

    /// The resource that decides instead of `object`, as `namespace/name`.
    pub(super) fn elder(&self, object: &K, may: impl Fn(&str) -> bool) -> Option<String> {
        self.claims.lock().elder(object, may).map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use kube::core::DeserializeGuard;
    use operator_api::{CLUSTER_LABEL, KafkaCluster, KafkaTopic};

    use super::*;

    fn topic(name: &str) -> KafkaTopic {
        let mut topic = KafkaTopic::new(name, Default::default());
        topic.metadata.namespace = Some("n".to_owned());
        topic.spec.topic_name = Some("t".to_owned());
        topic.metadata.labels = Some([(CLUSTER_LABEL.to_owned(), "c".to_owned())].into());
        topic
    }

    fn told(wakes: &mut broadcast::Receiver<Wake>) -> Vec<String> {
        let mut all = Vec::new();
        while let Ok(wake) = wakes.try_recv() {
            match wake {
                Wake::Named(names) => all.extend(names.iter().map(ToString::to_string)),
                Wake::Cluster(name) => all.push(format!("cluster {name}")),
            }
        }
        all
    }

    #[test]
    fn the_younger_look_again_when_the_elder_goes() {
        let wakes = Wakes::<KafkaTopic>::default();
        let mut heard = wakes.told.subscribe();
        let hear = |event| wakes.hear(&event);
        hear(Event::InitApply(DeserializeGuard(Ok(topic("a")))));
        hear(Event::Apply(DeserializeGuard(Ok(topic("b")))));
        assert_eq!(told(&mut heard), ["n/a"]);
        assert_eq!(wakes.elder(&topic("b"), |_| true).as_deref(), Some("n/a"));
        hear(Event::Delete(DeserializeGuard(Ok(topic("a")))));
        assert_eq!(told(&mut heard), ["n/b"]);
        assert_eq!(wakes.elder(&topic("b"), |_| true), None);
        hear(Event::Apply(DeserializeGuard(Ok(topic("c")))));
        let of_cluster = wakes.names_of(&ObjectName { namespace: "n".to_owned(), name: "c".to_owned() });
        assert_eq!(of_cluster.iter().map(ToString::to_string).collect::<Vec<_>>(), ["n/b", "n/c"]);
        assert_eq!(told(&mut heard), ["n/b"]);
        wakes.keep(None, |name| name.name != "b");
        assert_eq!(told(&mut heard), ["n/c"], "what is in no list any more is forgotten");
    }

    #[test]
    fn topics_of_a_cluster_look_again_when_it_changes_for_them() {
        let wakes = Wakes::<KafkaTopic>::default();
        let mut heard = wakes.told.subscribe();
        let mut cluster = KafkaCluster::new("c", Default::default());
        cluster.metadata.namespace = Some("n".to_owned());
        let hear = |cluster: &KafkaCluster| {
            wakes.hear_cluster(&Event::Apply(DeserializeGuard(Ok(cluster.clone()))));
        };
        hear(&cluster);
        assert_eq!(told(&mut heard), ["cluster n/c"]);
        hear(&cluster);
        assert_eq!(told(&mut heard), Vec::<String>::new());
        cluster.spec.topic_namespaces = vec!["m".to_owned()];
        hear(&cluster);
        assert_eq!(told(&mut heard), ["cluster n/c"]);
        wakes.hear_cluster(&Event::Delete(DeserializeGuard(Ok(cluster))));
        assert_eq!(told(&mut heard), ["cluster n/c"]);
    }
}
