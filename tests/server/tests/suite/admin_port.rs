//! The admin port: it only reads, in the open or over TLS.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tests_compat::{Authority, Broker, Deadline, Kind, Spec, Stores, page, page_over_tls, pause, rest};

/// New certificates are taken up within seconds.
const TAKEN_UP_LIMIT: Duration = Duration::from_secs(30);

/// A broker whose admin port has the certificate of `authority`, in `admin.pem`, and asks for others by `auth`.
fn start(stores: &Stores, authority: &Authority, auth: &str) -> Result<Broker> {
    let keys = stores.write("admin.pem", authority.issue("admin")?.pem())?;
    let trusted = stores.write("trust.pem", authority.pem())?;
    Spec::new(Kind::Klamm)
        .set("klamm.admin.ssl.keystore.type", "PEM")
        .set("klamm.admin.ssl.keystore.location", &keys.display().to_string())
        .set("klamm.admin.ssl.truststore.type", "PEM")
        .set("klamm.admin.ssl.truststore.location", &trusted.display().to_string())
        .set("klamm.admin.ssl.client.auth", auth)
        .start()
}

#[test]
fn nothing_can_be_changed_over_it() -> Result<()> {
    let broker = Spec::new(Kind::Klamm).start()?;
    for path in ["/metrics", "/healthz", "/readyz", "/v1/cleaner", "/v1/groups", "/v1/groups/g"] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let (status, _) = rest(method, broker.admin_port(), path, Some(&json!({})))?;
            ensure!(status == 405, "{method} {path}: {status}");
        }
        let (status, _) = rest("HEAD", broker.admin_port(), path, None)?;
        ensure!(status != 405, "HEAD {path}: {status}");
    }
    ensure!(page(broker.admin_port(), "/readyz")? == (200, "ready\n".to_owned()));
    Ok(())
}

#[test]
fn it_is_read_over_tls_with_certificates_that_change() -> Result<()> {
    let (stores, old, new) = (Stores::new()?, Authority::new("old")?, Authority::new("new")?);
    let broker = start(&stores, &old, "none")?;
    let read = |authority: &Authority| page_over_tls(broker.admin_port(), "/readyz", &authority.trust()?);
    ensure!(read(&old)? == (200, "ready\n".to_owned()));
    ensure!(read(&new).is_err(), "it is who it says");
    ensure!(page(broker.admin_port(), "/readyz").is_err(), "in the open nothing is said");
    let (_, metrics) = page_over_tls(broker.admin_port(), "/metrics", &old.trust()?)?;
    ensure!(
        metrics.contains("klamm_tls_certificate_not_after_seconds{listener=\"klamm.admin\"}"),
        "{metrics}"
    );
    stores.write("admin.pem", new.issue("admin")?.pem())?;
    let deadline = Deadline::after(TAKEN_UP_LIMIT);
    while read(&new).is_err() {
        ensure!(deadline.left().is_some(), "{}", broker.last_lines());
        pause(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn whoever_reads_shows_a_certificate_where_that_is_wanted() -> Result<()> {
    let (stores, authority, other) = (Stores::new()?, Authority::new("own")?, Authority::new("other")?);
    let broker = start(&stores, &authority, "required")?;
    let read = |trust| page_over_tls(broker.admin_port(), "/readyz", &trust);
    ensure!(read(authority.trust_as(&authority.issue("reader")?)?)?.0 == 200);
    ensure!(read(authority.trust()?).is_err() && read(authority.trust_as(&other.issue("reader")?)?).is_err());
    Ok(())
}
