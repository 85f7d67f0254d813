//! Who does not get in, and that others go on meanwhile.

use std::time::Duration;

use anyhow::{Result, ensure};
use tests_compat::{Authority, Connection, Tool, Validity, frame, request};

use super::{Asks, Setting};

const LIMIT: Duration = Duration::from_secs(30);

/// Tries a wrong client; it must end with an error of TLS's.
fn refused(setting: &Setting, name: &str, properties: &std::path::Path) -> Result<()> {
    let output = setting.tool(Tool::BrokerApiVersions, properties, &[], "")?;
    let said = format!("{}{}", output.stdout, output.stderr);
    let is_tls = ["SslAuthenticationException", "SSLHandshakeException", "SSL handshake failed"];
    ensure!(output.code != Some(0) && is_tls.iter().any(|word| said.contains(word)), "{name}: {said}");
    Ok(())
}

#[test]
fn wrong_certificates_are_refused_on_both_sides() -> Result<()> {
    let setting = Setting::start(Asks::Certificates)?;
    let (stores, authority) = (&setting.stores, &setting.authority);
    let other = Authority::new("other")?;
    let expired = authority.issue_for("alice", &["localhost"], Validity::Expired)?;
    let cases = [
        ("nobody", stores.client("nobody", authority, None)?),
        ("expired", stores.client("expired", authority, Some(&expired))?),
        ("of another authority", stores.client("foreign", authority, Some(&other.issue("alice")?))?),
        ("who trusts another authority", stores.client("distrusts", &other, Some(&setting.alice))?),
    ];
    for (name, properties) in &cases {
        refused(&setting, name, properties)?;
    }
    setting.exchange(&stores.client("alice", authority, Some(&setting.alice))?, "after")
}

/// The broker's certificate is for another host: the client leaves, unless it does not look.
#[test]
fn a_broker_of_another_name_is_left() -> Result<()> {
    let mut setting = Setting::start(Asks::Nothing)?;
    setting.broker.stop()?;
    let elsewhere = setting.authority.issue_for("broker", &["elsewhere.example"], Validity::Holds)?;
    setting.stores.write("broker.p12", elsewhere.pkcs12()?)?;
    setting.broker.launch()?;
    let properties = setting.stores.client("careful", &setting.authority, None)?;
    refused(&setting, "another host", &properties)?;
    let text = std::fs::read_to_string(&properties)?;
    let careless = format!("{text}ssl.endpoint.identification.algorithm=\n");
    setting.exchange(&setting.stores.write("careless.properties", careless)?, "careless")
}

/// Bytes that are not TLS, and handshakes that end in the middle, are closed and hold up nobody.
#[test]
fn what_is_no_handshake_is_closed() -> Result<()> {
    let setting = Setting::start(Asks::Nothing)?;
    let address = setting.broker.ssl_address();
    let mut plain = Connection::open(address, LIMIT)?;
    plain.send(&request(18, 0, 1, 1, &[]))?;
    // At most an alert comes, which is no frame.
    ensure!(plain.receive().ok().flatten().is_none(), "plaintext was answered");
    let mut garbage = Connection::open(address, LIMIT)?;
    garbage.send(&frame(&[0xff; 300]))?;
    ensure!(garbage.receive().ok().flatten().is_none(), "garbage was answered");
    // The first bytes of a handshake, of many at a time, which stay.
    let begun: Vec<_> = (0..200)
        .map(|_| {
            let mut one = Connection::open(address, LIMIT)?;
            one.send(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01])?;
            Ok(one)
        })
        .collect::<Result<_>>()?;
    let properties = setting.stores.client("meanwhile", &setting.authority, None)?;
    setting.exchange(&properties, "meanwhile")?;
    drop(begun);
    Ok(())
}
