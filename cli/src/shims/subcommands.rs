//! Command lines with a command word, as some of Kafka's scripts take them: what stands before the word is the
//! script's, what stands after it the command's; some have no commands. Names may be cut short as long as they are clear; what is wrong is
//! said in the words of the scripts' own parser.

use std::{collections::BTreeMap, iter::Peekable, slice::Iter};

/// What an argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Text,
    /// A number that Java keeps in 32 bits.
    Number,
    /// One of 64 bits.
    Long,
    /// One with a fraction.
    Decimal,
    /// One or more texts.
    Texts,
}

impl Takes {
    /// What Java calls it, when it is a number that `value` is none of.
    fn refuses(self, value: &str) -> Option<&'static str> {
        let (name, is_one) = match self {
            Self::Number => ("Integer", value.parse::<i32>().is_ok()),
            Self::Long => ("Long", value.parse::<i64>().is_ok()),
            Self::Decimal => ("Double", value.parse::<f64>().is_ok()),
            Self::Nothing | Self::Text | Self::Texts => return None,
        };
        (!is_one).then_some(name)
    }
}

/// One argument.
#[derive(Debug)]
pub(super) struct Argument {
    /// With its dashes.
    pub(super) long: &'static str,
    pub(super) short: Option<&'static str>,
    pub(super) takes: Takes,
    pub(super) is_required: bool,
    pub(super) help: &'static str,
}

/// The arguments of a place, some of which may exclude each other.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) arguments: &'static [Argument],
    pub(super) either: Option<Either>,
}

/// Arguments that exclude each other.
#[derive(Debug)]
pub(super) struct Either {
    pub(super) names: &'static [&'static str],
    pub(super) is_required: bool,
}

/// A command word.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) place: Place,
}

/// A script with commands.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) place: Place,
    pub(super) commands: &'static [Command],
}

/// No argument that is required.
pub(super) const fn argument(long: &'static str, takes: Takes, help: &'static str) -> Argument {
    Argument { long, short: None, takes, is_required: false, help }
}

impl Argument {
    pub(super) const fn short(mut self, short: &'static str) -> Self {
        self.short = Some(short);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    fn title(&self) -> String {
        self.short.map_or_else(|| self.long.to_owned(), |short| format!("{}/{short}", self.long))
    }
}

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The words of `--help`.
    Help(String),
    /// A command.
    Command(Parsed),
}

/// A command with its arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) command: &'static str,
    found: BTreeMap<&'static str, Vec<String>>,
}

impl Parsed {
    pub(super) fn has(&self, long: &str) -> bool {
        self.found.contains_key(long)
    }

    /// The last value of an argument.
    pub(super) fn value(&self, long: &str) -> Option<&str> {
        self.found.get(long)?.last().map(String::as_str)
    }

    pub(super) fn values(&self, long: &str) -> &[String] {
        self.found.get(long).map_or(&[], Vec::as_slice)
    }

    /// A number, which was found to be one.
    pub(super) fn number<T: std::str::FromStr>(&self, long: &str) -> Option<T> {
        self.value(long)?.parse().ok()
    }
}

/// Why a command line is refused, and how it should look.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) usage: String,
    pub(super) reason: String,
}

impl Program {
    pub(super) fn parse(&'static self, arguments: &[String]) -> Result<Asked, Refusal> {
        let mut parsed = Parsed::default();
        let mut rest = arguments.iter().peekable();
        let word = match self.read(None, &mut rest, &mut parsed)? {
            End::Help => return Ok(Asked::Help(self.help(None))),
            End::Word(word) => word,
            End::Nothing => return Err(self.refuse(None, "too few arguments".to_owned())),
        };
        let Some(command) = self.commands.iter().find(|command| command.name == word) else {
            let names: Vec<_> = self.commands.iter().map(|command| format!("'{}'", command.name)).collect();
            let reason = format!("invalid choice: '{word}' (choose from {})", names.join(", "));
            return Err(self.refuse(None, reason));
        };
        parsed.command = command.name;
        match self.read(Some(command), &mut rest, &mut parsed)? {
            End::Help => return Ok(Asked::Help(self.help(Some(command)))),
            End::Word(word) => {
                return Err(self.refuse(Some(command), format!("unrecognized arguments: '{word}'")));
            }
            End::Nothing => {}
        }
        self.complete(Some(command), &parsed)?;
        self.complete(None, &parsed)?;
        Ok(Asked::Command(parsed))
    }

    /// As [`Program::parse`], of a script without commands.
    pub(super) fn parse_alone(&'static self, arguments: &[String]) -> Result<Asked, Refusal> {
        let mut parsed = Parsed::default();
        match self.read(None, &mut arguments.iter().peekable(), &mut parsed)? {
            End::Help => return Ok(Asked::Help(self.help(None))),
            End::Word(word) => return Err(self.refuse(None, format!("unrecognized arguments: '{word}'"))),
            End::Nothing => {}
        }
        self.complete(None, &parsed)?;
        Ok(Asked::Command(parsed))
    }

    /// What `--help` says of a script without commands.
    pub(super) fn help_alone(&'static self) -> String {
        self.help(None)
    }

    /// A refusal of arguments that are each in order and do not go together.
    pub(super) fn refusal(&'static self, reason: String) -> Refusal {
        self.refuse(None, reason)
    }

    fn place(&'static self, command: Option<&'static Command>) -> &'static Place {
        command.map_or(&self.place, |command| &command.place)
    }

    /// Reads the arguments of one place up to the first word that is none.
    fn read(
        &'static self,
        command: Option<&'static Command>,
        rest: &mut Peekable<Iter<'_, String>>,
        parsed: &mut Parsed,
    ) -> Result<End, Refusal> {
        let place = self.place(command);
        while let Some(word) = rest.next() {
            if matches!(word.as_str(), "-h" | "--help") {
                return Ok(End::Help);
            }
            if !word.starts_with('-') {
                return Ok(End::Word(word.clone()));
            }
            let (argument, attached) = place.find(word).map_err(|reason| self.refuse(command, reason))?;
            let refuse =
                |reason: &str| self.refuse(command, format!("argument {}: {reason}", argument.title()));
            let mut values = Vec::new();
            let is_value = |next: &&String| !next.starts_with('-') || next.parse::<f64>().is_ok();
            if argument.takes != Takes::Nothing {
                let is_one = argument.takes != Takes::Texts;
                let next = attached.or_else(|| rest.next_if(is_value).cloned());
                let lacking = if is_one { "expected one argument" } else { "expected at least one argument" };
                values.push(next.ok_or_else(|| refuse(lacking))?);
                while let Some(more) = rest.next_if(|next| !is_one && is_value(next)) {
                    values.push(more.clone());
                }
            }
            if let Some(value) = values.first()
                && let Some(name) = argument.takes.refuses(value)
            {
                return Err(refuse(&format!(
                    "could not convert '{value}' to {name} (For input string: \"{value}\")"
                )));
            }
            if let Some(other) = place.excluded_by(argument.long, parsed) {
                return Err(refuse(&format!("not allowed with argument {}", other.title())));
            }
            parsed.found.entry(argument.long).or_default().extend(values);
        }
        Ok(End::Nothing)
    }

    /// Whether all is there that must be.
    fn complete(&'static self, command: Option<&'static Command>, parsed: &Parsed) -> Result<(), Refusal> {
        let place = self.place(command);
        let is_missing = |argument: &&Argument| argument.is_required && !parsed.has(argument.long);
        if let Some(missing) = place.arguments.iter().find(is_missing) {
            return Err(self.refuse(command, format!("argument {} is required", missing.title())));
        }
        let Some(either) = place.either.as_ref().filter(|either| either.is_required) else { return Ok(()) };
        if either.names.iter().any(|name| parsed.has(name)) {
            return Ok(());
        }
        let among = place.arguments.iter().filter(|argument| either.names.contains(&argument.long));
        let titles = among.map(Argument::title).collect::<Vec<_>>().join(" ");
        Err(self.refuse(command, format!("one of the arguments {titles} is required")))
    }

    fn refuse(&'static self, command: Option<&'static Command>, reason: String) -> Refusal {
        Refusal { usage: self.usage(command), reason }
    }

    fn usage(&'static self, command: Option<&'static Command>) -> String {
        let shown = |argument: &Argument| {
            let value = match argument.takes {
                Takes::Nothing => String::new(),
                Takes::Text | Takes::Number | Takes::Long | Takes::Decimal | Takes::Texts => {
                    format!(" {}", argument.long.trim_start_matches('-').replace('-', "_").to_uppercase())
                }
            };
            match argument.is_required {
                true => format!(" {}{value}", argument.long),
                false => format!(" [{}{value}]", argument.long),
            }
        };
        let own: String = self.place.arguments.iter().map(shown).collect();
        let of_command = command.map(|command| command.place.arguments.iter().map(shown).collect::<String>());
        let none = if self.commands.is_empty() { "" } else { "COMMAND" };
        let word = command.map_or(none, |command| command.name);
        format!("usage: {} [-h]{own} {word}{}", self.name, of_command.unwrap_or_default())
    }

    fn help(&'static self, command: Option<&'static Command>) -> String {
        let about = command.map_or(self.about, |command| command.about);
        let mut text = format!("{}\n\n{about}\n", self.usage(command));
        for other in self.commands.iter().filter(|_| command.is_none()) {
            text += &format!("  {:<24}{}\n", other.name, other.about);
        }
        for argument in self.place(command).arguments {
            text += &format!("  {:<24}{}\n", argument.title(), argument.help);
        }
        text
    }
}

/// Where the arguments of a place end.
enum End {
    Help,
    Word(String),
    Nothing,
}

impl Place {
    /// The argument that `word` names, and the value that is attached to it.
    fn find(&self, word: &str) -> Result<(&'static Argument, Option<String>), String> {
        let (name, attached) = match word.split_once('=') {
            Some((name, attached)) => (name, Some(attached.to_owned())),
            None => (word, None),
        };
        let exact = |argument: &&Argument| argument.long == name || argument.short == Some(name);
        if let Some(argument) = self.arguments.iter().find(exact) {
            return Ok((argument, attached));
        }
        let glued = self.arguments.iter().find_map(|argument| {
            let value = word.strip_prefix(argument.short?)?;
            (argument.takes != Takes::Nothing).then(|| (argument, Some(value.to_owned())))
        });
        if let Some(found) = glued {
            return Ok(found);
        }
        let begun =
            self.arguments.iter().filter(|argument| name.len() > 2 && argument.long.starts_with(name));
        match begun.collect::<Vec<_>>()[..] {
            [only] => Ok((only, attached)),
            [] => Err(format!("unrecognized arguments: '{word}'")),
            ref several => {
                let mut names: Vec<_> = several.iter().map(|argument| argument.long).collect();
                names.sort_unstable();
                Err(format!("ambiguous option: {name} could match {}", names.join(", ")))
            }
        }
    }

    /// The argument that is there already and excludes `long`.
    fn excluded_by(&self, long: &str, parsed: &Parsed) -> Option<&'static Argument> {
        let names = self.either.as_ref()?.names;
        let is_other = |name: &&&str| names.contains(&long) && **name != long && parsed.has(name);
        let other = names.iter().find(is_other)?;
        self.arguments.iter().find(|argument| argument.long == *other)
    }
}

#[cfg(test)]
mod tests;
