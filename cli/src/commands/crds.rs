//! `klamm crds`: the CustomResourceDefinitions, ready for `kubectl apply -f -`.

use anyhow::Result;

/// Prints them as YAML documents.
pub(crate) fn run() -> Result<()> {
    for definition in operator_api::crds() {
        print!("---\n{}", serde_yaml::to_string(&definition)?);
    }
    Ok(())
}
