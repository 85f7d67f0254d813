//! What the controller asks about configuration keys.

use alloc::string::String;

use broker_metadata::ConfigResourceType;
use broker_protocol::Str;

/// The rules of configuration keys, implemented beside the table of keys. The texts of refusals go to users.
pub trait ConfigRules {
    /// Checks one value of a topic config.
    ///
    /// # Errors
    /// The key is unknown, or the value does not fit: why.
    fn validate_topic(&self, name: &str, value: &str) -> Result<(), String>;

    /// Checks all configs that a topic will have, where keys depend on each other.
    ///
    /// # Errors
    /// Which keys contradict each other.
    fn validate_topic_set(&self, _values: &[(Str, Str)]) -> Result<(), String> {
        Ok(())
    }

    /// Checks all configs that a group will have.
    ///
    /// # Errors
    /// A key is unknown, a value does not fit, or keys contradict each other: why.
    fn validate_group_set(&self, _values: &[(Str, Str)]) -> Result<(), String> {
        Ok(())
    }

    /// Checks one value of a dynamic broker config; `broker` names the broker, or is `None` for the default of all.
    ///
    /// # Errors
    /// The key cannot be set dynamically at this level, or the value does not fit: why.
    fn validate_broker(&self, broker: Option<i32>, name: &str, value: &str) -> Result<(), String>;

    /// Whether a key is a list, to which values are appended and from which they are subtracted.
    fn is_list(&self, kind: ConfigResourceType, name: &str) -> bool;

    /// The default of a key, to which a first append adds.
    fn default_value(&self, kind: ConfigResourceType, name: &str) -> Option<String>;
}
