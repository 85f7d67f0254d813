//! Storage: what is stated, whether it makes sense, and whether it can become so from what is.

use operator_api::{KraftMetadata, Storage, StorageType, Volume, VolumeType};

use super::Invalid;
use crate::{
    conditions::Warning,
    quantity::Bytes,
    validated::{Backing, ValidatedStorage, ValidatedVolume},
};

/// Reads stated storage.
pub(super) fn read(stated: &Storage, field: &str) -> Result<ValidatedStorage, Invalid> {
    let mut volumes = match stated.kind {
        StorageType::Ephemeral => vec![ValidatedVolume {
            id: None,
            backing: Backing::Ephemeral { size_limit: limit(stated.size_limit.as_ref(), field)? },
        }],
        StorageType::PersistentClaim => vec![ValidatedVolume {
            id: None,
            backing: Backing::Claim {
                size: size(stated.size.as_ref(), field)?,
                class: stated.class.clone(),
                selector: stated.selector.clone(),
                is_deleted_with_cluster: stated.delete_claim == Some(true),
            },
        }],
        StorageType::Jbod => {
            let stated = stated.volumes.as_deref().unwrap_or_default();
            stated
                .iter()
                .enumerate()
                .map(|(at, stated)| volume(stated, &format!("{field}.volumes[{at}]")))
                .collect::<Result<_, _>>()?
        }
    };
    if volumes.is_empty() {
        return Err(Invalid::new(format!("{field}.volumes"), "type jbod needs volumes"));
    }
    volumes.sort_by_key(|volume| volume.id);
    if volumes.windows(2).any(|pair| pair.first().map(|v| v.id) == pair.last().map(|v| v.id)) {
        return Err(Invalid::new(format!("{field}.volumes"), "volume ids must differ"));
    }
    let shared: Vec<_> =
        stated.volumes.iter().flatten().filter(|v| v.kraft_metadata == Some(KraftMetadata::Shared)).collect();
    match shared.as_slice() {
        [] => {}
        [only] => volumes.sort_by_key(|volume| (volume.id != Some(only.id), volume.id)),
        _ => {
            return Err(Invalid::new(
                format!("{field}.volumes"),
                "only one volume can hold the metadata log",
            ));
        }
    }
    Ok(ValidatedStorage { stated: stated.clone(), volumes })
}

fn volume(stated: &Volume, field: &str) -> Result<ValidatedVolume, Invalid> {
    let backing = match stated.kind {
        VolumeType::Ephemeral => Backing::Ephemeral { size_limit: limit(stated.size_limit.as_ref(), field)? },
        VolumeType::PersistentClaim => Backing::Claim {
            size: size(stated.size.as_ref(), field)?,
            class: stated.class.clone(),
            selector: stated.selector.clone(),
            is_deleted_with_cluster: stated.delete_claim == Some(true),
        },
    };
    Ok(ValidatedVolume { id: Some(stated.id), backing })
}

fn size(stated: Option<&String>, field: &str) -> Result<String, Invalid> {
    let Some(text) = stated else {
        return Err(Invalid::new(format!("{field}.size"), "type persistent-claim needs a size"));
    };
    match text.parse::<Bytes>() {
        Ok(bytes) if bytes.get() >= 1.0 => Ok(text.clone()),
        Ok(_) => Err(Invalid::new(format!("{field}.size"), format!("'{text}' is no room for anything"))),
        Err(error) => Err(Invalid::new(format!("{field}.size"), error.to_string())),
    }
}

fn limit(stated: Option<&String>, field: &str) -> Result<Option<String>, Invalid> {
    if let Some(Err(error)) = stated.map(|text| text.parse::<Bytes>()) {
        return Err(Invalid::new(format!("{field}.sizeLimit"), error.to_string()));
    }
    Ok(stated.cloned())
}

/// What the storage becomes: `stated` when it can come about from what `is`, else what is, with a warning.
pub(super) fn change(
    stated: ValidatedStorage,
    is: &ValidatedStorage,
    warnings: &mut Vec<Warning>,
) -> ValidatedStorage {
    match refusal(&stated, is) {
        None => stated,
        Some(why) => {
            warnings.push(Warning::new("KafkaStorage", format!("the storage stays as it is: {why}")));
            is.clone()
        }
    }
}

fn refusal(stated: &ValidatedStorage, is: &ValidatedStorage) -> Option<String> {
    if stated.stated.kind != is.stated.kind {
        return Some("its type cannot change".to_owned());
    }
    for before in &is.volumes {
        let name = before.name();
        let Some(after) = stated.volumes.iter().find(|volume| volume.id == before.id) else {
            return Some(format!("volume {name} holds data; removing it arrives with a later release"));
        };
        match (&before.backing, &after.backing) {
            (Backing::Ephemeral { .. }, Backing::Ephemeral { .. }) => {}
            (
                Backing::Claim { size: was, class: class_was, selector: selector_was, .. },
                Backing::Claim { size, class, selector, .. },
            ) => {
                if class != class_was || selector != selector_was {
                    return Some(format!(
                        "volume {name} was claimed already; its class and selector cannot change"
                    ));
                }
                if matches!((was.parse::<Bytes>(), size.parse::<Bytes>()), (Ok(was), Ok(is)) if is < was) {
                    return Some(format!("volume {name} has {was} and cannot shrink to {size}"));
                }
            }
            _ => return Some(format!("volume {name} cannot change its type")),
        }
    }
    let first = |storage: &ValidatedStorage| storage.volumes.first().map(ValidatedVolume::name);
    (first(stated) != first(is)).then(|| "the metadata log cannot move to another volume".to_owned())
}
