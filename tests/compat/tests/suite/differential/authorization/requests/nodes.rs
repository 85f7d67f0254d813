//! What only nodes say to controllers.

use tests_compat::Body;

use super::{Asked, asked};

/// All of it, and what the requests of everybody leave out.
pub(in crate::differential) fn all() -> Vec<Asked> {
    let metadata = |body: Body| body.array(Some(1)).text(Some("__cluster_metadata")).array(Some(1)).int32(0);
    let id = [7; 16];
    vec![
        asked("vote", (52, 0, 0), |body| {
            metadata(body.text(None)).int32(9).int32(2).int32(0).int64(0).end().end().end()
        }),
        asked("vote, newer", (52, 2, 0), |body| {
            let body = metadata(body.text(None).int32(1)).int32(9).int32(2).raw(&id).raw(&id);
            body.int32(0).int64(0).int8(1).end().end().end()
        }),
        asked("a leader", (53, 0, 1), |body| metadata(body.text(None)).int32(2).int32(9)),
        asked("the end of a leader", (54, 0, 1), |body| {
            metadata(body.text(None)).int32(2).int32(9).array(Some(0))
        }),
        asked("a snapshot", (59, 0, 0), |body| {
            let body = metadata(body.int32(2).int32(100)).int32(1).int64(1).int32(1).end();
            body.int64(0).end().end().end()
        }),
        asked("in sync", (56, 3, 0), |body| {
            let body = body.int32(2).int64(1).array(Some(1)).raw(&id).array(Some(1)).int32(0).int32(1);
            body.array(Some(1)).int32(2).int64(1).end().int8(0).int32(1).end().end().end()
        }),
        asked("a broker", (62, 0, 0), |body| {
            body.int32(2).text(Some("c")).raw(&id).array(Some(0)).array(Some(0)).text(None).end()
        }),
        asked("a heartbeat", (63, 0, 0), |body| body.int32(2).int64(1).int64(1).int8(0).int8(0).end()),
        asked("ids of producers", (67, 0, 0), |body| body.int32(2).int64(1).end()),
        asked("a controller", (70, 0, 0), |body| {
            body.int32(2).raw(&id).int8(0).array(Some(0)).array(Some(0)).end()
        }),
        asked("directories of replicas", (73, 0, 0), |body| body.int32(2).int64(1).array(Some(0)).end()),
        asked("a voter elsewhere", (82, 0, 0), |body| {
            body.text(None).int32(1).int32(2).raw(&id).array(Some(0)).int16(0).int16(1).end().end()
        }),
        asked("an envelope", (58, 0, 0), |body| body.blob(b"x").blob(b"y").blob(&[127, 0, 0, 1]).end()),
        asked("the controllers", (60, 1, 0), |body| body.int8(0).int8(2).end()),
        asked("the controllers and what may be done", (60, 1, 0), |body| body.int8(1).int8(2).end()),
    ]
}
