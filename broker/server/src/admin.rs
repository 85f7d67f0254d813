//! The admin HTTP port: `/metrics`, `/healthz`, `/readyz`, `/v1/cleaner`, `/v1/groups`,
//! `/v1/groups/{group}`. Encrypted where `klamm.admin.ssl.…` says so.
//!
//! Invariant: it only reads. What changes something goes over a listener of Kafka's protocol, where it is known who asks.

mod encrypted;
mod groups;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
    serve::Listener,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    broker::Broker,
    settings::ADMIN_LISTENER,
    start::{StartError, refused},
    tasks::TaskKind,
};

use encrypted::Encrypted;

/// The content type of Prometheus' text format.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is answered to everything but GET and HEAD.
const ONLY_READS: &str =
    "the admin port only reads: whatever changes something goes over a listener of Kafka's protocol\n";

/// Opens the port, if there is to be one, and serves it from now on.
///
/// # Errors
/// When somebody asked for the address and it cannot be had.
pub(crate) async fn open(broker: &Arc<Broker>) -> Result<(), StartError> {
    let settings = &broker.settings().admin;
    let Some(address) = settings.address else { return Ok(()) };
    match TcpListener::bind(address).await {
        Ok(socket) => {
            let tls = broker.encryption.admin();
            tracing::info!(address = %socket.local_addr()?, encrypted = tls.is_some(), "admin HTTP");
            let draining = broker.tasks().draining();
            let router = router(Arc::clone(broker));
            match tls {
                None => broker.tasks().spawn(TaskKind::Admin, serve(socket, router, draining)),
                Some(acceptor) => {
                    let socket = Encrypted::new(socket, acceptor);
                    broker.tasks().spawn(TaskKind::Admin, serve(socket, router, draining));
                }
            }
            Ok(())
        }
        // Nobody asked for the port: several brokers on one machine share its default.
        Err(error) if !settings.is_explicit => {
            tracing::warn!(%address, %error, "no admin HTTP: the default port is taken");
            Ok(())
        }
        Err(source) => Err(refused(ADMIN_LISTENER, address.to_string(), &source)),
    }
}

/// Serves until the broker drains.
async fn serve<L>(listener: L, router: Router, draining: CancellationToken)
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let served = axum::serve(listener, router).with_graceful_shutdown(draining.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the admin port failed");
    }
}

fn router(broker: Arc<Broker>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/v1/cleaner", get(cleaner))
        .route("/v1/groups", get(groups::list))
        .route("/v1/groups/{group}", get(groups::show))
        .method_not_allowed_fallback(|| async { (StatusCode::METHOD_NOT_ALLOWED, ONLY_READS) })
        .with_state(broker)
}

async fn metrics(State(broker): State<Arc<Broker>>) -> impl IntoResponse {
    let now = broker.clock().mono();
    broker.metrics().cleaner.refresh(now);
    broker.metrics().groups.refresh(&broker.lag.latest(&broker), now);
    let text = broker.metrics().text().and_then(|mut text| {
        text.extend(broker.encryption.metrics()?);
        Ok(text)
    });
    match text {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, EXPOSITION)], text),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "text/plain")],
            error.to_string().into_bytes(),
        ),
    }
}

/// The logs that cannot be compacted, and why.
async fn cleaner(State(broker): State<Arc<Broker>>) -> impl IntoResponse {
    Json(serde_json::json!({ "uncleanable": broker.uncleanable.shown() }))
}

async fn ready(State(broker): State<Arc<Broker>>) -> (StatusCode, String) {
    match broker.not_ready_reason() {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}
