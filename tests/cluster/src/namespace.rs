//! A namespace of one test: as strict as Kubernetes has it, gone afterwards, and talkative when the test fails.

use crate::kube::Kube;

/// A namespace under Pod Security `restricted`; its deletion, with all that is in it, begins when the value is dropped.
#[derive(Debug)]
pub struct Namespace {
    kube: &'static Kube,
    name: String,
}

impl Namespace {
    /// A fresh namespace; its name begins with `stem`.
    pub fn new(kube: &'static Kube, stem: &str) -> Self {
        let name = format!("{stem}-{}", std::process::id());
        kube.kubectl(&["create", "namespace", &name]);
        kube.kubectl(&["label", "namespace", &name, "pod-security.kubernetes.io/enforce=restricted"]);
        Self { kube, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What somebody who looks for the reason of a failure would ask first.
    fn tell(&self) {
        let asked: &[&[&str]] = &[
            &["get", "all,pvc,kafkaclusters,kafkanodepools,kafkatopics,kafkausers", "--output", "wide"],
            &["get", "kafkaclusters,kafkatopics,kafkausers", "--output", "yaml"],
            &["get", "events", "--sort-by=.lastTimestamp"],
            &["logs", "--selector=klamm.dev/cluster", "--all-containers", "--prefix", "--tail=100"],
        ];
        for args in asked {
            let told = self.kube.try_kubectl(&[args, &["--namespace", self.name.as_str()][..]].concat());
            eprintln!(
                "--- {} in {}\n{}",
                args.join(" "),
                self.name,
                told.unwrap_or_else(|refused| refused.0)
            );
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        }
        // Nobody waits for the end of it: the next test has a namespace and volumes of its own.
        let _ = self.kube.try_kubectl(&["delete", "namespace", &self.name, "--wait=false"]);
        let _ = self.kube.command(&["recycle"]).status();
    }
}
