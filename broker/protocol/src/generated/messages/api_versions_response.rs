// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ApiVersionsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ApiVersionsResponse`, key 18, versions 0-4, flexible 3+.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ApiKeys`: versions 0+.
    pub api_keys: Vec<ApiVersion>,
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `SupportedFeatures`: versions 3+, tag 0, ignorable.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// `FinalizedFeaturesEpoch`: versions 3+, tag 1, default -1, ignorable.
    pub finalized_features_epoch: i64,
    /// `FinalizedFeatures`: versions 3+, tag 2, ignorable.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// `ZkMigrationReady`: versions 3+, tag 3, ignorable.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        }
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let error_code = r.i16("ErrorCode")?;
        let api_keys = r.array(flexible, 6, "ApiKeys", |r| ApiVersion::decode(r, v))?;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let mut supported_features = Vec::new();
        let mut finalized_features_epoch = -1;
        let mut finalized_features = Vec::new();
        let mut zk_migration_ready = false;
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => {
                        supported_features =
                            r.array(true, 6, "SupportedFeatures", |r| SupportedFeatureKey::decode(r, v))?
                    }
                    1 => finalized_features_epoch = r.i64("FinalizedFeaturesEpoch")?,
                    2 => {
                        finalized_features =
                            r.array(true, 6, "FinalizedFeatures", |r| FinalizedFeatureKey::decode(r, v))?
                    }
                    3 => zk_migration_ready = r.bool("ZkMigrationReady")?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            error_code,
            api_keys,
            throttle_time_ms,
            supported_features,
            finalized_features_epoch,
            finalized_features,
            zk_migration_ready,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        w.i16(self.error_code);
        w.array(flexible, &self.api_keys, "ApiKeys", |w, it| it.encode(w, v))?;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        if flexible {
            let has_supported_features = !self.supported_features.is_empty();
            let has_finalized_features_epoch = self.finalized_features_epoch != -1;
            let has_finalized_features = !self.finalized_features.is_empty();
            let has_zk_migration_ready = self.zk_migration_ready;
            w.uvarint(
                u32::from(has_supported_features)
                    + u32::from(has_finalized_features_epoch)
                    + u32::from(has_finalized_features)
                    + u32::from(has_zk_migration_ready),
            );
            if has_supported_features {
                w.tag(0, "SupportedFeatures", |w| {
                    w.array(true, &self.supported_features, "SupportedFeatures", |w, it| it.encode(w, v))?;
                    Ok(())
                })?;
            }
            if has_finalized_features_epoch {
                w.tag(1, "FinalizedFeaturesEpoch", |w| {
                    w.i64(self.finalized_features_epoch);
                    Ok(())
                })?;
            }
            if has_finalized_features {
                w.tag(2, "FinalizedFeatures", |w| {
                    w.array(true, &self.finalized_features, "FinalizedFeatures", |w, it| it.encode(w, v))?;
                    Ok(())
                })?;
            }
            if has_zk_migration_ready {
                w.tag(3, "ZkMigrationReady", |w| {
                    w.bool(self.zk_migration_ready);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersion {
    /// `ApiKey`: versions 0+.
    pub api_key: i16,
    /// `MinVersion`: versions 0+.
    pub min_version: i16,
    /// `MaxVersion`: versions 0+.
    pub max_version: i16,
}

impl ApiVersion {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let api_key = r.i16("ApiKey")?;
        let min_version = r.i16("MinVersion")?;
        let max_version = r.i16("MaxVersion")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { api_key, min_version, max_version })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.run::<6>().with(self.api_key).with(self.min_version).with(self.max_version);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupportedFeatureKey {
    /// `Name`: versions 3+.
    pub name: Str,
    /// `MinVersion`: versions 3+.
    pub min_version: i16,
    /// `MaxVersion`: versions 3+.
    pub max_version: i16,
}

impl SupportedFeatureKey {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let min_version = r.i16("MinVersion")?;
        let max_version = r.i16("MaxVersion")?;
        r.no_tags()?;
        Ok(Self { name, min_version, max_version })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<4>().with(self.min_version).with(self.max_version);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FinalizedFeatureKey {
    /// `Name`: versions 3+.
    pub name: Str,
    /// `MaxVersionLevel`: versions 3+.
    pub max_version_level: i16,
    /// `MinVersionLevel`: versions 3+.
    pub min_version_level: i16,
}

impl FinalizedFeatureKey {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let max_version_level = r.i16("MaxVersionLevel")?;
        let min_version_level = r.i16("MinVersionLevel")?;
        r.no_tags()?;
        Ok(Self { name, max_version_level, min_version_level })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<4>().with(self.max_version_level).with(self.min_version_level);
        w.uvarint(0);
        Ok(())
    }
}
