//! `kafka-server-start.sh`: runs a broker in the foreground.

use std::{path::Path, process::ExitCode};

const USAGE: &str = "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*";

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let Some((file, overrides)) = read(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    crate::logging::start();
    match crate::commands::broker::run(Path::new(file), &overrides) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kafka-server-start.sh: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The file and the overrides. `None` when it is neither, or when a daemon is asked for: that is for what runs it.
fn read(arguments: &[String]) -> Option<(&str, Vec<String>)> {
    let (file, rest) = arguments.split_first()?;
    if file.starts_with('-') {
        if file == "-daemon" {
            eprintln!("-daemon is not built: let systemd or a container keep the process");
        }
        return None;
    }
    let mut overrides = Vec::new();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        let entry = match argument.strip_prefix("--override=") {
            Some(attached) => attached,
            None if argument == "--override" => rest.next()?,
            None => return None,
        };
        overrides.push(entry.to_owned());
    }
    Some((file, overrides))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_follow_the_file() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = words("server.properties --override node.id=2 --override=a=b");
        assert_eq!(read(&line), Some(("server.properties", words("node.id=2 a=b"))));
        for wrong in ["-daemon x", "x --bogus", "x --override", "--help"] {
            assert_eq!(read(&words(wrong)), None, "{wrong}");
        }
        assert_eq!(read(&[]), None);
    }
}
