//! Errors by the names of the Java classes that Kafka's tools print: scripts look for them.

use anyhow::Error;
use broker_client::ClientError;
use broker_protocol::ErrorCode;

use super::{options::Unreadable, words};

/// The error as a tool prints what was thrown at it: the class, then the words.
pub(super) fn thrown(error: &Error) -> String {
    if let Some(Unreadable(path)) = error.downcast_ref() {
        return format!("java.nio.file.NoSuchFileException: {path}");
    }
    match error.downcast_ref::<ClientError>().and_then(ClientError::code) {
        Some(code) => format!("{}: {}", class(code), words(error)),
        None => words(error),
    }
}

/// As [`thrown`], for an error that is not wrapped yet.
pub(super) fn thrown_by(error: ClientError) -> String {
    thrown(&Error::from(error))
}

/// The class that stands for an error code.
pub(super) fn class(code: ErrorCode) -> String {
    let derived = || {
        let words = code.name().split('_').map(capitalized);
        words.filter(|word| word != "Exception").collect::<String>() + "Exception"
    };
    let name = IRREGULAR.iter().find(|(other, _)| *other == code);
    let name = name.map_or_else(derived, |(_, name)| (*name).to_owned());
    format!("org.apache.kafka.common.errors.{name}")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
}

/// Codes whose class is called otherwise.
const IRREGULAR: [(ErrorCode, &str); 27] = [
    (ErrorCode::UnknownServerError, "UnknownServerException"),
    (ErrorCode::CorruptMessage, "CorruptRecordException"),
    (ErrorCode::RequestTimedOut, "TimeoutException"),
    (ErrorCode::MessageTooLarge, "RecordTooLargeException"),
    (ErrorCode::StaleControllerEpoch, "ControllerMovedException"),
    (ErrorCode::OffsetMetadataTooLarge, "OffsetMetadataTooLarge"),
    (ErrorCode::RecordListTooLarge, "RecordBatchTooLargeException"),
    (ErrorCode::TopicAuthorizationFailed, "TopicAuthorizationException"),
    (ErrorCode::GroupAuthorizationFailed, "GroupAuthorizationException"),
    (ErrorCode::ClusterAuthorizationFailed, "ClusterAuthorizationException"),
    (ErrorCode::TopicAlreadyExists, "TopicExistsException"),
    (ErrorCode::InvalidConfig, "InvalidConfigurationException"),
    (ErrorCode::OutOfOrderSequenceNumber, "OutOfOrderSequenceException"),
    (ErrorCode::DuplicateSequenceNumber, "DuplicateSequenceException"),
    (ErrorCode::InvalidProducerIdMapping, "InvalidPidMappingException"),
    (ErrorCode::InvalidTransactionTimeout, "InvalidTxnTimeoutException"),
    (ErrorCode::TransactionalIdAuthorizationFailed, "TransactionalIdAuthorizationException"),
    (ErrorCode::KafkaStorageError, "KafkaStorageException"),
    (ErrorCode::SaslAuthenticationFailed, "SaslAuthenticationException"),
    (ErrorCode::DelegationTokenAuthDisabled, "DelegationTokenDisabledException"),
    (ErrorCode::DelegationTokenRequestNotAllowed, "UnsupportedByAuthenticationException"),
    (ErrorCode::DelegationTokenAuthorizationFailed, "DelegationTokenAuthorizationException"),
    (ErrorCode::NonEmptyGroup, "GroupNotEmptyException"),
    (ErrorCode::PrincipalDeserializationFailure, "PrincipalDeserializationException"),
    (ErrorCode::FetchSessionTopicIdError, "FetchSessionTopicIdException"),
    (ErrorCode::InvalidRegularExpression, "InvalidRegularExpression"),
    (ErrorCode::NetworkException, "NetworkException"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_called_as_in_java() {
        let short = |code| class(code).rsplit('.').next().unwrap_or_default().to_owned();
        assert_eq!(short(ErrorCode::UnknownTopicOrPartition), "UnknownTopicOrPartitionException");
        assert_eq!(short(ErrorCode::InvalidTopicException), "InvalidTopicException");
        assert_eq!(short(ErrorCode::RequestTimedOut), "TimeoutException");
        assert_eq!(
            class(ErrorCode::LogDirNotFound),
            "org.apache.kafka.common.errors.LogDirNotFoundException"
        );
    }
}
