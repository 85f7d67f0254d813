//! Which resources claim which topic, and who of several decides: the oldest that may.
//!
//! Invariant: an object claims one topic at most, and whoever claims the same one is told when a claim comes or goes.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use operator_api::{CLUSTER_LABEL, KafkaTopic, MANAGED_ANNOTATION};

use super::annotation;

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

/// The name of a topic's resource.
#[must_use]
pub fn object_name(topic: &KafkaTopic) -> ObjectName {
    let metadata = &topic.metadata;
    ObjectName {
        namespace: metadata.namespace.clone().unwrap_or_default(),
        name: metadata.name.clone().unwrap_or_default(),
    }
}

/// The cluster that a topic names: by its reference, or by its label in its own namespace.
#[must_use]
pub fn cluster_of(topic: &KafkaTopic) -> Option<ObjectName> {
    let own = topic.metadata.namespace.clone().unwrap_or_default();
    if let Some(of) = &topic.spec.cluster_ref {
        return Some(ObjectName { namespace: of.namespace.clone().unwrap_or(own), name: of.name.clone() });
    }
    let name = topic.metadata.labels.as_ref()?.get(CLUSTER_LABEL)?.clone();
    Some(ObjectName { namespace: own, name })
}

/// A topic of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claimed {
    cluster: ObjectName,
    topic: String,
}

/// Who claims it and since when; the order of age.
type Claimant = (Option<Timestamp>, ObjectName);

/// All claims that are known.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    topics: BTreeMap<Claimed, BTreeSet<Claimant>>,
    objects: BTreeMap<ObjectName, (Claimed, Claimant)>,
}

impl Claims {
    /// Takes in a resource as it is now. Gives those whose turn may have changed by it.
    pub fn put(&mut self, topic: &KafkaTopic) -> BTreeSet<ObjectName> {
        let name = object_name(topic);
        let claim = claim(topic, &name);
        if self.objects.get(&name) == claim.as_ref() {
            return BTreeSet::new();
        }
        let mut others = self.remove(&name);
        if let Some((claimed, claimant)) = claim {
            let of_topic = self.topics.entry(claimed.clone()).or_default();
            others.extend(of_topic.iter().map(|(_, other)| other.clone()));
            of_topic.insert(claimant.clone());
            self.objects.insert(name, (claimed, claimant));
        }
        others
    }

    /// Forgets a resource that is gone. Gives those whose turn may have come.
    pub fn remove(&mut self, name: &ObjectName) -> BTreeSet<ObjectName> {
        let Some((claimed, claimant)) = self.objects.remove(name) else { return BTreeSet::new() };
        let Some(of_topic) = self.topics.get_mut(&claimed) else { return BTreeSet::new() };
        of_topic.remove(&claimant);
        let others = of_topic.iter().map(|(_, other)| other.clone()).collect();
        if of_topic.is_empty() {
            self.topics.remove(&claimed);
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

    /// The resource that decides over the topic of `topic` instead of it: the oldest of those that `may` by their
    /// namespace, if that is another one.
    #[must_use]
    pub fn elder(&self, topic: &KafkaTopic, may: impl Fn(&str) -> bool) -> Option<&ObjectName> {
        let name = object_name(topic);
        let (claimed, own) = claim(topic, &name)?;
        let mut older = self.topics.get(&claimed)?.range(..own);
        older.find(|(_, other)| may(&other.namespace)).map(|(_, other)| other)
    }
}

/// One that is not managed claims nothing.
fn claim(topic: &KafkaTopic, name: &ObjectName) -> Option<(Claimed, Claimant)> {
    if annotation(topic, MANAGED_ANNOTATION) == Some("false") {
        return None;
    }
    let claimed = Claimed { cluster: cluster_of(topic)?, topic: topic.topic_name().to_owned() };
    let created = topic.metadata.creation_timestamp.as_ref().map(|Time(created)| *created);
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
