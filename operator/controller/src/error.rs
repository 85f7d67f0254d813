//! Why a reconcile ended before its end. The object is looked at again after a while.

use broker_client::ClientError;

/// Why a reconcile ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconcileError {
    /// The API server did not answer, or refused.
    #[error("{doing}: {}", brief(source))]
    Api {
        /// What was being done.
        doing: String,
        /// What it answered.
        source: Box<kube::Error>,
    },
    /// The brokers did not answer, or refused.
    #[error("{doing}: {source}")]
    Kafka {
        /// What was being done.
        doing: &'static str,
        /// What came of it.
        source: Box<ClientError>,
    },
    /// An object of that name is there and is not ours.
    #[error(
        "{kind} {name} is there already and is not this cluster's: it has no label klamm.dev/cluster of it"
    )]
    Foreign {
        /// Its kind.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A controller said an id of its directory that is none.
    #[error("'{0}' is no id of a directory")]
    Directory(String),
    /// A Secret that was there when it was decided.
    #[error("Secret {name} is gone")]
    SecretGone {
        /// Its name.
        name: String,
    },
    /// A certificate that cannot be made.
    #[error("Secret {name}: {source}")]
    Certificate {
        /// The Secret that it is for.
        name: String,
        /// Why.
        source: operator_pki::PkiError,
    },
    /// No randomness for a new cluster's id.
    #[error("no random bytes for a cluster id: {0}")]
    Random(std::io::Error),
}

impl ReconcileError {
    /// For `map_err` at a call of the API.
    pub(crate) fn api(doing: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Api { doing, source: Box::new(source) }
    }

    /// For `map_err` at a call of Kafka.
    pub(crate) fn kafka(doing: &'static str) -> impl FnOnce(ClientError) -> Self {
        move |source| Self::Kafka { doing, source: Box::new(source) }
    }

    /// Whether Kubernetes would refuse the same again, or the name is somebody else's.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Api { source, .. } => {
                matches!(&**source, kube::Error::Api(status) if matches!(status.code, 400 | 403 | 404 | 422))
            }
            Self::Foreign { .. } => true,
            _ => false,
        }
    }

    /// A word for conditions.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Api { .. } => "ApplyFailed",
            Self::Kafka { .. } | Self::Directory(_) => "KafkaFailed",
            Self::Foreign { .. } => "NameTaken",
            Self::SecretGone { .. } | Self::Certificate { .. } => "CertificateFailed",
            Self::Random(_) => "NoRandomness",
        }
    }
}

/// What the API server said, without all that it said it with.
pub(crate) fn brief(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if !status.message.is_empty() => status.message.clone(),
        error => error.to_string(),
    }
}

/// Whether the API server says that there is no such object.
pub(crate) fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}
