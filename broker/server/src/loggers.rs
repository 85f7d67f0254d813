//! Levels of loggers that change while the broker runs (KIP-412). A logger is a module of the program by its path
//! (`broker_server::quorum`) with all that is in it; `root` is the whole program.

use std::{collections::BTreeMap, fmt};

use parking_lot::Mutex;
use tracing::level_filters::LevelFilter;

/// The logger of everything.
pub(crate) const ROOT: &str = "root";
/// Kafka's levels. There is no FATAL here: ERROR is the gravest.
const LEVELS: [&str; 6] = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];
/// The parts of the program that write log lines; their modules are loggers too.
const PARTS: [&str; 3] = ["broker_log", "broker_server", "klamm"];
/// The longest path of a module that is taken for one.
const NAME_BYTES_MAX: usize = 200;
/// How many loggers may have a level of their own: every one costs with every line that is written.
const SET_MAX: usize = 100;

/// The levels, and how they are put into force.
pub struct Loggers {
    set: Mutex<BTreeMap<String, String>>,
    apply: Box<Apply>,
}

/// Puts levels into force that lie over those of the start.
type Apply = dyn Fn(&[(Option<&str>, LevelFilter)]) + Send + Sync;

/// A change of one logger's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelChange<'a> {
    Set(&'a str),
    /// Back to the level of the start.
    Unset,
}

/// Why a level cannot be changed; the texts are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LevelError {
    #[error("Logger {0} does not exist!")]
    UnknownLogger(String),
    #[error(
        "Cannot set the log level of {logger} to {level} as it is not a supported log level. Valid log levels are {}",
        LEVELS.join(", ")
    )]
    UnknownLevel { logger: String, level: String },
    #[error("Removing the log level of the root logger is not allowed")]
    RootRemoved,
    #[error("More than {SET_MAX} loggers would have a level of their own")]
    TooMany,
}

impl Loggers {
    /// Loggers with the levels of the start. `apply` puts all changed levels into force, each with the path of its module
    /// (`None`: all of the program); the rest keeps the level of the start.
    pub fn new(apply: impl Fn(&[(Option<&str>, LevelFilter)]) + Send + Sync + 'static) -> Self {
        Self { set: Mutex::default(), apply: Box::new(apply) }
    }

    /// Every logger that has a level of its own, and that level.
    pub(crate) fn levels(&self) -> BTreeMap<String, String> {
        let set = self.set.lock();
        let root =
            set.get(ROOT).cloned().unwrap_or_else(|| LevelFilter::current().to_string().to_uppercase());
        let mut levels: BTreeMap<String, String> =
            PARTS.iter().map(|part| ((*part).to_owned(), root.clone())).collect();
        levels.insert(ROOT.to_owned(), root);
        levels.extend(set.clone());
        levels
    }

    /// Whether a change could be made.
    pub(crate) fn check(logger: &str, change: LevelChange<'_>) -> Result<(), LevelError> {
        if logger != ROOT && !is_module(logger) {
            return Err(LevelError::UnknownLogger(logger.to_owned()));
        }
        match change {
            LevelChange::Set(level) if !LEVELS.contains(&level) => {
                Err(LevelError::UnknownLevel { logger: logger.to_owned(), level: level.to_owned() })
            }
            LevelChange::Unset if logger == ROOT => Err(LevelError::RootRemoved),
            LevelChange::Set(_) | LevelChange::Unset => Ok(()),
        }
    }

    /// Makes changes that were checked: all of them, or none.
    pub(crate) fn change<'a>(
        &self,
        changes: impl Iterator<Item = (&'a str, LevelChange<'a>)>,
    ) -> Result<(), LevelError> {
        let mut set = self.set.lock();
        let mut wanted = set.clone();
        for (logger, change) in changes {
            match change {
                LevelChange::Set(level) => {
                    wanted.insert(logger.to_owned(), level.to_owned());
                }
                LevelChange::Unset => {
                    wanted.remove(logger);
                }
            }
        }
        if wanted.len() > SET_MAX {
            return Err(LevelError::TooMany);
        }
        tracing::info!(levels = ?wanted, "log levels changed");
        let levels: Vec<_> = wanted
            .iter()
            .map(|(logger, level)| ((logger != ROOT).then_some(logger.as_str()), filter(level)))
            .collect();
        (self.apply)(&levels);
        *set = wanted;
        Ok(())
    }
}

/// Whether it may be the path of a module of this program. What is no path never becomes part of a filter's text.
fn is_module(logger: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    logger.len() <= NAME_BYTES_MAX
        && PARTS.contains(&logger.split("::").next().unwrap_or_default())
        && logger.split("::").all(is_name)
}

impl fmt::Debug for Loggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loggers").field("set", &self.set).finish_non_exhaustive()
    }
}

fn filter(level: &str) -> LevelFilter {
    match level {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        _ => LevelFilter::ERROR,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    type Applied = Vec<(Option<String>, LevelFilter)>;

    #[test]
    fn changes_lie_over_the_start_until_they_are_unset() {
        let applied: Arc<Mutex<Applied>> = Arc::default();
        let sink = Arc::clone(&applied);
        let loggers = Loggers::new(move |levels| {
            *sink.lock() = levels.iter().map(|(path, level)| (path.map(str::to_owned), *level)).collect();
        });
        let quorum = "broker_server::quorum";
        let changes = [(ROOT, LevelChange::Set("WARN")), (quorum, LevelChange::Set("FATAL"))];
        assert_eq!(loggers.change(changes.into_iter()), Ok(()));
        let expected = [(Some(quorum.to_owned()), LevelFilter::ERROR), (None, LevelFilter::WARN)];
        assert_eq!(*applied.lock(), expected);
        let levels = loggers.levels();
        assert_eq!((levels[ROOT].as_str(), levels[quorum].as_str()), ("WARN", "FATAL"));
        assert_eq!(levels["broker_log"], "WARN");
        assert_eq!(loggers.change([(quorum, LevelChange::Unset)].into_iter()), Ok(()));
        assert_eq!(*applied.lock(), [(None, LevelFilter::WARN)]);
        assert!(!loggers.levels().contains_key(quorum));
    }

    #[test]
    fn what_cannot_be_is_refused_in_kafkas_words() {
        let said = |logger, change| Loggers::check(logger, change).expect_err("refused").to_string();
        assert_eq!(said("kafka.server", LevelChange::Unset), "Logger kafka.server does not exist!");
        assert_eq!(
            said(ROOT, LevelChange::Set("LOUD")),
            "Cannot set the log level of root to LOUD as it is not a supported log level. \
             Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN"
        );
        assert_eq!(
            said(ROOT, LevelChange::Unset),
            "Removing the log level of the root logger is not allowed"
        );
        assert_eq!(Loggers::check("broker_log::recovery", LevelChange::Set("TRACE")), Ok(()));
    }

    #[test]
    fn what_is_no_path_of_a_module_is_no_logger() {
        let long = format!("klamm::{}", "a".repeat(NAME_BYTES_MAX));
        for name in
            ["klamm::", "klamm::a,off", "klamm::[span{field=.*}]", "klamm=off", "klamm: :a", long.as_str()]
        {
            let refused = Loggers::check(name, LevelChange::Set("INFO"));
            assert_eq!(refused, Err(LevelError::UnknownLogger(name.to_owned())));
        }
    }

    #[test]
    fn so_many_loggers_have_a_level_and_no_more() {
        let applied: Arc<Mutex<usize>> = Arc::default();
        let sink = Arc::clone(&applied);
        let loggers = Loggers::new(move |levels| *sink.lock() = levels.len());
        let names: Vec<_> = (0..=SET_MAX).map(|at| format!("klamm::m{at}")).collect();
        let set = |names: &[String]| {
            loggers.change(names.iter().map(|name| (name.as_str(), LevelChange::Set("DEBUG"))))
        };
        assert_eq!(set(&names), Err(LevelError::TooMany));
        assert_eq!((*applied.lock(), loggers.levels().contains_key("klamm::m0")), (0, false));
        assert_eq!(set(&names[1..]), Ok(()));
        assert_eq!(set(&names[..1]), Err(LevelError::TooMany));
        assert_eq!(*applied.lock(), SET_MAX);
    }
}
