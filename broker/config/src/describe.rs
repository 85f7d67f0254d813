//! What DescribeConfigs shows (KIP-133, KIP-226, KIP-569).

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::layers::Texts;
use crate::topic_config::effective;
use crate::{ConfigDef, Kind, Layers, Source, UpdateMode, Values, Visibility, broker, group, topic};

/// One key of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub name: String,
    /// Its value; `None`: null, or a secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Everything that is set for it, the strongest first.
    pub synonyms: Vec<Synonym>,
    /// Its type; `None`: not a key of Kafka's.
    pub kind: Option<Kind>,
    /// Whether it cannot be changed while the broker runs.
    pub is_read_only: bool,
    /// Whether its value is never shown.
    pub is_sensitive: bool,
    /// What it is.
    pub doc: Option<&'static str>,
}

/// One of the values set for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The name by which it is set.
    pub name: String,
    /// The value as it was given; `None` for a secret.
    pub value: Option<String>,
    /// Where it is set.
    pub source: Source,
}

/// The keys of one topic.
#[must_use]
pub fn topic(layers: &Layers<'_>, overrides: &Texts) -> Vec<Entry> {
    let file = completed(layers.file);
    let layers = Layers { file: &file, ..*layers };
    let listed = topic::KEYS
        .iter()
        .filter(|def| def.visibility == Visibility::Public || overrides.contains_key(def.name));
    listed.map(|def| topic_entry(def, &layers, overrides)).collect()
}

fn topic_entry(def: &'static ConfigDef, layers: &Layers<'_>, overrides: &Texts) -> Entry {
    let value = effective(def, layers, overrides).1.map(|value| value.text());
    let names: Vec<_> = topic::broker_names(def.name).iter().map(|(name, _)| *name).collect();
    let mut synonyms = synonyms(names.first().copied().unwrap_or_default(), &names, layers, Sensitive::No);
    if overrides.contains_key(def.name) {
        let own = Synonym { name: def.name.to_owned(), value: value.clone(), source: Source::DynamicTopic };
        synonyms.insert(0, own);
    }
    inheriting_entry(def, value, synonyms)
}

/// A key of a resource that inherits from brokers.
fn inheriting_entry(def: &'static ConfigDef, value: Option<String>, synonyms: Vec<Synonym>) -> Entry {
    Entry {
        name: def.name.to_owned(),
        value,
        source: synonyms.first().map_or(Source::Default, |first| first.source),
        synonyms,
        kind: Some(def.kind),
        is_read_only: false,
        is_sensitive: def.is_sensitive(),
        doc: Some(def.doc),
    }
}

/// The keys of one group.
#[must_use]
pub fn group(layers: &Layers<'_>, overrides: &Texts) -> Vec<Entry> {
    let (values, _) = Values::read(&layers.merged());
    group::KEYS.iter().map(|def| group_entry(def, layers, &values, overrides)).collect()
}

fn group_entry(def: &'static ConfigDef, layers: &Layers<'_>, values: &Values, overrides: &Texts) -> Entry {
    let value = group::effective(def, values, overrides).map(|value| value.text());
    let mut synonyms = match group::broker_name(def.name) {
        Some(name) => synonyms(name, &[name], layers, Sensitive::No),
        None => {
            let value = def.default_text().map(str::to_owned);
            Vec::from([Synonym { name: def.name.to_owned(), value, source: Source::Default }])
        }
    };
    if overrides.contains_key(def.name) {
        let own = Synonym { name: def.name.to_owned(), value: value.clone(), source: Source::DynamicGroup };
        synonyms.insert(0, own);
    }
    inheriting_entry(def, value, synonyms)
}

/// The keys of one broker, which is asked itself.
#[must_use]
pub fn broker(layers: &Layers<'_>) -> Vec<Entry> {
    let file = completed(layers.file);
    let layers = Layers { file: &file, ..*layers };
    let merged = layers.merged();
    let mut names: BTreeSet<&str> = merged.keys().map(String::as_str).collect();
    names.extend(broker::all().filter(|def| def.visibility == Visibility::Public).map(|def| def.name));
    names.into_iter().map(|name| broker_entry(name, &layers, &merged)).collect()
}

/// What is set for all brokers.
#[must_use]
pub fn cluster(layers: &Layers<'_>) -> Vec<Entry> {
    let merged = layers.merged();
    let entries = layers.cluster.iter().map(|(name, text)| {
        let mut entry = broker_entry(name, layers, &merged);
        entry.synonyms.retain(|synonym| synonym.source == Source::DynamicDefaultBroker);
        entry.source = entry.synonyms.first().map_or(Source::Default, |first| first.source);
        entry.value = (!entry.is_sensitive).then(|| text.clone());
        entry
    });
    entries.collect()
}

fn broker_entry(name: &str, layers: &Layers<'_>, merged: &Texts) -> Entry {
    let scoped = broker::scoped(name);
    let own = broker::find(name);
    let def = own.or_else(|| scoped.and_then(|scoped| scoped.def));
    // What is not known may be a secret.
    let is_sensitive = def.is_none_or(ConfigDef::is_sensitive);
    let set = merged.get(name);
    let value = match (def, set) {
        (_, Some(text)) if own.is_none() => Some(text.clone()),
        (Some(def), Some(text)) => Some(def.parse(text).map_or_else(|_| text.clone(), |value| value.text())),
        (Some(def), None) => def.default_value().map(|value| value.text()),
        (None, _) => None,
    };
    let names: Vec<&str> = match scoped {
        Some(scoped) => [name, scoped.key].to_vec(),
        None if own.is_some() => broker::synonyms(name).to_vec(),
        None => [name].to_vec(),
    };
    let sensitive = if is_sensitive { Sensitive::Yes } else { Sensitive::No };
    let synonyms = synonyms(name, &names, layers, sensitive);
    Entry {
        name: name.to_owned(),
        value: value.filter(|_| !is_sensitive),
        source: synonyms.first().map_or(Source::Default, |first| first.source),
        synonyms,
        kind: def.map(|def| def.kind),
        is_read_only: own.is_none_or(|def| def.update == UpdateMode::ReadOnly),
        is_sensitive,
        doc: def.map(|def| def.doc),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sensitive {
    Yes,
    No,
}

/// Everything set by one of `names`, the strongest layer first and in each the strongest name first. What comes
/// before the first value of `primary` itself is left out, as Kafka does.
fn synonyms(primary: &str, names: &[&str], layers: &Layers<'_>, sensitive: Sensitive) -> Vec<Synonym> {
    let shown = |text: &str| (sensitive == Sensitive::No).then(|| text.to_owned());
    let synonym =
        |name: &str, text: &str, source| Synonym { name: name.to_owned(), value: shown(text), source };
    let set = layers.by_strength().into_iter().flat_map(|(source, texts)| {
        let of_layer = names.iter().filter_map(move |name| Some((*name, texts.get(*name)?.as_str(), source)));
        of_layer.collect::<Vec<_>>()
    });
    let defaults =
        names.iter().filter_map(|name| Some((*name, broker::find(name)?.default_text()?, Source::Default)));
    set.chain(defaults)
        .skip_while(|(name, ..)| *name != primary)
        .map(|(name, text, source)| synonym(name, text, source))
        .collect()
}

/// The file's entries with `broker.id`, the older name of `node.id`.
fn completed(file: &Texts) -> Texts {
    let mut file = file.clone();
    if let Some(id) = file.get("node.id").cloned() {
        file.entry("broker.id".to_string()).or_insert(id);
    }
    file
}
