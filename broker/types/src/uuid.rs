//! 128-bit ids in Kafka's text form: URL-safe base64 without padding.

use alloc::string::String;
use alloc::sync::Arc;
use core::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A 128-bit id. All zeros means "none" on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid([u8; 16]);

/// The text is not 22 characters of URL-safe base64.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a Kafka uuid (22 characters of URL-safe base64)")]
pub struct InvalidUuid(String);

impl Uuid {
    /// All zeros: no id.
    pub const ZERO: Self = Self([0; 16]);

    /// Wraps 16 bytes, big-endian.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A random (version 4) id from 16 random bytes that the caller drew, avoiding what Kafka
    /// avoids: a text that starts with `-` reads as a flag on a command line. The caller draws again on `None`.
    #[must_use]
    pub fn from_random(mut random: [u8; 16]) -> Option<Self> {
        random[6] = (random[6] & 0x0f) | 0x40;
        random[8] = (random[8] & 0x3f) | 0x80;
        // base64url's '-' is 62: the first six bits.
        if random[0] >> 2 == 62 { None } else { Some(Self(random)) }
    }

    /// The bytes, big-endian.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether this is the "none" of the wire.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        let invalid = || InvalidUuid(String::from(text));
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| invalid())?;
        Ok(Self(bytes.try_into().map_err(|_| invalid())?))
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// `None` for the wire's all-zero id.
            #[must_use]
            pub fn from_wire(uuid: Uuid) -> Option<Self> {
                if uuid.is_zero() { None } else { Some(Self(uuid)) }
            }

            /// The id itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

id!(
    /// The id of one life of a topic: deleting and creating a name again gives another (KIP-516).
    TopicId
);
id!(
    /// The id of one log directory (KIP-858); 0..100 as a number are reserved.
    DirectoryId
);
id!(
    /// The id of one process life of a broker.
    IncarnationId
);

impl DirectoryId {
    /// "Not assigned to a directory yet."
    pub const UNASSIGNED: Self = Self(reserved(0));
    /// "In some directory that is offline."
    pub const LOST: Self = Self(reserved(1));
    /// "Predates directory assignment."
    pub const MIGRATING: Self = Self(reserved(2));
}

const fn reserved(number: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[15] = number;
    Uuid(bytes)
}

/// The id of a cluster. Kafka writes a uuid in it, but any text is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClusterId(Arc<str>);

impl ClusterId {
    /// Wraps an id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(Arc::from(id))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn the_text_form_is_kafkas() {
        let one = Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(one.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAQ".parse(), Ok(one));
        assert!("short".parse::<Uuid>().is_err());
    }

    #[test]
    fn a_random_id_never_reads_as_a_flag() {
        assert_eq!(Uuid::from_random([0xfb; 16]), None);
        let id = Uuid::from_random([0x12; 16]).expect("does not start with a dash");
        assert_eq!(id.as_bytes()[6] >> 4, 4);
        assert_eq!(id.as_bytes()[8] >> 6, 2);
    }
}
