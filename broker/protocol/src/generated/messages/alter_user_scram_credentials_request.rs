// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterUserScramCredentialsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AlterUserScramCredentialsRequest`, key 51, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterUserScramCredentialsRequest {
    /// `Deletions`: versions 0+.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// `Upsertions`: versions 0+.
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

impl Message for AlterUserScramCredentialsRequest {
    const NAME: &'static str = "AlterUserScramCredentialsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let deletions = r.array(true, 3, "Deletions", |r| ScramCredentialDeletion::decode(r, v))?;
        let upsertions = r.array(true, 9, "Upsertions", |r| ScramCredentialUpsertion::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { deletions, upsertions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.deletions, "Deletions", |w, it| it.encode(w, v))?;
        w.array(true, &self.upsertions, "Upsertions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AlterUserScramCredentialsRequest {
    const KEY: ApiKey = ApiKey::AlterUserScramCredentials;
    type Response = super::AlterUserScramCredentialsResponse;
}

/// Part of [`AlterUserScramCredentialsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramCredentialDeletion {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Mechanism`: versions 0+.
    pub mechanism: i8,
}

impl ScramCredentialDeletion {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let mechanism = r.i8("Mechanism")?;
        r.no_tags()?;
        Ok(Self { name, mechanism })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.i8(self.mechanism);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AlterUserScramCredentialsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramCredentialUpsertion {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Mechanism`: versions 0+.
    pub mechanism: i8,
    /// `Iterations`: versions 0+.
    pub iterations: i32,
    /// `Salt`: versions 0+.
    pub salt: Bytes,
    /// `SaltedPassword`: versions 0+.
    pub salted_password: Bytes,
}

impl ScramCredentialUpsertion {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let mechanism = r.i8("Mechanism")?;
        let iterations = r.i32("Iterations")?;
        let salt = r.bytes(true, "Salt")?;
        let salted_password = r.bytes(true, "SaltedPassword")?;
        r.no_tags()?;
        Ok(Self { name, mechanism, iterations, salt, salted_password })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<5>().with(self.mechanism).with(self.iterations);
        w.bytes(true, &self.salt, "Salt")?;
        w.bytes(true, &self.salted_password, "SaltedPassword")?;
        w.uvarint(0);
        Ok(())
    }
}
