//! Where log lines go: standard error, as text for people or as JSON for collectors.

use tracing_subscriber::EnvFilter;

/// Starts logging. `KLAMM_LOG` filters (`info` when not set), `KLAMM_LOG_FORMAT=json` makes it JSON.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("KLAMM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Nobody to read the lines is no reason to end: a broker whose parent is gone drains.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    let is_json = std::env::var("KLAMM_LOG_FORMAT").is_ok_and(|format| format == "json");
    // A second start (in one process, by tests) keeps the first.
    let _already = if is_json { lines.json().try_init() } else { lines.with_ansi(false).try_init() };
}
