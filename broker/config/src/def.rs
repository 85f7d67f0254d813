//! One configuration key.

use crate::{Check, InvalidValue, Value};

/// The type of a value; the names and numbers are those of DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// A floating-point number.
    Double,
    /// Texts, separated by commas.
    List,
    /// A Java class's name.
    Class,
    /// Text that is never shown.
    Password,
}

impl Kind {
    /// The number in a DescribeConfigs response; 0 stands for unknown keys.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }

    /// Kafka's name: `INT`, `LIST`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// How much a key matters, by Kafka's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Importance {
    /// Look at it.
    High,
    /// Good to know.
    Medium,
    /// For special needs.
    Low,
}

/// Where a broker's key can be changed while it runs (KIP-226).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateMode {
    /// In the file only.
    ReadOnly,
    /// For one broker.
    PerBroker,
    /// For one broker or for all.
    ClusterWide,
}

/// What this broker makes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// What Kafka does.
    Honoured,
    /// Accepted without effect, with a warning: it speaks of the JVM.
    Ignored(&'static str),
    /// Only its default is accepted: another value would change what the cluster means, and is not built.
    OnlyDefault(&'static str),
    /// Only its default and these are accepted: names of Java classes that stand for what is built.
    OnlyNamed(&'static [&'static str]),
}

/// The value of a key that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Default {
    /// There is none: the key must be set.
    Required,
    /// No value.
    Null,
    /// This one, in its text form.
    Text(&'static str),
}

/// Whether DescribeConfigs lists a key that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Yes.
    Public,
    /// No: for tests and experts.
    Internal,
}

/// The definition of one key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigDef {
    /// Kafka's name of it.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Kind,
    /// Its value when it is not set.
    pub default: Default,
    /// What values it takes.
    pub check: Check,
    /// How much it matters.
    pub importance: Importance,
    /// Where it can be changed.
    pub update: UpdateMode,
    /// Whether it is listed.
    pub visibility: Visibility,
    /// What this broker makes of it.
    pub support: Support,
    /// What it is, in one line.
    pub doc: &'static str,
}

impl ConfigDef {
    /// Reads a value from its text, as Kafka does: trimmed, typed, checked.
    ///
    /// # Errors
    /// With Kafka's text, when it is not of the type or not valid.
    pub fn parse(&self, text: &str) -> Result<Value, InvalidValue> {
        let value = Value::parse(self.kind, self.name, text)?;
        let value = self.check.normalized(value);
        self.check.check(self.name, &value)?;
        Ok(value)
    }

    /// The default, read; `None` when it is null or must be set.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        match self.default {
            Default::Text(text) => Value::parse(self.kind, self.name, text).ok(),
            Default::Null | Default::Required => None,
        }
    }

    /// The default's text; `None` when it is null or must be set.
    #[must_use]
    pub const fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Text(text) => Some(text),
            Default::Null | Default::Required => None,
        }
    }

    /// Whether its values are never shown.
    #[must_use]
    pub const fn is_sensitive(&self) -> bool {
        matches!(self.kind, Kind::Password)
    }
}

/// The default with this text.
pub(crate) const fn of(text: &'static str) -> Default {
    Default::Text(text)
}

/// A table of keys, two lines each, sorted by name:
/// `name: kind = default, check, importance, update, visibility, support, doc;`
macro_rules! keys {
    ($($name:literal: $kind:ident = $default:expr, $check:expr, $importance:ident, $update:ident,
        $visibility:ident, $support:expr, $doc:literal;)*) => {
        &[$($crate::ConfigDef {
            name: $name,
            kind: $crate::Kind::$kind,
            default: $default,
            check: $check,
            importance: $crate::Importance::$importance,
            update: $crate::UpdateMode::$update,
            visibility: $crate::Visibility::$visibility,
            support: $support,
            doc: $doc,
        }),*]
    };
}
pub(crate) use keys;

/// Finds a key in a table sorted by name.
pub(crate) fn find_in(table: &'static [ConfigDef], name: &str) -> Option<&'static ConfigDef> {
    let at = table.binary_search_by(|def| def.name.cmp(name)).ok()?;
    table.get(at)
}
