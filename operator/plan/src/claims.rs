//! Which resources claim what of a cluster, a topic or a user, and who of several decides: the oldest that may.
//!
//! Invariant: an object claims one topic at most, and whoever claims the same one is told when a claim comes or goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
    jiff::Timestamp,
};
use operator_api::{CLUSTER_LABEL, ClusterRef, KafkaTopic, KafkaUser, MANAGED_ANNOTATION, PAUSE_ANNOTATION};

/// A resource that stands for something of a cluster's.
pub trait Bound {
    /// Its metadata.
    fn metadata(&self) -> &ObjectMeta;
    /// The cluster that it names, where a label will not do.
    fn cluster_ref(&self) -> Option<&ClusterRef>;
    /// What it claims there: no other resource of its kind may stand for that.
    fn claimed(&self) -> &str;

    /// An annotation of it.
    fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata().annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// Whether nothing is to be done for now.
    fn is_paused(&self) -> bool {
        self.annotation(PAUSE_ANNOTATION) == Some("true")
    }

    /// Whether anything is ever to be done.
    fn is_managed(&self) -> bool {
        self.annotation(MANAGED_ANNOTATION) != Some("false")
    }

    /// Whether it has this finalizer.
    fn has_finalizer(&self, name: &str) -> bool {
        self.metadata().finalizers.iter().flatten().any(|finalizer| finalizer == name)
    }

    /// Whether it is being deleted.
    fn is_going(&self) -> bool {
        self.metadata().deletion_timestamp.is_some()
    }
}

impl Bound for KafkaTopic {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn cluster_ref(&self) -> Option<&ClusterRef> {
        self.spec.cluster_ref.as_ref()
    }

    fn claimed(&self) -> &str {
        self.topic_name()
    }
}

impl Bound for KafkaUser {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn cluster_ref(&self) -> Option<&ClusterRef> {
        self.spec.cluster_ref.as_ref()
    }

    fn claimed(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }
}

/// An object by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// Where it is.
    pub namespace: String,
    /// What it is called there.
    pub name: String,
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The name of a resource.
#[must_use]
pub fn object_name(object: &impl Bound) -> ObjectName {
    let metadata = object.metadata();
    ObjectName {
        namespace: metadata.namespace.clone().unwrap_or_default(),
        name: metadata.name.clone().unwrap_or_default(),
    }
}

/// The cluster that a resource names: by its reference, or by its label in its own namespace.
#[must_use]
pub fn cluster_of(object: &impl Bound) -> Option<ObjectName> {
    let own = object.metadata().namespace.clone().unwrap_or_default();
    if let Some(of) = object.cluster_ref() {
        return Some(ObjectName { namespace: of.namespace.clone().unwrap_or(own), name: of.name.clone() });
    }
    let name = object.metadata().labels.as_ref()?.get(CLUSTER_LABEL)?.clone();
    Some(ObjectName { namespace: own, name })
}

/// Who claims what, and since when; in the order of clusters, of what is claimed there, and of age.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    cluster: ObjectName,
    claimed: String,
    since: Option<Timestamp>,
    object: Arc<ObjectName>,
}

impl Claim {
    /// Before all claims of that.
    fn first(cluster: &ObjectName, claimed: &str) -> Self {
        let object = ObjectName { namespace: String::new(), name: String::new() };
        Self { cluster: cluster.clone(), claimed: claimed.to_owned(), since: None, object: Arc::new(object) }
    }

    fn is_of_the_same(&self, other: &Self) -> bool {
        (&self.cluster, &self.claimed) == (&other.cluster, &other.claimed)
    }
}

/// All claims that are known of one kind of resources.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    claims: BTreeSet<Arc<Claim>>,
    objects: BTreeMap<Arc<ObjectName>, Arc<Claim>>,
}

impl Claims {
    /// Takes in a resource as it is now. Gives those whose turn may have changed by it.
    pub fn put(&mut self, object: &impl Bound) -> BTreeSet<ObjectName> {
        let name = object_name(object);
        let claim = claim(object, &name);
        if self.objects.get(&name).map(Arc::as_ref) == claim.as_ref() {
            return BTreeSet::new();
        }
        let mut others = self.remove(&name);
        if let Some(claim) = claim.map(Arc::new) {
            others.extend(self.of_the_same(&claim));
            self.objects.insert(claim.object.clone(), claim.clone());
            self.claims.insert(claim);
        }
        others
    }

    /// Forgets a resource that is gone. Gives those whose turn may have come.
    pub fn remove(&mut self, name: &ObjectName) -> BTreeSet<ObjectName> {
        let Some(claim) = self.objects.remove(name) else { return BTreeSet::new() };
        self.claims.remove(&claim);
        self.of_the_same(&claim).collect()
    }

    /// Forgets whoever of `scope` (`None`: all namespaces) is not among `alive`: what went while nobody watched.
    pub fn keep(
        &mut self,
        scope: Option<&str>,
        is_alive: impl Fn(&ObjectName) -> bool,
    ) -> BTreeSet<ObjectName> {
        let is_in = |name: &ObjectName| scope.is_none_or(|scope| scope == name.namespace);
        let gone: Vec<_> =
            self.objects.keys().filter(|name| is_in(name) && !is_alive(name)).cloned().collect();
        gone.iter().flat_map(|name| self.remove(name)).collect()
    }

    /// Those that claim something of a cluster.
    #[must_use]
    pub fn of_cluster(&self, cluster: &ObjectName) -> Vec<Arc<ObjectName>> {
        let claims = self.claims.range(Claim::first(cluster, "")..);
        let claims = claims.take_while(|claim| claim.cluster == *cluster);
        claims.map(|claim| claim.object.clone()).collect()
    }

    /// The resource that decides over what `object` claims instead of it: the oldest of those that `may` by their
    /// namespace, if that is another one.
    #[must_use]
    pub fn elder(&self, object: &impl Bound, may: impl Fn(&str) -> bool) -> Option<&ObjectName> {
        let own = claim(object, &object_name(object))?;
        let older = self.claims.range(Claim::first(&own.cluster, &own.claimed)..own);
        older.map(|claim| claim.object.as_ref()).find(|other| may(&other.namespace))
    }

    fn of_the_same(&self, claim: &Claim) -> impl Iterator<Item = ObjectName> {
        let first = Claim::first(&claim.cluster, &claim.claimed);
        let claims = self.claims.range(first..).take_while(move |other| other.is_of_the_same(claim));
        claims.map(|claim| ObjectName::clone(&claim.object))
    }
}

/// One that is not managed claims nothing.
fn claim(object: &impl Bound, name: &ObjectName) -> Option<Claim> {
    if !object.is_managed() {
        return None;
    }
    Some(Claim {
        cluster: cluster_of(object)?,
        claimed: object.claimed().to_owned(),
        since: object.metadata().creation_timestamp.as_ref().map(|Time(created)| *created),
        object: Arc::new(name.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(namespace: &str, name: &str, second: i64) -> KafkaTopic {
        named(namespace, name, second, "t")
    }

    fn named(namespace: &str, name: &str, second: i64, topic: &str) -> KafkaTopic {
        let created = Timestamp::from_second(second).expect("a time");
        let text = format!(
            "apiVersion: klamm.dev/v1alpha1\nkind: KafkaTopic\nmetadata: {{namespace: {namespace}, name: {name}, \
             creationTimestamp: '{created}'}}\nspec: {{topicName: {topic}, clusterRef: {{name: c, namespace: k}}}}\n"
        );
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn names(names: &BTreeSet<ObjectName>) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn elder(claims: &Claims, topic: &KafkaTopic) -> Option<String> {
        claims.elder(topic, |namespace| namespace != "stranger").map(ToString::to_string)
    }

    #[test]
    fn the_oldest_that_may_decides() {
        let (first, second) = (topic("a", "first", 1), topic("b", "second", 2));
        let (other, stranger) = (named("a", "other", 0, "u"), topic("stranger", "x", 0));
        let mut claims = Claims::default();
        let told: Vec<_> = [&second, &stranger, &other, &first].map(|topic| names(&claims.put(topic))).into();
        let expected = [vec![], vec!["b/second"], vec![], vec!["b/second", "stranger/x"]];
        assert_eq!(told, expected, "whoever claims the same topic is told");
        assert_eq!(elder(&claims, &first), None, "who may not has no say");
        assert_eq!(elder(&claims, &second).as_deref(), Some("a/first"));
        assert_eq!(elder(&claims, &other), None);
    }

    #[test]
    fn the_next_is_told_when_the_oldest_goes_or_claims_something_else() {
        let (first, second) = (topic("a", "first", 1), topic("a", "second", 1));
        let mut claims = Claims::default();
        claims.put(&first);
        claims.put(&second);
        assert_eq!(elder(&claims, &second).as_deref(), Some("a/first"), "of one age, the name decides");
        assert_eq!(names(&claims.put(&first)), Vec::<String>::new(), "nothing changed");
        let mut unmanaged = first.clone();
        let annotations = BTreeMap::from([(MANAGED_ANNOTATION.to_owned(), "false".to_owned())]);
        unmanaged.metadata.annotations = Some(annotations);
        assert_eq!(names(&claims.put(&unmanaged)), ["a/second"]);
        assert_eq!(elder(&claims, &second), None, "one that is not managed claims nothing");
        claims.put(&first);
        assert_eq!(names(&claims.remove(&object_name(&first))), ["a/second"]);
        assert_eq!(elder(&claims, &second), None);
    }

    #[test]
    fn what_went_unseen_is_forgotten_where_it_was_looked_for() {
        let (first, second) = (topic("a", "first", 1), topic("b", "second", 2));
        let mut claims = Claims::default();
        claims.put(&first);
        claims.put(&second);
        assert_eq!(
            names(&claims.keep(Some("b"), |name| *name == object_name(&second))),
            Vec::<String>::new()
        );
        assert_eq!(elder(&claims, &second).as_deref(), Some("a/first"), "nobody looked into its namespace");
        assert_eq!(names(&claims.keep(None, |name| *name == object_name(&second))), ["b/second"]);
        assert_eq!(elder(&claims, &second), None);
    }

    #[test]
    fn a_cluster_has_those_that_claim_something_of_it() {
        let mut claims = Claims::default();
        for topic in [topic("a", "first", 1), topic("a", "second", 2), named("b", "other", 3, "u")] {
            claims.put(&topic);
        }
        let of = |name: &str| {
            let cluster = ObjectName { namespace: "k".to_owned(), name: name.to_owned() };
            claims.of_cluster(&cluster).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("c"), ["a/first", "a/second", "b/other"]);
        assert_eq!((of("b"), of("d")), (Vec::new(), Vec::new()));
    }
}
