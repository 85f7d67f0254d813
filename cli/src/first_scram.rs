//! The users that formatting gives to a cluster: `--add-scram` in the syntax of Kafka's `kafka-storage.sh format`, with
//! its words for what is wrong.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use broker_protocol::Str;
use broker_sasl::{ITERATIONS, NONCE_BYTES, ScramCredential, ScramMechanism, nonce};
use broker_server::{FirstFeatures, MetadataVersion};

/// What begins the name of a file that holds credentials, a line for each.
const FILE: char = '@';

/// Adds credentials to what a cluster starts with. Each of `arguments` is a credential
/// (`SCRAM-SHA-256=[name=alice,password=secret]`) or `@` and the name of a file of such lines: arguments of a process can
/// be read by others.
pub(crate) fn add_scram(first: &mut FirstFeatures, arguments: &[String]) -> Result<()> {
    for argument in arguments {
        match argument.trim().strip_prefix(FILE) {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| path.to_owned())?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                for line in lines {
                    first.credentials.push(credential(line)?);
                }
            }
            None => first.credentials.push(credential(argument)?),
        }
    }
    if !first.credentials.is_empty() && first.version < MetadataVersion::SCRAM {
        bail!("SCRAM is only supported in metadata.version {} or later.", MetadataVersion::SCRAM.name());
    }
    Ok(())
}

fn credential(argument: &str) -> Result<(Str, ScramMechanism, ScramCredential)> {
    let input = argument.trim();
    let Some((name, config)) = input.split_once('=') else {
        bail!("Failed to find equals sign in SCRAM argument '{input}'");
    };
    let Some(mechanism) = ScramMechanism::from_name(name) else {
        bail!("The add-scram mechanism {name} is not supported.");
    };
    let Some(config) = config.strip_prefix('[') else {
        bail!("Expected configuration string to start with [");
    };
    let Some(config) = config.strip_suffix(']') else {
        bail!("Expected configuration string to end with ]");
    };
    let mut components = BTreeMap::new();
    for component in config.split(',') {
        let Some((key, value)) = component.split_once('=') else {
            bail!("No equals sign found in SCRAM component: {component}");
        };
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        components.insert(key, quoted.unwrap_or(value));
    }
    let Some(user) = components.remove("name") else { bail!("You must supply 'name' to add-scram") };
    let salt = components.remove("salt");
    let given_salt = salt.map(|text| {
        BASE64_STANDARD.decode(text).with_context(|| format!("Failed to decode given salt: {text}"))
    });
    let given_salt = given_salt.transpose()?;
    let iterations = match components.remove("iterations") {
        Some(text) => text.parse().with_context(|| format!("Failed to parse iterations count: {text}"))?,
        None => *ITERATIONS.start(),
    };
    let (password, salted) = (components.remove("password"), components.remove("saltedpassword"));
    if password.is_none() && salted.is_none() {
        bail!("You must supply one of 'password' or 'saltedpassword' to add-scram");
    }
    if password.is_none() && given_salt.is_none() {
        bail!("You must supply 'salt' with 'saltedpassword' to add-scram");
    }
    let salted = match (password, salted) {
        // Left alone, and so unknown, where there is a password.
        (Some(_), Some(text)) => {
            components.insert("saltedpassword", text);
            None
        }
        (None, Some(text)) => {
            Some(BASE64_STANDARD.decode(text).context("Failed to decode given saltedPassword")?)
        }
        (_, None) => None,
    };
    if !components.is_empty() {
        let names: Vec<_> = components.into_keys().collect();
        bail!("Unknown SCRAM configurations: {}", names.join(", "));
    }
    check(iterations, mechanism)?;
    let salt = match given_salt {
        Some(salt) => salt.into(),
        None => fresh_salt()?,
    };
    let credential = match (password, salted) {
        (_, Some(salted)) => ScramCredential::of_salted_password(mechanism, &salted, salt, iterations)?,
        (password, None) => {
            ScramCredential::of_password(mechanism, password.unwrap_or_default(), salt, iterations)?
        }
    };
    Ok((Str::from(user), mechanism, credential))
}

fn check(iterations: i32, mechanism: ScramMechanism) -> Result<()> {
    // Kafka prints the constant here, not the mechanism's name.
    let constant = mechanism.name().replace('-', "_");
    let (min, max) = (ITERATIONS.start(), ITERATIONS.end());
    if iterations < *min {
        bail!("The 'iterations' value must be >= {min} for add-scram using {constant}");
    }
    if iterations > *max {
        bail!("The 'iterations' value must be <= {max} for add-scram using {constant}");
    }
    Ok(())
}

/// A salt of this machine's own randomness, as Kafka makes them: text.
pub(crate) fn fresh_salt() -> Result<bytes::Bytes> {
    use std::io::Read as _;
    let mut random = [0; NONCE_BYTES];
    let source = "/dev/urandom";
    std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut random)).context(source)?;
    Ok(nonce(&random).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> FirstFeatures {
        FirstFeatures::usual(MetadataVersion::LATEST)
    }

    fn refused(argument: &str) -> String {
        add_scram(&mut first(), &[argument.to_owned()]).unwrap_err().to_string()
    }

    #[test]
    fn a_credential_is_read_as_kafka_reads_it() {
        let mut first = first();
        let salt = "MWx2NHBkbnc0ZndxN25vdGN4bTB5Y2h5aDk=";
        let lines = [
            format!("SCRAM-SHA-256=[name=alice,salt={salt},password=\"a=b\",iterations=8192]"),
            "SCRAM-SHA-512=[name=bob,password=x]".to_owned(),
        ];
        add_scram(&mut first, &lines).unwrap();
        let salt = BASE64_STANDARD.decode(salt).unwrap();
        let expected =
            ScramCredential::of_password(ScramMechanism::Sha256, "a=b", salt.into(), 8192).unwrap();
        assert_eq!(first.credentials[0], (Str::from("alice"), ScramMechanism::Sha256, expected));
        assert_eq!(
            (first.credentials[1].2.iterations, first.credentials[1].2.salt.len()),
            (4096, NONCE_BYTES)
        );
    }

    #[test]
    fn a_file_keeps_passwords_out_of_sight() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        std::fs::write(&path, "SCRAM-SHA-256=[name=a,password=b]\n\nSCRAM-SHA-512=[name=a,password=b]\n")
            .unwrap();
        let mut first = first();
        add_scram(&mut first, &[format!("@{}", path.display())]).unwrap();
        assert_eq!(first.credentials.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_in_kafka_s_words() {
        for (argument, expected) in [
            ("x", "Failed to find equals sign in SCRAM argument 'x'"),
            ("PLAIN=[name=a]", "The add-scram mechanism PLAIN is not supported."),
            ("SCRAM-SHA-256=name", "Expected configuration string to start with ["),
            ("SCRAM-SHA-256=[name=a", "Expected configuration string to end with ]"),
            ("SCRAM-SHA-256=[name]", "No equals sign found in SCRAM component: name"),
            ("SCRAM-SHA-256=[password=a]", "You must supply 'name' to add-scram"),
            ("SCRAM-SHA-256=[name=a]", "You must supply one of 'password' or 'saltedpassword' to add-scram"),
            (
                "SCRAM-SHA-256=[name=a,saltedpassword=AAAA]",
                "You must supply 'salt' with 'saltedpassword' to add-scram",
            ),
            ("SCRAM-SHA-256=[name=a,password=b,salt=!]", "Failed to decode given salt: !"),
            ("SCRAM-SHA-256=[name=a,password=b,iterations=x]", "Failed to parse iterations count: x"),
            ("SCRAM-SHA-256=[name=a,password=b,c=d]", "Unknown SCRAM configurations: c"),
            (
                "SCRAM-SHA-256=[name=a,password=b,iterations=1]",
                "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256",
            ),
            (
                "SCRAM-SHA-512=[name=a,password=b,iterations=16385]",
                "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512",
            ),
        ] {
            assert_eq!(refused(argument), expected, "{argument}");
        }
    }
}
