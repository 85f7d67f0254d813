//! Where log lines go: standard error, as text for people or as JSON for collectors.

use broker_server::Loggers;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Starts logging. `KLAMM_LOG` filters (`info` when not set), `KLAMM_LOG_FORMAT=json` makes it JSON. Gives the loggers,
/// whose levels can be changed from now on.
pub(crate) fn start() -> Loggers {
    let first = std::env::var("KLAMM_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::try_new(&first).unwrap_or_else(|_| EnvFilter::new("info"));
    // Nobody to read the lines is no reason to end: a broker whose parent is gone drains.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    let is_json = std::env::var("KLAMM_LOG_FORMAT").is_ok_and(|format| format == "json");
    // A second start (in one process, by tests) keeps the first.
    if is_json {
        let lines = lines.json().with_filter_reloading();
        let handle = lines.reload_handle();
        let _already = lines.try_init();
        Loggers::new(move |levels| reload(&first, levels, |filter| handle.reload(filter)))
    } else {
        let lines = lines.with_ansi(false).with_filter_reloading();
        let handle = lines.reload_handle();
        let _already = lines.try_init();
        Loggers::new(move |levels| reload(&first, levels, |filter| handle.reload(filter)))
    }
}

/// Lays levels over the filter of the start.
fn reload<E: std::fmt::Display>(
    first: &str,
    levels: &[(Option<&str>, LevelFilter)],
    put: impl FnOnce(EnvFilter) -> Result<(), E>,
) {
    let filter = over(first, levels);
    match EnvFilter::try_new(&filter) {
        Ok(new) => {
            if let Err(error) = put(new) {
                tracing::error!(%error, "log levels stay as they were");
            }
        }
        Err(error) => tracing::error!(%error, filter, "log levels stay as they were"),
    }
}

/// The later directive of two that say the same thing wins.
fn over(first: &str, levels: &[(Option<&str>, LevelFilter)]) -> String {
    let said = levels.iter().map(|(path, level)| match path {
        Some(path) => format!("{path}={level}"),
        None => level.to_string(),
    });
    std::iter::once(first.to_owned()).chain(said).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_levels_win_over_those_of_the_start() {
        let levels = [(Some("broker_log::recovery"), LevelFilter::TRACE), (None, LevelFilter::ERROR)];
        let text = over("info", &levels);
        assert_eq!(text, "info,broker_log::recovery=trace,error");
        let filter = EnvFilter::try_new(&text).expect("parses");
        assert_eq!(filter.to_string(), "broker_log::recovery=trace,error");
    }
}
