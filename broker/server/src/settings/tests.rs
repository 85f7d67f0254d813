use super::*;

const FILE: &[(&str, &str)] = &[
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.quorum.bootstrap.servers", "127.0.0.1:9093"),
    ("controller.listener.names", "CONTROLLER"),
    ("listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"),
    ("log.dirs", "/a,/b"),
];

fn read(changes: &[(&str, &str)]) -> Result<Settings, String> {
    let mut properties: BTreeMap<String, String> =
        FILE.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    for (key, value) in changes {
        properties.insert((*key).to_owned(), (*value).to_owned());
    }
    Settings::read(&properties).map_err(|error| error.to_string())
}

#[test]
fn a_plain_file_is_read() -> Result<(), String> {
    let settings = read(&[("klamm.admin.listener", "none"), ("connections.max.idle.ms", "-1")])?;
    assert_eq!(settings.node_id.get(), 1);
    assert_eq!(settings.log_dirs, [PathBuf::from("/a"), PathBuf::from("/b")]);
    assert_eq!(settings.metadata_log_dir, PathBuf::from("/a"));
    assert_eq!((settings.admin.address, settings.admin.is_explicit), (None, true));
    assert_eq!(settings.limits().idle_max, NEVER);
    let of_clients = ListenerSettings {
        protocol: SecurityProtocol::Plaintext,
        name: "PLAINTEXT".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 9092,
        advertised: Some(("127.0.0.1".to_owned(), 9092)),
        is_controller: false,
    };
    assert_eq!(settings.listeners[0], of_clients);
    assert!(settings.listeners[1].is_controller);
    Ok(())
}

#[test]
fn every_fault_has_its_line() {
    let said =
        read(&[("klamm.admin.listener", "here"), ("log.retention.ms", "soon"), ("num.partitions", "0")])
            .unwrap_err();
    assert_eq!(said.lines().count(), 3, "{said}");
    for key in ["klamm.admin.listener", "log.retention.ms", "num.partitions"] {
        assert!(said.lines().any(|line| line.contains(key)), "{said}");
    }
}

#[test]
fn a_listener_with_kerberos_is_refused_with_the_reason() {
    let said = read(&[
        ("listeners", "TLS://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"),
        ("listener.security.protocol.map", "TLS:SASL_SSL,CONTROLLER:PLAINTEXT"),
        ("inter.broker.listener.name", "TLS"),
    ])
    .unwrap_err();
    assert!(said.contains("Kafka's default is GSSAPI (Kerberos), which is not built"), "{said}");
}

#[test]
fn an_advertised_listener_is_told_to_clients() -> Result<(), String> {
    let settings = read(&[
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093"),
        ("advertised.listeners", "PLAINTEXT://broker.example:31000"),
    ])?;
    assert_eq!(settings.listeners[0].host, "");
    assert_eq!(settings.listeners[0].advertised, Some(("broker.example".to_owned(), 31000)));
    Ok(())
}

#[test]
fn our_own_keys_are_read_and_checked() {
    let settings = read(&[("klamm.group.metrics.partitions.max", "7")]).expect("settings");
    assert_eq!(settings.lag.partitions_max, 7);
    let said = read(&[("klamm.group.lag.interval.ms", "499"), ("klamm.admin.listener", "x")]).unwrap_err();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("klamm.group.lag.interval.ms: 499 is less than 500"), "{said}");
}
