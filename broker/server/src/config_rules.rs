//! What the controller asks about configuration keys.

use broker_controller::ConfigRules;
use broker_metadata::ConfigResourceType;

/// The rules of the configuration registry.
#[derive(Debug)]
pub(crate) struct Rules;

impl ConfigRules for Rules {
    fn validate_topic(&self, _name: &str, _value: &str) -> Result<(), String> {
        Ok(())
    }

    fn validate_broker(&self, _broker: Option<i32>, _name: &str, _value: &str) -> Result<(), String> {
        Ok(())
    }

    fn is_list(&self, _kind: ConfigResourceType, name: &str) -> bool {
        matches!(name, "cleanup.policy")
    }

    fn default_value(&self, _kind: ConfigResourceType, _name: &str) -> Option<String> {
        None
    }
}
