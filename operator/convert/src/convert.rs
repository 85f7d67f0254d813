//! All documents: which are Strimzi's, what each becomes, and what they have to do with each other.

use operator_api::{CLUSTER_LABEL, GROUP, VERSION};
use serde_json::{Map, Value, json};

use crate::{
    check, cluster,
    fit::{fit, left_out},
    metadata,
    note::{Effect, Note, Notes},
    read::{self, ReadError, Source},
    schema::Schemas,
    user, yaml,
};

const STRIMZI: &str = "kafka.strimzi.io";
const VERSIONS: [&str; 2] = ["v1", "v1beta2"];
/// Strimzi's kinds that become ours, and what they are called then.
const KINDS: [(&str, &str); 5] = [
    ("Kafka", "KafkaCluster"),
    ("KafkaNodePool", "KafkaNodePool"),
    ("KafkaTopic", "KafkaTopic"),
    ("KafkaUser", "KafkaUser"),
    ("KafkaRebalance", "KafkaRebalance"),
];
/// The pool of nodes that a `Kafka` resource states itself.
const OWN_POOL: &str = "kafka";

/// What became of the documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Converted {
    /// Klamm's resources, in the order of the originals.
    pub documents: Vec<Value>,
    /// What was not carried over as it was, in the same order.
    pub notes: Vec<Note>,
}

impl Converted {
    /// The resources as YAML documents.
    #[must_use]
    pub fn yaml(&self) -> String {
        self.documents.iter().map(|document| format!("---\n{}", yaml::document(document))).collect()
    }

    /// Whether the resources are, to users of the original, what that was.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.notes.iter().all(|note| note.effect.is_harmless())
    }
}

/// One object on its way.
#[derive(Debug)]
pub(crate) struct Piece {
    /// As it was.
    pub(crate) original: Value,
    /// As it is to be; `None` where it is left out as a whole.
    pub(crate) document: Option<Value>,
    pub(crate) notes: Notes,
}

impl Piece {
    /// Whether it is to be of this kind.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.document.as_ref().is_some_and(|document| document.get("kind") == Some(&json!(kind)))
    }

    pub(crate) fn name(&self) -> &str {
        metadata::text(&self.original, "name")
    }

    pub(crate) fn namespace(&self) -> &str {
        metadata::text(&self.original, "namespace")
    }

    /// Which cluster its label names.
    pub(crate) fn cluster(&self) -> Option<&str> {
        metadata::entry(self.document.as_ref()?, "labels", CLUSTER_LABEL)
    }
}

/// Converts the documents of all sources together: a cluster is held against its pools wherever they are.
///
/// # Errors
/// A text that is no YAML, or no object of Kubernetes.
pub fn convert(sources: &[Source<'_>]) -> Result<Converted, ReadError> {
    let schemas = Schemas::ours();
    let originals = read::objects(sources)?;
    let mut pieces = Vec::with_capacity(originals.len());
    let mut taken: Vec<String> =
        originals.iter().filter(|object| is(object, "KafkaNodePool")).map(own_name).collect();
    for original in &originals {
        let (piece, pool) = one(&schemas, &originals, original, &mut taken);
        pieces.push(piece);
        pieces.extend(pool.map(|pool| one(&schemas, &originals, &pool, &mut taken).0));
    }
    follow_clusters(&mut pieces);
    check::all(&mut pieces);
    let mut converted = Converted::default();
    for piece in pieces {
        converted.documents.extend(piece.document);
        converted.notes.extend(piece.notes.all);
    }
    Ok(converted)
}

fn is(object: &Value, kind: &str) -> bool {
    object.get("kind").and_then(Value::as_str) == Some(kind)
}

fn own_name(object: &Value) -> String {
    metadata::text(object, "name").to_owned()
}

/// One object, and the pool of the nodes that it states itself.
fn one(
    schemas: &Schemas,
    all: &[Value],
    original: &Value,
    taken: &mut Vec<String>,
) -> (Piece, Option<Value>) {
    let text = |key: &str| original.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("kind"), metadata::text(original, "name"));
    let namespace = metadata::text(original, "namespace");
    let object =
        if namespace.is_empty() { format!("{kind}/{name}") } else { format!("{kind}/{namespace}/{name}") };
    let mut piece = Piece { original: original.clone(), document: None, notes: Notes::of(object) };
    let (group, version) = text("apiVersion").split_once('/').unwrap_or_default();
    let ours = KINDS.iter().find(|(theirs, _)| *theirs == kind).filter(|_| group == STRIMZI);
    let Some((_, target)) = ours else {
        piece.notes.add(Effect::Missing, "kind", foreign(group));
        return (piece, None);
    };
    if !VERSIONS.contains(&version) {
        let why = format!(
            "{version} is converted by Strimzi's own tool to v1beta2 first, which is taken here, as v1 is"
        );
        piece.notes.add(Effect::Missing, "apiVersion", why);
        return (piece, None);
    }
    let mut spec = match original.get("spec") {
        Some(Value::Object(spec)) => spec.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(other) => {
            piece.notes.add(Effect::Invalid, "spec", format!("{other} is no map"));
            return (piece, None);
        }
    };
    let Some(schema) = schemas.of(target) else {
        piece.notes.add(Effect::Missing, "kind", format!("{kind} arrives with a later release"));
        left_out(kind, "spec", &Value::Object(spec), &mut piece.notes);
        return (piece, None);
    };
    let mut pool = None;
    if kind == "Kafka" {
        if !has_pools(all, original) {
            let named = free_name(taken);
            pool = cluster::pool(original, &mut spec, &named, &mut piece.notes);
            match &pool {
                Some(_) => taken.push(named),
                None => piece.notes.add(
                    Effect::Missing,
                    "spec",
                    "no KafkaNodePool of it is among the documents: without one, a cluster is a single node",
                ),
            }
        }
        cluster::change(original, schema, &mut spec, &mut piece.notes);
    }
    if kind == "KafkaUser" {
        user::change(&mut spec, &mut piece.notes);
    }
    let spec = fit(kind, schema, Value::Object(spec), "spec", &mut piece.notes);
    let metadata = metadata_of(original, &mut piece.notes);
    let api = format!("{GROUP}/{VERSION}");
    piece.document = Some(json!({"apiVersion": api, "kind": target, "metadata": metadata, "spec": spec}));
    (piece, pool)
}

/// The metadata, and notes of what else there is beside the spec.
fn metadata_of(original: &Value, notes: &mut Notes) -> Value {
    for name in original.as_object().into_iter().flat_map(Map::keys) {
        match name.as_str() {
            "apiVersion" | "kind" | "metadata" | "spec" => {}
            "status" => notes.add(Effect::Unneeded, "status", "the operator finds out how things are"),
            other => notes.add(Effect::Unknown, other, "objects of Kubernetes have no such part here"),
        }
    }
    match original.get("metadata") {
        Some(Value::Object(metadata)) => metadata::convert(metadata.clone(), notes),
        _ => json!({}),
    }
}

fn foreign(group: &str) -> &'static str {
    if group.ends_with("strimzi.io") {
        "Klamm is brokers, and this is something beside them, which stays in Strimzi's hands and connects to Klamm"
    } else {
        "it is no resource of Strimzi, and left out: apply it as it is"
    }
}

fn has_pools(all: &[Value], cluster: &Value) -> bool {
    all.iter().any(|object| {
        is(object, "KafkaNodePool")
            && metadata::text(object, "namespace") == metadata::text(cluster, "namespace")
            && metadata::entry(object, "labels", metadata::STRIMZI_CLUSTER)
                == Some(metadata::text(cluster, "name"))
    })
}

fn free_name(taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{OWN_POOL}-{number}"));
    let mut names = std::iter::once(OWN_POOL.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

/// A topic or user in the namespace that its cluster's operator of these watches names the cluster by its namespace too.
fn follow_clusters(pieces: &mut [Piece]) {
    for kind in ["KafkaTopic", "KafkaUser"] {
        follow(pieces, kind);
    }
}

fn follow(pieces: &mut [Piece], kind: &str) {
    let watched = |piece: &Piece| cluster::watched(&piece.original, kind).map(str::to_owned);
    let clusters: Vec<_> = pieces
        .iter()
        .filter(|piece| piece.is("KafkaCluster"))
        .map(|piece| (piece.name().to_owned(), piece.namespace().to_owned(), watched(piece)))
        .collect();
    for bound in pieces.iter_mut().filter(|piece| piece.is(kind)) {
        let Some(name) = bound.cluster().map(str::to_owned) else { continue };
        let own = bound.namespace().to_owned();
        let named = || clusters.iter().filter(|(found, ..)| *found == name);
        let elsewhere = named().find(|(_, _, watched)| watched.as_ref() == Some(&own));
        let Some((_, namespace, _)) = elsewhere.filter(|_| named().all(|(_, found, _)| *found != own)) else {
            continue;
        };
        let spec = bound.document.as_mut().and_then(|document| document.get_mut("spec"));
        if let Some(spec) = spec.and_then(Value::as_object_mut) {
            spec.insert("clusterRef".to_owned(), json!({"name": name, "namespace": namespace}));
            let path = format!("metadata.labels['{}']", metadata::STRIMZI_CLUSTER);
            let why = format!("the cluster is in namespace {namespace}, which spec.clusterRef says now");
            bound.notes.add(Effect::Changed, path, why);
        }
    }
}
