//! How many open files each pod was granted: asked of its metrics once, when it is Ready. One that does not answer is
//! asked again at the next look; nothing waits for it.

use std::{collections::HashMap, time::Duration};

use futures::{StreamExt as _, stream};
use operator_plan::{objects::ADMIN_PORT, observed::PodState};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The longest wait for one pod.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pods that are asked at a time.
const CONCURRENCY: usize = 16;
/// The most that is read of an answer.
const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// Pods that are remembered; beyond that all are forgotten and asked anew.
const KNOWN_MAX: usize = 10_000;
/// The broker's metric, with what divides it from its value.
const METRIC: &str = "klamm_open_files_limit ";

/// What pods told, by their uid.
#[derive(Debug, Default)]
pub(crate) struct OpenFiles {
    known: Mutex<HashMap<String, i64>>,
}

impl OpenFiles {
    /// Fills in what is known of `pods`, after asking those that are Ready and were not asked yet.
    pub(super) async fn ask(&self, pods: &mut [PodState]) {
        let unknown: Vec<_> = {
            let known = self.known.lock();
            let of = |pod: &PodState| {
                let uid = pod.uid.clone().filter(|uid| pod.is_ready && !known.contains_key(uid))?;
                Some((uid, pod.ip.clone()?))
            };
            pods.iter().filter_map(of).collect()
        };
        let asked =
            unknown.into_iter().map(|(uid, ip)| async move { (uid, limit_of(&ip, ADMIN_PORT).await) });
        let told: Vec<_> = stream::iter(asked).buffer_unordered(CONCURRENCY).collect().await;
        let mut known = self.known.lock();
        if known.len() + told.len() > KNOWN_MAX {
            known.clear();
        }
        known.extend(told.into_iter().filter_map(|(uid, limit)| Some((uid, limit?))));
        for pod in pods {
            pod.open_files = pod.uid.as_ref().and_then(|uid| known.get(uid).copied());
        }
    }
}

async fn limit_of(host: &str, port: i32) -> Option<i64> {
    let answer = metrics_of(host, port).await?;
    let value = answer.lines().find_map(|line| line.strip_prefix(METRIC))?;
    value.trim().parse().ok()
}

/// The metrics of a pod, when it answers soon.
pub(crate) async fn metrics_of(host: &str, port: i32) -> Option<String> {
    let port = u16::try_from(port).ok()?;
    timeout(PATIENCE, get_metrics(host, port)).await.ok()?.ok()
}

/// The smallest HTTP there is: the other side ends the answer by closing.
async fn get_metrics(host: &str, port: u16) -> std::io::Result<String> {
    let mut connection = TcpStream::connect((host, port)).await?;
    connection.write_all(b"GET /metrics HTTP/1.0\r\nhost: broker\r\n\r\n").await?;
    let mut answer = Vec::new();
    connection.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::{Router, routing::get};
    use tokio::net::TcpListener;

    use super::*;
    use crate::tasks::{Kind, spawn};

    #[tokio::test]
    async fn the_figure_is_found_among_the_metrics() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let text = "# HELP klamm_open_files_limit Open files\nklamm_open_files_limit 20000\nother 1\n";
        let router = Router::new().route("/metrics", get(move || async move { text }));
        let serving = spawn(Kind::Http, async move { axum::serve(listener, router).await });
        assert_eq!(limit_of("127.0.0.1", port.into()).await, Some(20_000));
        serving.abort();
    }

    #[tokio::test]
    async fn a_pod_that_does_not_answer_is_not_known() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        assert_eq!(limit_of("127.0.0.1", port.into()).await, None);
    }
}
