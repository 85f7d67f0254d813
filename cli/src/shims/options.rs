//! Options as Kafka's scripts take them: `--name value` or `--name=value`, names cut short as long as they are clear,
//! repeated where that makes sense.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

/// What is wrong with a command line, for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failure(pub(super) String);

/// A file that an option names cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be read")]
pub(super) struct Unreadable(pub(super) String);

/// One option.
pub(super) struct OptionSpec {
    pub(super) name: &'static str,
    /// What its value is called; `None` for a flag.
    pub(super) value: Option<&'static str>,
    pub(super) help: &'static str,
}

/// A value of this name may be left out.
fn is_optional(value: &str) -> bool {
    value.starts_with('[')
}

/// The options of a script.
pub(super) struct Spec {
    pub(super) about: &'static str,
    pub(super) options: &'static [OptionSpec],
}

/// A flag.
pub(super) const fn flag(name: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec { name, value: None, help }
}

/// An option with a value.
pub(super) const fn value(name: &'static str, value: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec { name, value: Some(value), help }
}

const COMMON: [OptionSpec; 2] =
    [flag("help", "Print this and end"), flag("version", "Print the version and end")];

impl Spec {
    /// What the script is for, and all options in words.
    pub(super) fn usage(&self) -> String {
        format!("{}\n{}", self.about, self.options_text())
    }

    /// All options in words.
    pub(super) fn options_text(&self) -> String {
        let title = |option: &OptionSpec| match option.value {
            Some(value) => format!("--{} {value}", option.name),
            None => format!("--{}", option.name),
        };
        let all = || self.options.iter().chain(&COMMON);
        let width = all().map(|option| title(option).len()).max().unwrap_or_default();
        all().map(|option| format!("  {:<width$}  {}\n", title(option), option.help)).collect()
    }

    fn find(&self, name: &str) -> Result<&OptionSpec, Failure> {
        let all = || self.options.iter().chain(&COMMON);
        if let Some(exact) = all().find(|option| option.name == name) {
            return Ok(exact);
        }
        let mut begun = all().filter(|option| option.name.starts_with(name));
        match (begun.next(), begun.next()) {
            (Some(only), None) if !name.is_empty() => Ok(only),
            _ => Err(Failure(format!("{name} is not a recognized option"))),
        }
    }
}

/// The options of a command line.
#[derive(Debug, Default)]
pub(super) struct Options {
    found: BTreeMap<&'static str, Vec<String>>,
    /// Every option as often as it was given.
    order: Vec<&'static str>,
    /// What is no option.
    pub(super) others: Vec<String>,
}

impl Options {
    pub(super) fn parse(spec: &'static Spec, arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut rest = arguments.iter().peekable();
        while let Some(argument) = rest.next() {
            let Some(text) = argument.strip_prefix("--") else {
                options.others.push(argument.clone());
                continue;
            };
            let (name, attached) = match text.split_once('=') {
                Some((name, attached)) => (name, Some(attached.to_owned())),
                None => (text, None),
            };
            let option = spec.find(name)?;
            options.order.push(option.name);
            let values = options.found.entry(option.name).or_default();
            match (option.value, attached) {
                (None, None) => {}
                (None, Some(_)) => {
                    return Err(Failure(format!("Option {} does not accept an argument", option.name)));
                }
                (Some(_), Some(attached)) => values.push(attached),
                (Some(value), None) if is_optional(value) => {
                    values.extend(rest.next_if(|next| !next.starts_with("--")).cloned());
                }
                (Some(_), None) => {
                    let given = rest
                        .next()
                        .ok_or_else(|| Failure(format!("Option {} requires an argument", option.name)))?;
                    values.push(given.clone());
                }
            }
        }
        Ok(options)
    }

    /// The options in the order in which they were given.
    pub(super) fn in_order(&self) -> &[&'static str] {
        &self.order
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.found.contains_key(name)
    }

    /// The value of an option, the last one where it was given several times.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.found.get(name)?.last().map(String::as_str)
    }

    pub(super) fn values(&self, name: &str) -> &[String] {
        self.found.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.value(name).ok_or_else(|| Failure(format!("Missing required argument \"[{name}]\"")))
    }

    /// A number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let parse = |text: &str| {
            text.parse().map_err(|_| Failure(format!("Cannot parse argument '{text}' of option {name}")))
        };
        self.value(name).map(parse).transpose()
    }

    /// Refuses two options that mean the same, or the opposite.
    pub(super) fn exclude(&self, one: &str, other: &str) -> Result<(), Failure> {
        match self.has(one) && self.has(other) {
            true => Err(Failure(format!("Options --{one} and --{other} cannot be specified together."))),
            false => Ok(()),
        }
    }

    /// How many of these options are there.
    pub(super) fn count_of(&self, names: &[&str]) -> usize {
        names.iter().filter(|name| self.has(name)).count()
    }

    /// The properties of a file with single ones laid over them.
    pub(super) fn properties(&self, file: &str, single: &str) -> Result<BTreeMap<String, String>> {
        let mut properties = match self.value(file) {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|_| Unreadable(path.to_owned()))?;
                broker_config::properties::parse(&text).with_context(|| path.to_owned())?
            }
            None => BTreeMap::new(),
        };
        for entry in self.values(single) {
            let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
            if key.is_empty() {
                return Err(Failure(format!("Invalid command line properties: {entry}")).into());
            }
            properties.insert(key.to_owned(), value.to_owned());
        }
        Ok(properties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPEC: Spec = Spec {
        about: "A script.",
        options: &[
            flag("list", "List"),
            value("topic", "TOPIC", "The topic"),
            value("topic-id", "ID", "The id"),
            value("config", "KEY=VALUE", "A setting"),
            value("codec", "[CODEC]", "A codec"),
        ],
    };

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Options::parse(&SPEC, &arguments).map_err(|failure| failure.0)
    }

    #[test]
    fn values_follow_or_are_attached_and_repeat() {
        let options = parse(&["--topic", "a", "--config=x=1", "--config", "y=2", "--list", "extra"]).unwrap();
        assert_eq!(options.value("topic"), Some("a"));
        assert_eq!(options.values("config"), ["x=1", "y=2"]);
        assert!(options.has("list") && !options.has("topic-id"));
        assert_eq!(options.others, ["extra"]);
    }

    #[test]
    fn names_may_be_cut_short_when_they_are_clear() {
        assert!(parse(&["--li"]).unwrap().has("list"));
        assert_eq!(parse(&["--to", "x"]).unwrap_err(), "to is not a recognized option");
        assert_eq!(parse(&["--bogus"]).unwrap_err(), "bogus is not a recognized option");
        assert_eq!(parse(&["--topic"]).unwrap_err(), "Option topic requires an argument");
    }

    #[test]
    fn an_optional_value_may_be_left_out() {
        assert_eq!(parse(&["--codec", "--list"]).unwrap().value("codec"), None);
        assert_eq!(parse(&["--codec", "zstd"]).unwrap().value("codec"), Some("zstd"));
    }
}
