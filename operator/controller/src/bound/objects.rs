//! All resources of a kind that are watched. There are thousands, and most of them rest: each is kept as a text, of what
//! decisions read of it, and is read again for a look.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
};

use kube::core::{DeserializeGuard, error_boundary::InvalidObject};
use operator_plan::claims::{ObjectName, cluster_of};

use super::{Guarded, Kind};

/// Annotations that decisions read begin so.
const OURS: &str = "klamm.dev/";

/// What is kept of one.
struct Packed {
    /// Of what a change is news; what we write ourselves changes none of it.
    concern: u64,
    /// Of one cluster, one number.
    cluster: u16,
    content: Content,
}

enum Content {
    Text(Box<[u8]>),
    Unreadable(Box<InvalidObject>),
}

/// All of them.
pub(super) struct Objects<K> {
    known: HashMap<Arc<ObjectName>, Packed>,
    /// Those that a list that is under way has named.
    listed: Option<HashSet<Arc<ObjectName>>>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Objects<K> {
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), listed: None, kind: PhantomData }
    }

    /// Takes in one as it is now. Its name, and whether that is news.
    pub(super) fn put(&mut self, object: Guarded<K>) -> (Arc<ObjectName>, bool) {
        let name = super::name_of(&object);
        let name = self.known.get_key_value(&name).map_or_else(|| Arc::new(name), |(name, _)| name.clone());
        if let Some(listed) = &mut self.listed {
            listed.insert(name.clone());
        }
        let packed = pack(object);
        let concern = packed.concern;
        let before = self.known.insert(name.clone(), packed);
        (name, before.is_none_or(|before| before.concern != concern))
    }

    /// Forgets one that is gone.
    pub(super) fn remove(&mut self, name: &ObjectName) -> Option<Arc<ObjectName>> {
        self.known.remove_entry(name).map(|(name, _)| name)
    }

    /// A list of all begins.
    pub(super) fn begin_list(&mut self) {
        self.listed = Some(HashSet::new());
    }

    /// The list is complete: whoever it has not named is gone.
    pub(super) fn end_list(&mut self) -> Vec<Arc<ObjectName>> {
        let Some(listed) = self.listed.take() else { return Vec::new() };
        self.known.extract_if(|name, _| !listed.contains(name)).map(|(name, _)| name).collect()
    }

    /// The name of one that there is, as it is kept here.
    pub(super) fn name(&self, name: &ObjectName) -> Option<Arc<ObjectName>> {
        self.known.get_key_value(name).map(|(name, _)| name.clone())
    }

    /// A number that all of its cluster have.
    pub(super) fn cluster(&self, name: &ObjectName) -> u16 {
        self.known.get(name).map_or(0, |packed| packed.cluster)
    }

    /// One as it was heard of last.
    pub(super) fn get(&self, name: &ObjectName) -> Option<Guarded<K>> {
        Some(DeserializeGuard(match &self.known.get(name)?.content {
            Content::Unreadable(invalid) => Err(InvalidObject::clone(invalid)),
            Content::Text(text) => serde_json::from_slice(text).map_err(|error| unreadable(name, &error)),
        }))
    }
}

fn unreadable(name: &ObjectName, error: &serde_json::Error) -> InvalidObject {
    let ObjectName { namespace, name } = name.clone();
    let metadata =
        kube::api::ObjectMeta { namespace: Some(namespace), name: Some(name), ..Default::default() };
    InvalidObject { error: error.to_string(), metadata }
}

fn pack<K: Kind>(object: Guarded<K>) -> Packed {
    let concern = concern(kube::Resource::meta(&object));
    let mut object = match object.0 {
        Ok(object) => object,
        Err(invalid) => {
            return Packed { concern, cluster: 0, content: Content::Unreadable(Box::new(invalid)) };
        }
    };
    let mut hasher = DefaultHasher::new();
    cluster_of(&object).map(|of| (of.namespace, of.name)).hash(&mut hasher);
    let [first, second, ..] = hasher.finish().to_le_bytes();
    let metadata = object.meta_mut();
    metadata.managed_fields = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|name, _| name.starts_with(OURS));
    }
    let content = match serde_json::to_vec(&object) {
        Ok(text) => Content::Text(text.into()),
        Err(error) => Content::Unreadable(Box::new(unreadable(&super::name_of(&object), &error))),
    };
    Packed { concern, cluster: u16::from_le_bytes([first, second]), content }
}

/// A number of all that is of concern: an own write changes neither the generation nor a label or an annotation.
fn concern(metadata: &kube::api::ObjectMeta) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&metadata.uid, metadata.generation, &metadata.labels, &metadata.annotations).hash(&mut hasher);
    metadata.deletion_timestamp.is_some().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use kube::ResourceExt as _;
    use operator_api::{CLUSTER_LABEL, KafkaTopic, MANAGED_ANNOTATION};
    use serde_json::json;

    use super::*;

    fn topic(name: &str) -> KafkaTopic {
        let topic = json!({
            "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaTopic",
            "metadata": {
                "name": name, "namespace": "n", "uid": name, "generation": 1, "labels": {CLUSTER_LABEL: "c"},
                "creationTimestamp": "2026-01-01T12:00:00Z", "finalizers": ["f"], "resourceVersion": "7",
            },
            "spec": {"partitions": 3, "config": {"retention.ms": 1, "cleanup.policy": ["compact", "delete"]}},
            "status": {
                "conditions": [{
                    "type": "Ready", "status": "True", "reason": "Ready", "observedGeneration": 1,
                    "lastTransitionTime": "2026-01-01T12:00:01Z",
                }],
                "topicId": "abc",
            },
        });
        serde_json::from_value(topic).expect("a topic")
    }

    fn put(objects: &mut Objects<KafkaTopic>, topic: &KafkaTopic) -> bool {
        objects.put(DeserializeGuard(Ok(topic.clone()))).1
    }

    fn name(name: &str) -> ObjectName {
        ObjectName { namespace: "n".to_owned(), name: name.to_owned() }
    }

    #[test]
    fn one_is_read_as_it_was_heard_of_but_for_what_nobody_reads() {
        let mut objects = Objects::new();
        let mut topic = topic("a");
        topic.annotations_mut().insert(MANAGED_ANNOTATION.to_owned(), "true".to_owned());
        let kept = topic.clone();
        topic.annotations_mut().insert("kubectl.kubernetes.io/last-applied".to_owned(), "long".to_owned());
        topic.metadata.managed_fields = Some(vec![Default::default()]);
        put(&mut objects, &topic);
        assert_eq!(objects.get(&name("a")).expect("it is there").0.expect("it reads"), kept);
        assert!(objects.get(&name("b")).is_none());
    }

    #[test]
    fn news_is_what_somebody_else_writes() {
        let mut objects = Objects::new();
        let mut topic = topic("a");
        assert!(put(&mut objects, &topic) && !put(&mut objects, &topic));
        topic.status = None;
        topic.metadata.finalizers = None;
        topic.metadata.resource_version = Some("8".to_owned());
        assert!(!put(&mut objects, &topic), "we write that ourselves");
        let changes: [fn(&mut KafkaTopic); 5] = [
            |topic| topic.metadata.generation = Some(2),
            |topic| drop(topic.labels_mut().insert("l".to_owned(), "1".to_owned())),
            |topic| drop(topic.annotations_mut().insert("touched".to_owned(), "1".to_owned())),
            |topic| topic.metadata.deletion_timestamp = topic.metadata.creation_timestamp.clone(),
            |topic| topic.metadata.uid = Some("made anew".to_owned()),
        ];
        for (number, change) in changes.iter().enumerate() {
            change(&mut topic);
            assert!(put(&mut objects, &topic), "{number}");
        }
    }

    #[test]
    fn what_a_list_does_not_name_is_gone() {
        let mut objects = Objects::new();
        assert!(["a", "b"].iter().all(|one| put(&mut objects, &topic(one))));
        objects.begin_list();
        assert!(!put(&mut objects, &topic("b")), "it is as it was");
        assert_eq!(objects.end_list(), [Arc::new(name("a"))]);
        assert!(objects.name(&name("a")).is_none() && objects.name(&name("b")).is_some());
        assert!(objects.end_list().is_empty(), "no list is under way");
    }

    #[test]
    fn those_of_a_cluster_have_one_number() {
        let mut objects = Objects::new();
        let mut other = topic("c");
        other.labels_mut().insert(CLUSTER_LABEL.to_owned(), "d".to_owned());
        assert!([topic("a"), topic("b"), other].iter().all(|topic| put(&mut objects, topic)));
        let [a, b, c] = ["a", "b", "c"].map(|one| objects.cluster(&name(one)));
        assert!(a == b && a != c);
    }

    #[test]
    fn one_that_cannot_be_read_says_why() {
        let mut objects = Objects::<KafkaTopic>::new();
        let metadata = topic("a").metadata;
        objects.put(DeserializeGuard(Err(InvalidObject { error: "no".to_owned(), metadata })));
        let kept = objects.get(&name("a")).expect("it is there");
        assert_eq!(kept.0.expect_err("it does not read").error, "no");
    }
}
