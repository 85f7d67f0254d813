// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `UpdateFeaturesRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `UpdateFeaturesRequest`, key 57, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    /// `timeoutMs`: versions 0+, default 60000.
    pub timeout_ms: i32,
    /// `FeatureUpdates`: versions 0+.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// `ValidateOnly`: versions 1+.
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, feature_updates: Vec::new(), validate_only: false }
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let timeout_ms = r.i32("timeoutMs")?;
        let feature_updates = r.array(true, 4, "FeatureUpdates", |r| FeatureUpdateKey::decode(r, v))?;
        let validate_only = if v >= 1 { r.bool("ValidateOnly")? } else { false };
        r.no_tags()?;
        Ok(Self { timeout_ms, feature_updates, validate_only })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.timeout_ms);
        w.array(true, &self.feature_updates, "FeatureUpdates", |w, it| it.encode(w, v))?;
        if v >= 1 {
            w.bool(self.validate_only);
        } else if self.validate_only {
            return Err(EncodeError::not_in_version("ValidateOnly", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

impl Request for UpdateFeaturesRequest {
    const KEY: ApiKey = ApiKey::UpdateFeatures;
    type Response = super::UpdateFeaturesResponse;
}

/// Part of [`UpdateFeaturesRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    /// `Feature`: versions 0+.
    pub feature: Str,
    /// `MaxVersionLevel`: versions 0+.
    pub max_version_level: i16,
    /// `AllowDowngrade`: versions 0.
    pub allow_downgrade: bool,
    /// `UpgradeType`: versions 1+, default 1.
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self { feature: Str::EMPTY, max_version_level: 0, allow_downgrade: false, upgrade_type: 1 }
    }
}

impl FeatureUpdateKey {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let feature = r.str(true, "Feature")?;
        let max_version_level = r.i16("MaxVersionLevel")?;
        let allow_downgrade = if v <= 0 { r.bool("AllowDowngrade")? } else { false };
        let upgrade_type = if v >= 1 { r.i8("UpgradeType")? } else { 1 };
        r.no_tags()?;
        Ok(Self { feature, max_version_level, allow_downgrade, upgrade_type })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.feature, "Feature")?;
        w.i16(self.max_version_level);
        if v <= 0 {
            w.bool(self.allow_downgrade);
        } else if self.allow_downgrade {
            return Err(EncodeError::not_in_version("AllowDowngrade", v));
        }
        if v >= 1 {
            w.i8(self.upgrade_type);
        } else if self.upgrade_type != 1 {
            return Err(EncodeError::not_in_version("UpgradeType", v));
        }
        w.uvarint(0);
        Ok(())
    }
}
