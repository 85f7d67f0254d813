//! Where log lines go: standard error, as text for people or as JSON for collectors.

use tracing_subscriber::EnvFilter;

/// Starts logging. `KLAMM_LOG` filters (`info` when not set), `KLAMM_LOG_FORMAT=json` makes it JSON.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("KLAMM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let is_json = std::env::var("KLAMM_LOG_FORMAT").is_ok_and(|format| format == "json");
    // A second start (in one process, by tests) keeps the first.
    let _already = if is_json { lines.json().try_init() } else { lines.with_ansi(false).try_init() };
}
