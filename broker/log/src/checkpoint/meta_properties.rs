//! `meta.properties` of a log directory: whose it is. Java properties, version 1 (KIP-631); version 0 has
//! `broker.id` instead of `node.id`, and `directory.id` came with KIP-858.

use broker_types::{BrokerId, ClusterId, DirectoryId, Uuid};

pub(crate) const FILE_NAME: &str = "meta.properties";

/// The identity of a log directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// The cluster.
    pub cluster_id: ClusterId,
    /// The node.
    pub node_id: BrokerId,
    /// The directory; `None` in one that predates directory ids.
    pub directory_id: Option<DirectoryId>,
}

/// Why a `meta.properties` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetaProperties {
    /// It is not text.
    #[error("it is not text")]
    NotText,
    /// A key is needed and not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A key's value does not read.
    #[error("{0} has the unusable value '{1}'")]
    Value(&'static str, String),
}

pub(crate) fn encode(meta: &MetaProperties) -> String {
    let cluster_id = escape(meta.cluster_id.as_str());
    let directory_id = meta.directory_id.map_or(String::new(), |id| format!("directory.id={id}\n"));
    format!("#\ncluster.id={cluster_id}\n{directory_id}node.id={}\nversion=1\n", meta.node_id)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<MetaProperties, InvalidMetaProperties> {
    let text = std::str::from_utf8(bytes).map_err(|_| InvalidMetaProperties::NotText)?;
    let value = |wanted: &str| {
        text.lines().rev().filter_map(property).find(|(key, _)| key == wanted).map(|(_, value)| value)
    };
    let version = value("version").ok_or(InvalidMetaProperties::Missing("version"))?;
    let id_key = match version.as_str() {
        "0" => "broker.id",
        "1" => "node.id",
        _ => return Err(InvalidMetaProperties::Value("version", version)),
    };
    let cluster_id = value("cluster.id").ok_or(InvalidMetaProperties::Missing("cluster.id"))?;
    let node_id = value(id_key).ok_or(InvalidMetaProperties::Missing(id_key))?;
    let directory_id = match value("directory.id") {
        Some(text) => {
            let id = text.parse::<Uuid>().ok().and_then(DirectoryId::from_wire);
            Some(id.ok_or(InvalidMetaProperties::Value("directory.id", text))?)
        }
        None => None,
    };
    let node_id = node_id
        .parse()
        .ok()
        .and_then(BrokerId::from_wire)
        .ok_or(InvalidMetaProperties::Value(id_key, node_id))?;
    Ok(MetaProperties { cluster_id: ClusterId::new(&cluster_id), node_id, directory_id })
}

/// Java puts a backslash before what could be read as a separator or a comment.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | ':' | '=' | '#' | '!') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn property(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.starts_with(['#', '!']) {
        return None;
    }
    let (key, value) = line.split_once(['=', ':'])?;
    let mut unescaped = String::with_capacity(value.len());
    let mut escaping = false;
    for c in value.trim_start().chars() {
        escaping = c == '\\' && !escaping;
        if !escaping {
            unescaped.push(c);
        }
    }
    Some((key.trim_end().to_owned(), unescaped))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> MetaProperties {
        MetaProperties {
            cluster_id: ClusterId::new("MkU3OEVBNTcwNTJENDM2Qg"),
            node_id: BrokerId::new(4),
            directory_id: Some(DirectoryId::new(Uuid::from_bytes([9; 16]))),
        }
    }

    #[test]
    fn a_file_reads_back() {
        assert_eq!(decode(encode(&meta()).as_bytes()), Ok(meta()));
        let odd = MetaProperties { cluster_id: ClusterId::new("a=b:c\\d"), directory_id: None, ..meta() };
        assert_eq!(decode(encode(&odd).as_bytes()), Ok(odd));
    }

    #[test]
    fn files_that_apache_kafka_writes_are_read() {
        let text = "#\n#Mon Nov 23 08:50:00 UTC 2026\ncluster.id=abc\\=\nversion=0\nbroker.id=7\n";
        let old = decode(text.as_bytes()).expect("reads");
        assert_eq!(
            (old.cluster_id.as_str(), old.node_id, old.directory_id),
            ("abc=", BrokerId::new(7), None)
        );
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(decode(b""), Err(InvalidMetaProperties::Missing("version")));
        assert_eq!(decode(b"version=1\nnode.id=1\n"), Err(InvalidMetaProperties::Missing("cluster.id")));
        let value = |key: &'static str, value: &str| Err(InvalidMetaProperties::Value(key, value.to_owned()));
        assert_eq!(decode(b"version=2\n"), value("version", "2"));
        assert_eq!(decode(b"version=1\ncluster.id=a\nnode.id=x\n"), value("node.id", "x"));
        assert_eq!(
            decode(b"version=1\ncluster.id=a\nnode.id=1\ndirectory.id=x\n"),
            value("directory.id", "x")
        );
    }
}
