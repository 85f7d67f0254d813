//! The tool `kube` as a value: commands in, text or JSON out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// What a command that was refused had to say, as a user would read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

/// A running test cluster.
#[derive(Debug)]
pub struct Kube {
    tool: PathBuf,
    directory: PathBuf,
}

impl Kube {
    /// The cluster of this test program, of three nodes in three zones: started when it is not up yet, with the volumes of earlier tests made free.
    pub fn up() -> &'static Kube {
        static UP: OnceLock<Kube> = OnceLock::new();
        UP.get_or_init(|| {
            let mut kube = Kube { tool: repository().join("tests/cluster/kube"), directory: PathBuf::new() };
            kube.must(&["up", "--nodes", "3"]);
            kube.must(&["recycle"]);
            kube.directory = PathBuf::from(kube.must(&["dir"]).trim());
            kube
        })
    }

    /// A verb of the tool with its arguments, ready to run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.tool);
        command.args(args).stdin(Stdio::null());
        command
    }

    /// Runs a verb of the tool and returns what it printed. Panics when it fails.
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("the tool kube starts");
        answer(output).unwrap_or_else(|Refused(why)| panic!("kube {}: {why}", args.join(" ")))
    }

    /// `kubectl ARGS`, which has to succeed.
    pub fn kubectl(&self, args: &[&str]) -> String {
        self.try_kubectl(args).unwrap_or_else(|Refused(why)| panic!("kubectl {}: {why}", args.join(" ")))
    }

    /// `kubectl ARGS`, which may be refused.
    ///
    /// # Errors
    /// What kubectl printed when it failed.
    pub fn try_kubectl(&self, args: &[&str]) -> Result<String, Refused> {
        answer(self.command(&[&["kubectl"], args].concat()).output().expect("kubectl starts"))
    }

    /// `kubectl apply` of a manifest's text.
    ///
    /// # Errors
    /// The reason the API server gave for refusing it.
    pub fn apply(&self, namespace: &str, manifest: &str) -> Result<String, Refused> {
        let mut child = self
            .command(&["kubectl", "apply", "--namespace", namespace, "--filename", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(manifest.as_bytes())
            .expect("kubectl reads the manifest");
        answer(child.wait_with_output().expect("kubectl ends"))
    }

    /// One object, as `kubectl get -o json` shows it.
    pub fn get(&self, namespace: &str, what: &str) -> Value {
        let text = self.kubectl(&["get", what, "--namespace", namespace, "--output", "json"]);
        serde_json::from_str(&text).expect("kubectl prints JSON")
    }

    /// `kubectl wait --for=CONDITION WHAT`, which has to come true within the time.
    pub fn wait(&self, namespace: &str, what: &str, condition: &str, seconds: u32) {
        self.kubectl(&[
            "wait",
            what,
            "--namespace",
            namespace,
            &format!("--for={condition}"),
            &format!("--timeout={seconds}s"),
        ]);
    }

    /// The texts of the Events about one object, oldest first: "reason: message".
    pub fn events(&self, namespace: &str, kind: &str, name: &str) -> Vec<String> {
        let chosen = format!("involvedObject.kind={kind},involvedObject.name={name}");
        let text = self.kubectl(&[
            "get",
            "events",
            "--namespace",
            namespace,
            "--field-selector",
            &chosen,
            "--output",
            "json",
        ]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        let events = list["items"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .map(|event| {
                format!(
                    "{}: {}",
                    event["reason"].as_str().unwrap_or(""),
                    event["message"].as_str().unwrap_or("")
                )
            })
            .collect()
    }

    /// The directory of the running cluster: logs, kubeconfigs, volumes.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// The top folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

fn answer(output: Output) -> Result<String, Refused> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(Refused(format!("{text}{}", String::from_utf8_lossy(&output.stderr)).trim().to_owned()))
    }
}
