//! What came out, held against the operator's own judgement. What it would refuse and can be left out is left out.

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use operator_api::{KafkaCluster, KafkaNodePool, KafkaTopic, KafkaUser};
use operator_plan::{
    conditions::Warning,
    observed::{Observed, Settings},
    standing::Standing,
    topics::{self, Rules},
    users::{self, ObservedPrincipal, Seen, UserRules},
    validate::{Invalid, is_decided, validate},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    convert::Piece,
    note::{Effect, Notes},
};

/// The longest names: they are part of other objects' names.
const CLUSTER_NAME_MAX: usize = 40;
const POOL_NAME_MAX: usize = 30;

/// Checks all of them, each cluster with its pools.
pub(crate) fn all(pieces: &mut [Piece]) {
    for piece in pieces.iter_mut() {
        if piece.is("KafkaTopic") {
            topic(piece);
        } else if piece.is("KafkaUser") {
            user(piece);
        } else if piece.is("KafkaNodePool") {
            let _: Option<KafkaNodePool> = typed(piece);
            name(piece, POOL_NAME_MAX, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
        }
    }
    let clusters: Vec<_> = (0..).zip(pieces.iter()).filter(|(_, piece)| piece.is("KafkaCluster")).collect();
    let clusters: Vec<usize> = clusters.into_iter().map(|(at, _)| at).collect();
    for at in clusters {
        cluster(pieces, at);
    }
}

/// The object in its type, or a note why it is none, unless the schema said so already.
fn typed<T: DeserializeOwned>(piece: &mut Piece) -> Option<T> {
    match serde_json::from_value(piece.document.clone()?) {
        Ok(typed) => Some(typed),
        Err(error) => {
            if !piece.notes.all.iter().any(|note| note.effect == Effect::Invalid) {
                piece.notes.add(Effect::Invalid, "spec", error.to_string());
            }
            None
        }
    }
}

fn name(piece: &mut Piece, most: usize, may_begin: fn(char) -> bool) {
    let name = piece.name();
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.starts_with(may_begin) && !name.ends_with('-') && name.chars().all(is_inner) && name.len() <= most
    {
        return;
    }
    let why = format!("'{name}' is part of other names: at most {most} of a-z, 0-9 and -");
    piece.notes.add(Effect::Invalid, "metadata.name", why);
}

fn topic(piece: &mut Piece) {
    let Some(topic) = typed::<KafkaTopic>(piece) else { return };
    if topic.spec.cluster_ref.is_none() && piece.cluster().is_none() {
        let why = "no cluster is named: Strimzi does not look after such a topic, nor does Klamm";
        piece.notes.add(Effect::Invalid, "metadata.labels", why);
    }
    if let Standing::Refused { message, .. } = topics::plan(&topic, None, None, &Rules::default()).standing {
        let (path, why) = match message.split_once(": ").filter(|(field, _)| field.starts_with("spec.")) {
            Some((field, why)) => (field.to_owned(), why.to_owned()),
            None if topic.spec.topic_name.is_some() => ("spec.topicName".to_owned(), message),
            None => ("metadata.name".to_owned(), message),
        };
        piece.notes.add(Effect::Invalid, path, why);
    }
}

/// Whatever its cluster has is taken for granted: that is another manifest's.
fn user(piece: &mut Piece) {
    let Some(user) = typed::<KafkaUser>(piece) else { return };
    if user.spec.cluster_ref.is_none() && piece.cluster().is_none() {
        let why = "no cluster is named: Strimzi does not look after such a user, nor does Klamm";
        piece.notes.add(Effect::Invalid, "metadata.labels", why);
    }
    let (nobody, mut rules) =
        (ObservedPrincipal::default(), UserRules::of(&KafkaCluster::new("", Default::default())));
    rules.authorizes = true;
    let seen = Seen {
        plain: &nobody,
        certified: &nobody,
        secret: None,
        reference: None,
        issuer: None,
        is_asserted: false,
        now: Timestamp::UNIX_EPOCH,
    };
    if let Standing::Refused { reason: "InvalidUserName", message } =
        users::plan(&user, &seen, &rules).standing
    {
        let why = message.strip_prefix("metadata.name: ").unwrap_or(&message).to_owned();
        piece.notes.add(Effect::Invalid, "metadata.name", why);
    }
}

fn cluster(pieces: &mut [Piece], at: usize) {
    let Some(piece) = pieces.get_mut(at) else { return };
    name(piece, CLUSTER_NAME_MAX, |c| c.is_ascii_lowercase());
    without_what_is_decided(piece);
    let (own, namespace) = (piece.name().to_owned(), piece.namespace().to_owned());
    let is_its = |piece: &Piece| {
        piece.is("KafkaNodePool") && piece.cluster() == Some(&own) && piece.namespace() == namespace
    };
    let mut pools = Vec::new();
    for pool in pieces.iter_mut().filter(|piece| is_its(piece)) {
        match typed::<KafkaNodePool>(pool) {
            Some(pool) => pools.push(pool),
            None => return,
        }
    }
    let Some(piece) = pieces.get_mut(at) else { return };
    match agree(piece, &pools) {
        Judged::Unreadable => {}
        Judged::Valid(_) if pools.is_empty() => {}
        Judged::Valid(warnings) => {
            warnings.into_iter().for_each(|warning| warn(warning, &mut piece.notes));
        }
        Judged::Invalid(Invalid { field, reason }) => {
            let pool = field.strip_prefix("KafkaNodePool/").and_then(|rest| rest.split_once(' '));
            let of_pool = pool.and_then(|(name, path)| {
                let pool = pieces.iter_mut().find(|piece| is_its(piece) && piece.name() == name)?;
                Some((&mut pool.notes, path.to_owned()))
            });
            match of_pool {
                Some((notes, path)) => notes.add(Effect::Invalid, path, reason),
                None => {
                    if let Some(piece) = pieces.get_mut(at) {
                        piece.notes.add(Effect::Invalid, field, reason);
                    }
                }
            }
        }
    }
}

enum Judged {
    Valid(Vec<Warning>),
    Invalid(Invalid),
    Unreadable,
}

/// Asks the operator's validation, and leaves out settings that it refuses one by one: each answer is another one or the
/// last.
fn agree(piece: &mut Piece, pools: &[KafkaNodePool]) -> Judged {
    loop {
        let Some(cluster) = typed::<KafkaCluster>(piece) else { return Judged::Unreadable };
        let observed = Observed::of_manifests(cluster, pools.to_vec(), Time(Timestamp::UNIX_EPOCH));
        match validate(&observed, &settings()) {
            Ok(cluster) => return Judged::Valid(cluster.warnings),
            Err(invalid) => match take_out(piece, &invalid.field) {
                Some(effect) => {
                    piece.notes.add(effect, invalid.field, format!("left out: {}", invalid.reason))
                }
                None => return Judged::Invalid(invalid),
            },
        }
    }
}

/// Takes a setting out that is refused, where a cluster can be without it. Tells what comes of that.
fn take_out(piece: &mut Piece, field: &str) -> Option<Effect> {
    let kafka = piece.document.as_mut()?.pointer_mut("/spec/kafka")?.as_object_mut()?;
    let key = field.strip_prefix("spec.kafka.")?;
    match key.strip_prefix("config['").and_then(|key| key.strip_suffix("']")) {
        Some(key) => {
            kafka.get_mut("config")?.as_object_mut()?.remove(key)?;
            Some(Effect::Missing)
        }
        None if ["version", "metadataVersion"].contains(&key) => {
            kafka.remove(key)?;
            Some(Effect::Changed)
        }
        None => None,
    }
}

/// Settings that are the operator's own: Strimzi has no effect for them either.
fn without_what_is_decided(piece: &mut Piece) {
    let config = piece.document.as_mut().and_then(|document| document.pointer_mut("/spec/kafka/config"));
    let Some(config) = config.and_then(Value::as_object_mut) else { return };
    let (decided, kept): (Vec<_>, Vec<_>) =
        std::mem::take(config).into_iter().partition(|(key, _)| is_decided(key));
    *config = Map::from_iter(kept);
    for (key, _) in decided {
        let path = format!("spec.kafka.config['{key}']");
        piece.notes.add(Effect::Unneeded, path, "the operator decides it, as Strimzi's does");
    }
}

fn warn(warning: Warning, notes: &mut Notes) {
    let path = match warning.reason {
        "KafkaVersion" => "spec.kafka.version",
        "KafkaMetadataVersion" => "spec.kafka.metadataVersion",
        "IgnoredConfig" | "CappedReplication" => "spec.kafka.config",
        _ => "spec",
    };
    notes.add(Effect::Changed, path, warning.message);
}

/// Nothing here depends on where the operator runs.
fn settings() -> Settings {
    Settings {
        image: "klamm".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        cluster_domain: "cluster.local".to_owned(),
        operator_namespace: "klamm-system".to_owned(),
    }
}
