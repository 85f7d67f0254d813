//! The settings `ssl.*` of one end, as Kafka's keys say them.

use std::{fmt, path::PathBuf};

use crate::error::TlsError;

/// Where a key and its certificates come from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// Said in the settings.
    Inline { key: String, chain: String },
    /// In a file.
    File(FileSource),
}

/// Where trusted certificates come from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TrustSource {
    Inline(String),
    File(FileSource),
}

/// A file and how it is read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileSource {
    pub(crate) path: PathBuf,
    pub(crate) is_pem: bool,
    pub(crate) password: Option<String>,
}

/// Whether clients show a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// They are not asked.
    #[default]
    None,
    /// They may.
    Requested,
    /// They must.
    Required,
}

/// The versions that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) tls12: bool,
    pub(crate) tls13: bool,
}

/// What one end is made of. Shows no secret where it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    pub(crate) keys: Option<KeySource>,
    pub(crate) key_password: Option<String>,
    pub(crate) trust: Option<TrustSource>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) versions: Versions,
    /// Names of Java's; empty: all.
    pub(crate) suites: Vec<String>,
    /// Whether a server must have a certificate for the name that it was looked for by.
    pub(crate) checks_names: bool,
    pub(crate) rules: String,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("client_auth", &self.client_auth).finish_non_exhaustive()
    }
}

impl Options {
    /// Reads the settings; `value` gives the value of a key, lists as text with commas.
    ///
    /// # Errors
    /// When they contradict each other, in Kafka's words, or ask for what there is not.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, TlsError> {
        let list = |key: &str| -> Vec<String> {
            let text = value(key).unwrap_or_default();
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let identification = value("ssl.endpoint.identification.algorithm");
        let identification = identification.as_deref().map(str::trim).unwrap_or("https");
        Ok(Self {
            keys: keys(&value)?,
            key_password: value("ssl.key.password"),
            trust: trust(&value)?,
            client_auth: client_auth(value("ssl.client.auth").as_deref())?,
            versions: versions(&list("ssl.enabled.protocols"), value("ssl.protocol").as_deref())?,
            suites: list("ssl.cipher.suites"),
            checks_names: match identification.to_ascii_lowercase().as_str() {
                "https" => true,
                "" => false,
                _ => {
                    let reason = format!("'{identification}' is not known: https, or empty for none");
                    return Err(TlsError::Value { key: "ssl.endpoint.identification.algorithm", reason });
                }
            },
            rules: value("ssl.principal.mapping.rules").unwrap_or_else(|| "DEFAULT".to_owned()),
        })
    }

    /// With another demand on clients.
    #[must_use]
    pub fn with_client_auth(self, client_auth: ClientAuth) -> Self {
        Self { client_auth, ..self }
    }

    /// Whatever a server's certificate is for.
    pub(crate) fn without_names(self) -> Self {
        Self { checks_names: false, ..self }
    }

    /// The files that it is made of.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let keys = match &self.keys {
            Some(KeySource::File(file)) => Some(&file.path),
            _ => None,
        };
        let trust = match &self.trust {
            Some(TrustSource::File(file)) => Some(&file.path),
            _ => None,
        };
        keys.into_iter().chain(trust)
    }
}

fn is_pem(kind: Option<&str>, key: &'static str) -> Result<bool, TlsError> {
    match kind.unwrap_or("JKS") {
        "PEM" => Ok(true),
        // Java reads PKCS12 by the name of its own format, too: what a file is shows when it is read.
        kind if kind.eq_ignore_ascii_case("PKCS12") || kind.eq_ignore_ascii_case("JKS") => Ok(false),
        kind => {
            Err(TlsError::Value { key, reason: format!("'{kind}' is not supported: PEM and PKCS12 are") })
        }
    }
}

fn keys(value: &impl Fn(&str) -> Option<String>) -> Result<Option<KeySource>, TlsError> {
    let is_pem = is_pem(value("ssl.keystore.type").as_deref(), "ssl.keystore.type")?;
    let (path, password) = (value("ssl.keystore.location"), value("ssl.keystore.password"));
    let refused = |text| Err(TlsError::Together(text));
    match (value("ssl.keystore.key"), value("ssl.keystore.certificate.chain")) {
        (Some(_), _) if !is_pem => refused("SSL private key can be specified only for PEM"),
        (Some(_), None) => refused("SSL private key is specified, but certificate chain is not specified."),
        (Some(_), _) if path.is_some() => {
            refused("Both SSL key store location and separate private key are specified.")
        }
        (Some(_), _) if password.is_some() => refused(
            "SSL key store password cannot be specified with PEM format, only key password may be specified.",
        ),
        (Some(key), Some(chain)) => Ok(Some(KeySource::Inline { key, chain })),
        (None, Some(_)) => refused("SSL certificate chain is specified, but private key is not specified"),
        (None, None) => match (path, password) {
            (Some(_), Some(_)) if is_pem => refused(
                "SSL key store password cannot be specified with PEM format, only key password may be specified",
            ),
            (None, Some(_)) => {
                refused("SSL key store is not specified, but key store password is specified.")
            }
            (Some(_), None) if !is_pem => {
                refused("SSL key store is specified, but key store password is not specified.")
            }
            (Some(path), password) => {
                Ok(Some(KeySource::File(FileSource { path: path.into(), is_pem, password })))
            }
            (None, None) => Ok(None),
        },
    }
}

fn trust(value: &impl Fn(&str) -> Option<String>) -> Result<Option<TrustSource>, TlsError> {
    let is_pem = is_pem(value("ssl.truststore.type").as_deref(), "ssl.truststore.type")?;
    let (path, password) = (value("ssl.truststore.location"), value("ssl.truststore.password"));
    let refused = |text| Err(TlsError::Together(text));
    match (value("ssl.truststore.certificates"), path, password) {
        (Some(_), ..) if !is_pem => refused("SSL trust store certs can be specified only for PEM"),
        (Some(_), Some(_), _) => {
            refused("Both SSL trust store location and separate trust certificates are specified.")
        }
        (Some(_), None, Some(_)) => refused("SSL trust store password cannot be specified for PEM format."),
        (Some(certificates), None, None) => Ok(Some(TrustSource::Inline(certificates))),
        (None, Some(_), Some(_)) if is_pem => {
            refused("SSL trust store password cannot be specified for PEM format.")
        }
        (None, None, Some(_)) => {
            refused("SSL trust store is not specified, but trust store password is specified.")
        }
        (None, Some(path), password) => {
            Ok(Some(TrustSource::File(FileSource { path: path.into(), is_pem, password })))
        }
        (None, None, None) => Ok(None),
    }
}

fn client_auth(text: Option<&str>) -> Result<ClientAuth, TlsError> {
    match text.unwrap_or("none") {
        "none" => Ok(ClientAuth::None),
        "requested" => Ok(ClientAuth::Requested),
        "required" => Ok(ClientAuth::Required),
        other => {
            let reason = format!("'{other}' is none of required, requested and none");
            Err(TlsError::Value { key: "ssl.client.auth", reason })
        }
    }
}

/// Older versions than 1.2 are passed over: they are broken, and not built.
fn versions(enabled: &[String], protocol: Option<&str>) -> Result<Versions, TlsError> {
    let protocol = protocol.unwrap_or("TLSv1.3");
    if !["TLS", "TLSv1.2", "TLSv1.3"].contains(&protocol) {
        let reason = format!("'{protocol}' is not supported: TLSv1.3, TLSv1.2 and TLS are");
        return Err(TlsError::Value { key: "ssl.protocol", reason });
    }
    if enabled.is_empty() {
        return Ok(Versions { tls12: true, tls13: true });
    }
    let has = |name: &str| enabled.iter().any(|one| one == name);
    let versions = Versions { tls12: has("TLSv1.2"), tls13: has("TLSv1.3") };
    if versions.tls12 || versions.tls13 {
        return Ok(versions);
    }
    let reason = format!("none of {} is supported: TLSv1.2 and TLSv1.3 are", enabled.join(","));
    Err(TlsError::Value { key: "ssl.enabled.protocols", reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &[(&str, &str)]) -> Result<Options, TlsError> {
        Options::read(|key| {
            let found = entries.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_are_kafkas() {
        let options = read(&[]).unwrap();
        assert!(options.keys.is_none() && options.trust.is_none() && options.checks_names);
        assert_eq!(options.client_auth, ClientAuth::None);
        assert_eq!(options.versions, Versions { tls12: true, tls13: true });
        assert!(!read(&[("ssl.endpoint.identification.algorithm", "")]).unwrap().checks_names);
    }

    #[test]
    fn contradictions_are_told_in_kafkas_words() {
        let pem = ("ssl.keystore.type", "PEM");
        let (key, chain) = (("ssl.keystore.key", "k"), ("ssl.keystore.certificate.chain", "c"));
        let (at, word) = (("ssl.keystore.location", "/f"), ("ssl.keystore.password", "w"));
        let cases: [(&[(&str, &str)], &str); 8] = [
            (&[key, chain], "SSL private key can be specified only for PEM"),
            (&[pem, key], "SSL private key is specified, but certificate chain is not specified."),
            (&[pem, key, chain, at], "Both SSL key store location and separate private key are specified."),
            (&[pem, chain], "SSL certificate chain is specified, but private key is not specified"),
            (&[at], "SSL key store is specified, but key store password is not specified."),
            (&[word], "SSL key store is not specified, but key store password is specified."),
            (&[("ssl.truststore.certificates", "c")], "SSL trust store certs can be specified only for PEM"),
            (
                &[("ssl.truststore.password", "c")],
                "SSL trust store is not specified, but trust store password is specified.",
            ),
        ];
        for (entries, text) in cases {
            assert_eq!(read(entries).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn old_versions_are_passed_over_and_not_enough() {
        let mixed = read(&[("ssl.enabled.protocols", "TLSv1.1,TLSv1.2")]).unwrap();
        assert_eq!(mixed.versions, Versions { tls12: true, tls13: false });
        let error = read(&[("ssl.enabled.protocols", "TLSv1.1")]).unwrap_err().to_string();
        assert!(error.starts_with("ssl.enabled.protocols: none of TLSv1.1"), "{error}");
    }

    #[test]
    fn no_secret_is_printed() {
        let shown = format!(
            "{:?}",
            read(&[("ssl.keystore.location", "/f"), ("ssl.keystore.password", "secret-word")]).unwrap()
        );
        assert!(!shown.contains("secret-word"), "{shown}");
    }
}
