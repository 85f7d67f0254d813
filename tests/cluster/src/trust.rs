//! What a client trusts: a file that follows a Secret, as a mounted one does.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread::{JoinHandle, sleep, spawn},
    time::Duration,
};

use std::sync::Arc;

use crate::kube::Kube;

/// How often the Secret is looked at; a kubelet takes longer.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A file that follows the entry `ca.crt` of a Secret until this is dropped.
#[derive(Debug)]
pub struct Trust {
    folder: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    following: Option<JoinHandle<()>>,
}

impl Trust {
    /// Follows this Secret; the file is there when this returns.
    pub fn follow(kube: &'static Kube, namespace: &str, secret: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, stop) = (folder.path().join("ca.crt"), Arc::new(AtomicBool::new(false)));
        write(kube, namespace, secret, &file);
        let (is_over, namespace, secret) = (Arc::clone(&stop), namespace.to_owned(), secret.to_owned());
        let following = spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                sleep(LOOK_EVERY);
                write(kube, &namespace, &secret, &file);
            }
        });
        Self { folder, stop, following: Some(following) }
    }

    /// Properties of a client that believes it.
    pub fn properties(&self) -> PathBuf {
        let path = self.folder.path().join("client.properties");
        let trusted = self.folder.path().join("ca.crt");
        let text = format!(
            "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={}\n",
            trusted.display()
        );
        std::fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(following) = self.following.take() {
            let _ = following.join();
        }
    }
}

fn write(kube: &Kube, namespace: &str, secret: &str, file: &Path) {
    let template = r#"{{index .data "ca.crt" | base64decode}}"#;
    let output = format!("--output=go-template={template}");
    let read = kube.try_kubectl(&["get", "secret", secret, "--namespace", namespace, &output]);
    // A namespace that goes has none any more.
    let Ok(text) = read else { return };
    let beside = file.with_extension("new");
    if std::fs::read_to_string(file).ok().as_ref() != Some(&text) {
        std::fs::write(&beside, text).expect("a file");
        std::fs::rename(&beside, file).expect("a file");
    }
}
