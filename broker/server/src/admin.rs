//! The admin HTTP port: `/metrics`, `/healthz`, `/readyz`, `/v1/cleaner`, `/v1/groups`,
//! `/v1/groups/{group}`. Plain HTTP is read-only by design.

mod groups;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;

/// The content type of Prometheus' text format.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Serves until the broker drains.
pub(crate) async fn serve(listener: TcpListener, broker: Arc<Broker>, draining: CancellationToken) {
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/v1/cleaner", get(cleaner))
        .route("/v1/groups", get(groups::list))
        .route("/v1/groups/{group}", get(groups::show))
        .with_state(broker);
    let served = axum::serve(listener, router).with_graceful_shutdown(draining.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the admin port failed");
    }
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
