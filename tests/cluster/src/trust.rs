//! What a client trusts and shows: files that follow Secrets, as mounted ones do.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread::{JoinHandle, sleep, spawn},
    time::Duration,
};

use std::sync::Arc;

use crate::kube::Kube;

/// How often the Secret is looked at; a kubelet takes longer.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A file that follows entries of a Secret.
#[derive(Clone, Debug)]
struct Followed {
    secret: String,
    entries: &'static [&'static str],
    file: PathBuf,
}

/// Files that follow Secrets until this is dropped: who vouches for nodes, and what a user shows.
#[derive(Debug)]
pub struct Trust {
    folder: tempfile::TempDir,
    shows: Option<PathBuf>,
    stop: Arc<AtomicBool>,
    following: Option<JoinHandle<()>>,
}

impl Trust {
    /// Follows this Secret; the file is there when this returns.
    pub fn follow(kube: &'static Kube, namespace: &str, secret: &str) -> Self {
        Self::files(kube, namespace, secret, None)
    }

    /// The same, and the Secret of a user, whose certificate is shown.
    pub fn follow_user(kube: &'static Kube, namespace: &str, secret: &str, user: &str) -> Self {
        Self::files(kube, namespace, secret, Some(user))
    }

    fn files(kube: &'static Kube, namespace: &str, secret: &str, user: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stop = Arc::new(AtomicBool::new(false));
        let followed = |secret: &str, entries, name: &str| Followed {
            secret: secret.to_owned(),
            entries,
            file: folder.path().join(name),
        };
        let shown = user.map(|user| followed(user, &["user.key", "user.crt"], "user.pem"));
        let shows = shown.as_ref().map(|shown| shown.file.clone());
        let all: Vec<_> = [followed(secret, &["ca.crt"], "ca.crt")].into_iter().chain(shown).collect();
        all.iter().for_each(|one| write(kube, namespace, one));
        let (is_over, namespace) = (Arc::clone(&stop), namespace.to_owned());
        let following = spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                sleep(LOOK_EVERY);
                all.iter().for_each(|one| write(kube, &namespace, one));
            }
        });
        Self { folder, shows, stop, following: Some(following) }
    }

    /// Properties of a client that believes it.
    pub fn properties(&self) -> PathBuf {
        let path = self.folder.path().join("client.properties");
        let trusted = self.folder.path().join("ca.crt");
        let mut text = format!(
            "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={}\n",
            trusted.display()
        );
        if let Some(shows) = &self.shows {
            text += &format!("ssl.keystore.type=PEM\nssl.keystore.location={}\n", shows.display());
        }
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

fn write(kube: &Kube, namespace: &str, Followed { secret, entries, file }: &Followed) {
    let template = |entry: &&str| format!("{{{{index .data {entry:?} | base64decode}}}}");
    let output = format!("--output=go-template={}", entries.iter().map(template).collect::<String>());
    let read = kube.try_kubectl(&["get", "secret", secret, "--namespace", namespace, &output]);
    // A namespace that goes has none any more.
    let Ok(text) = read else { return };
    let beside = file.with_extension("new");
    if std::fs::read_to_string(file).ok().as_ref() != Some(&text) {
        std::fs::write(&beside, text).expect("a file");
        std::fs::rename(&beside, file).expect("a file");
    }
}
