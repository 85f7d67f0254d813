//! Which resources claim what of a cluster, a topic or a user, and who of several decides: the oldest that may.
//!
//! Invariant: an object claims one topic at most, and whoever claims the same one is told when a claim comes or goes.

use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// A topic or user of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claimed {
    cluster: ObjectName,
    name: String,
}

/// Who claims it and since when; the order of age.
type Claimant = (Option<Timestamp>, ObjectName);

/// All claims that are known of one kind of resources.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    claimed: BTreeMap<Claimed, BTreeSet<Claimant>>,
    objects: BTreeMap<ObjectName, (Claimed, Claimant)>,
}

impl Claims {
    /// Takes in a resource as it is now. Gives those whose turn may have changed by it.
    pub fn put(&mut self, object: &impl Bound) -> BTreeSet<ObjectName> {
        let name = object_name(object);
        let claim = claim(object, &name);
        if self.objects.get(&name) == claim.as_ref() {
            return BTreeSet::new();
        }
        let mut others = self.remove(&name);
        if let Some((claimed, claimant)) = claim {
            let of_it = self.claimed.entry(claimed.clone()).or_default();
            others.extend(of_it.iter().map(|(_, other)| other.clone()));
            of_it.insert(claimant.clone());
            self.objects.insert(name, (claimed, claimant));
        }
        others
    }

    /// Forgets a resource that is gone. Gives those whose turn may have come.
    pub fn remove(&mut self, name: &ObjectName) -> BTreeSet<ObjectName> {
        let Some((claimed, claimant)) = self.objects.remove(name) else { return BTreeSet::new() };
        let Some(of_it) = self.claimed.get_mut(&claimed) else { return BTreeSet::new() };
        of_it.remove(&claimant);
        let others = of_it.iter().map(|(_, other)| other.clone()).collect();
        if of_it.is_empty() {
            self.claimed.remove(&claimed);
        }
        others
    }

    /// Forgets whoever of `scope` (`None`: all namespaces) is not among `alive`: what went while nobody watched.
    pub fn keep(&mut self, scope: Option<&str>, alive: &BTreeSet<ObjectName>) -> BTreeSet<ObjectName> {
        let is_in = |name: &ObjectName| scope.is_none_or(|scope| scope == name.namespace);
        let gone: Vec<_> =
            self.objects.keys().filter(|name| is_in(name) && !alive.contains(name)).cloned().collect();
        gone.iter().flat_map(|name| self.remove(name)).collect()
    }

    /// The resource that decides over what `object` claims instead of it: the oldest of those that `may` by their
    /// namespace, if that is another one.
    #[must_use]
    pub fn elder(&self, object: &impl Bound, may: impl Fn(&str) -> bool) -> Option<&ObjectName> {
        let name = object_name(object);
        let (claimed, own) = claim(object, &name)?;
        let mut older = self.claimed.get(&claimed)?.range(..own);
        older.find(|(_, other)| may(&other.namespace)).map(|(_, other)| other)
    }
}

/// One that is not managed claims nothing.
fn claim(object: &impl Bound, name: &ObjectName) -> Option<(Claimed, Claimant)> {
    if !object.is_managed() {
        return None;
    }
    let claimed = Claimed { cluster: cluster_of(object)?, name: object.claimed().to_owned() };
    let created = object.metadata().creation_timestamp.as_ref().map(|Time(created)| *created);
    Some((claimed, (created, name.clone())))
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
            names(&claims.keep(Some("b"), &BTreeSet::from([object_name(&second)]))),
            Vec::<String>::new()
        );
        assert_eq!(elder(&claims, &second).as_deref(), Some("a/first"), "nobody looked into its namespace");
        assert_eq!(names(&claims.keep(None, &BTreeSet::from([object_name(&second)]))), ["b/second"]);
        assert_eq!(elder(&claims, &second), None);
    }
}
