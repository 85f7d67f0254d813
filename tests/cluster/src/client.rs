//! A Kafka client inside of the cluster: each command of it is a pod of the klamm image, run to its end.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::kube::{Kube, Refused};

/// What a run of `produce` or `consume` handled: as many records, with this check over their keys and values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Number of records.
    pub records: u64,
    /// CRC-32C over them, as the command prints it.
    pub crc32c: String,
}

/// Commands against one cluster, from one namespace.
#[derive(Debug)]
pub struct Client<'a> {
    kube: &'a Kube,
    namespace: &'a str,
    bootstrap: Option<String>,
    user: Option<&'a str>,
    config: Option<String>,
    image: &'a str,
    runs: Cell<u32>,
}

/// Where the Secret of a user is mounted.
const USER_PATH: &str = "/etc/user";

impl<'a> Client<'a> {
    /// A client of `cluster` (its bootstrap Service on the plain listener) in the same namespace.
    pub fn new(kube: &'a Kube, namespace: &'a str, cluster: &str, image: &'a str) -> Self {
        Self {
            kube,
            namespace,
            bootstrap: Some(format!("{cluster}-kafka-bootstrap:9092")),
            user: None,
            config: None,
            image,
            runs: Cell::new(0),
        }
    }

    /// A client that is the user whose Secret this is, and has nothing else of the cluster.
    pub fn of_user(kube: &'a Kube, namespace: &'a str, secret: &'a str, image: &'a str) -> Self {
        let config = Some(format!("{USER_PATH}/client.properties"));
        Self { config, ..Self::bare(kube, namespace, secret, image) }
    }

    /// The same, whose commands name the mounted file themselves.
    pub fn bare(kube: &'a Kube, namespace: &'a str, secret: &'a str, image: &'a str) -> Self {
        let user = Some(secret);
        Self { kube, namespace, bootstrap: None, user, config: None, image, runs: Cell::new(0) }
    }

    /// Produces `records` generated records of `size` bytes, acknowledged by all in-sync replicas.
    pub fn produce(&self, topic: &str, records: u64, size: u64) -> Digest {
        let (count, size) = (records.to_string(), size.to_string());
        digest(&self.must(&["produce", "--topic", topic, "--generate", &count, "--size", &size]))
    }

    /// Reads `records` records of the topic from its beginning.
    pub fn consume(&self, topic: &str, records: u64) -> Digest {
        let count = records.to_string();
        digest(&self.must(&["consume", "--topic", topic, "--from-beginning", "--count", &count, "--digest"]))
    }

    /// What the cluster says of the topic.
    ///
    /// # Errors
    /// The command's words, when there is no such topic.
    pub fn describe(&self, topic: &str) -> Result<Value, Refused> {
        let text = self.run(&["topic", "describe", topic, "-o", "json"])?;
        let topics: Vec<Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("describe prints JSON, not {text:?}: {error}"));
        topics.into_iter().next().ok_or(Refused(text))
    }

    /// Runs `klamm ARGS`, which has to succeed, and gives what it printed.
    pub fn must(&self, args: &[&str]) -> String {
        self.run(args).unwrap_or_else(|Refused(why)| panic!("klamm {}: {why}", args.join(" ")))
    }

    /// Runs `klamm ARGS` as a pod to its end.
    ///
    /// # Errors
    /// What it printed, when it failed.
    pub fn run(&self, args: &[&str]) -> Result<String, Refused> {
        self.runs.set(self.runs.get() + 1);
        let whose = if self.config.is_some() { "client" } else { "shell" };
        let user = self.user.map_or(String::new(), |user| format!("{user}-"));
        let name = format!("{whose}-{user}{}", self.runs.get());
        let mut args = args.to_vec();
        args.extend(self.bootstrap.iter().flat_map(|bootstrap| ["--bootstrap", bootstrap.as_str()]));
        args.extend(self.config.iter().flat_map(|config| ["--command-config", config.as_str()]));
        let mut pod = pod(&name, self.image, &args);
        if let Some(secret) = self.user {
            pod["spec"]["volumes"] = json!([{ "name": "user", "secret": { "secretName": secret } }]);
            pod["spec"]["containers"][0]["volumeMounts"] =
                json!([{ "name": "user", "mountPath": USER_PATH, "readOnly": true }]);
        }
        self.kube.apply(self.namespace, &pod.to_string())?;
        let ended = self.kube.watch_one(self.namespace, "pods", &name, 120, |change| {
            matches!(change.object["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
        });
        let output = self.kube.kubectl(&["logs", &name, "--namespace", self.namespace]);
        if ended["status"]["phase"] == "Succeeded" { Ok(output) } else { Err(Refused(output)) }
    }
}

/// A pod that a namespace under Pod Security `restricted` admits: one container, run once.
pub fn pod(name: &str, image: &str, args: &[&str]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "securityContext": { "runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{
                "name": "main",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "args": args,
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            }],
        },
    })
}

/// A pod's log has what the command printed and what it said to the terminal, in no certain order.
fn digest(text: &str) -> Digest {
    let value =
        text.lines().find_map(|line| serde_json::from_str::<Value>(line).ok().filter(Value::is_object));
    let value = value.unwrap_or_else(|| panic!("a digest, not {text:?}"));
    Digest {
        records: value["records"].as_u64().expect("a number of records"),
        crc32c: value["crc32c"].as_str().expect("a check in hexadecimal").to_owned(),
    }
}
