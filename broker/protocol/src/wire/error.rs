//! Why bytes were not a message, and why a message could not become bytes.

/// The bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {kind}")]
pub struct DecodeError {
    /// Kafka's name of the field that was being read, or of the message.
    pub field: &'static str,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The bytes end within the field.
    #[error("the bytes end here")]
    Truncated,
    /// A length is negative where null is not allowed.
    #[error("null or a negative length where a value is required")]
    NegativeLength,
    /// A length says more than there is.
    #[error("a length of {0} is more than what is left")]
    TooLong(u32),
    /// A string is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A varint has more than its five or ten bytes.
    #[error("a varint does not end")]
    VarintTooLong,
    /// A tagged field's content is not as long as it says.
    #[error("a tagged field is not as long as it says")]
    TagLength,
    /// More unknown tagged fields than are skipped in one frame.
    #[error("too many unknown tagged fields")]
    TooManyTags,
    /// The arrays would take far more memory than the frame.
    #[error("the arrays of this frame would take too much memory")]
    TooMuchMemory,
    /// The message has no such version.
    #[error("there is no version {0}")]
    UnsupportedVersion(i16),
}

impl DecodeError {
    #[cold]
    pub(crate) const fn new(field: &'static str, kind: DecodeErrorKind) -> Self {
        Self { field, kind }
    }
}

/// The message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {kind}")]
pub struct EncodeError {
    /// Kafka's name of the field, or of the message.
    pub field: &'static str,
    /// What is wrong.
    pub kind: EncodeErrorKind,
}

/// What cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeErrorKind {
    /// The field is set, and this version has no place for it.
    #[error("set, but version {0} cannot carry it")]
    NotInVersion(i16),
    /// The field is null, and must not be in this version.
    #[error("null is not allowed")]
    Null,
    /// A string or length is more than its format can say.
    #[error("{0} bytes or elements are too many")]
    TooLong(usize),
    /// The message has no such version.
    #[error("there is no version {0}")]
    UnsupportedVersion(i16),
}

impl EncodeError {
    #[cold]
    pub(crate) const fn new(field: &'static str, kind: EncodeErrorKind) -> Self {
        Self { field, kind }
    }

    #[cold]
    pub(crate) const fn not_in_version(field: &'static str, version: i16) -> Self {
        Self::new(field, EncodeErrorKind::NotInVersion(version))
    }

    #[cold]
    pub(crate) const fn too_long(field: &'static str, len: usize) -> Self {
        Self::new(field, EncodeErrorKind::TooLong(len))
    }
}
