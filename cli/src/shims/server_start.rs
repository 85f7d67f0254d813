//! `kafka-server-start.sh`: runs a broker in the foreground, or with `-daemon` behind the terminal.

use std::{
    fs::{File, create_dir_all},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context as _, Result};

const USAGE: &str = "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*";
/// Where a daemon's words go, below `$LOG_DIR` or `logs`.
const DAEMON_LOG: &str = "kafkaServer.out";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Start<'a> {
    is_daemon: bool,
    file: &'a str,
    overrides: Vec<String>,
}

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let Some(start) = read(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let done = if start.is_daemon {
        detach(&start)
    } else {
        let loggers = crate::logging::start();
        crate::commands::broker::run(Path::new(start.file), &start.overrides, loggers)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kafka-server-start.sh: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Starts this program again in a process group of its own, without terminal, and leaves it.
fn detach(start: &Start<'_>) -> Result<()> {
    let folder = std::env::var_os("LOG_DIR").map_or_else(|| PathBuf::from("logs"), PathBuf::from);
    let path = folder.join(DAEMON_LOG);
    let open = || {
        create_dir_all(&folder)?;
        File::options().create(true).append(true).open(&path)
    };
    let log = open().with_context(|| path.display().to_string())?;
    let mut command = Command::new(std::env::current_exe().context("this program is not found")?);
    command.arg0("kafka-server-start.sh").arg(start.file);
    for entry in &start.overrides {
        command.args(["--override", entry]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
    command.spawn().context("the broker was not started")?;
    Ok(())
}

/// The flags before the file, the file and the overrides. `None` when it is none of that.
fn read(arguments: &[String]) -> Option<Start<'_>> {
    let mut rest = arguments.iter();
    let mut is_daemon = false;
    let file = loop {
        match rest.next()?.as_str() {
            "-daemon" => is_daemon = true,
            // For a JVM only, and taken from service files as they are.
            "-loggc" => {}
            "-name" => {
                rest.next()?;
            }
            flag if flag.starts_with('-') => return None,
            file => break file,
        }
    };
    let mut overrides = Vec::new();
    while let Some(argument) = rest.next() {
        let entry = match argument.strip_prefix("--override=") {
            Some(attached) => attached,
            None if argument == "--override" => rest.next()?,
            None => return None,
        };
        overrides.push(entry.to_owned());
    }
    Some(Start { is_daemon, file, overrides })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_follow_the_file() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = words("server.properties --override node.id=2 --override=a=b");
        let expected =
            Start { is_daemon: false, file: "server.properties", overrides: words("node.id=2 a=b") };
        assert_eq!(read(&line), Some(expected));
        let line = words("-daemon -name kafkaServer -loggc server.properties");
        let expected = Start { is_daemon: true, file: "server.properties", overrides: Vec::new() };
        assert_eq!(read(&line), Some(expected));
        for wrong in ["-daemon", "x --bogus", "x --override", "--help", "-bogus x"] {
            assert_eq!(read(&words(wrong)), None, "{wrong}");
        }
        assert_eq!(read(&[]), None);
    }
}
