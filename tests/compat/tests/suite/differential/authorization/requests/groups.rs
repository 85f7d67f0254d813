//! What members of groups, and those who look after groups, ask of coordinators.

use tests_compat::Body;

use super::{Asked, asked};

/// All of it.
pub(super) fn all() -> Vec<Asked> {
    let group = |body: Body| body.text(Some("g"));
    vec![
        asked("find a group", (10, 3, 3), |body| group(body).int8(0).end()),
        asked("find groups", (10, 4, 3), |body| group(body.int8(0).array(Some(1))).end()),
        asked("join", (11, 9, 6), |body| {
            let body = group(body).int32(1).int32(1).text(Some("")).text(None).text(Some("consumer"));
            body.array(Some(1)).text(Some("range")).blob(b"x").end().text(None).end()
        }),
        asked("sync", (14, 5, 4), |body| {
            let body = group(body).int32(1).text(Some("nobody")).text(None);
            body.text(Some("consumer")).text(Some("range")).array(Some(0)).end()
        }),
        asked("heartbeat", (12, 4, 4), |body| group(body).int32(1).text(Some("nobody")).text(None).end()),
        asked("leave", (13, 5, 4), |body| {
            group(body).array(Some(1)).text(Some("nobody")).text(None).text(None).end().end()
        }),
        asked("commit offsets", (8, 8, 8), |body| {
            let body = group(body).int32(-1).text(Some("")).text(None).array(Some(2));
            let one = |body: Body, topic| {
                let body = body.text(Some(topic)).array(Some(1)).int32(0).int64(3).int32(0);
                body.text(None).end().end()
            };
            one(one(body, "diff"), "missing").end()
        })
        .up_to(0),
        asked("commit offsets of one", (8, 8, 8), |body| {
            let body = group(body).int32(-1).text(Some("")).text(None).array(Some(1)).text(Some("diff"));
            body.array(Some(1)).int32(0).int64(3).int32(0).text(None).end().end().end()
        }),
        asked("commit offsets of what is not there", (8, 8, 8), |body| {
            let body = group(body).int32(-1).text(Some("")).text(None).array(Some(1)).text(Some("missing"));
            body.array(Some(1)).int32(0).int64(3).int32(0).text(None).end().end().end()
        }),
        asked("fetch offsets", (9, 7, 6), |body| {
            let body = group(body).array(Some(1)).text(Some("diff")).array(Some(1)).int32(0).end();
            body.int8(0).end()
        }),
        asked("fetch all offsets", (9, 7, 6), |body| group(body).array(None).int8(0).end()),
        asked("fetch all offsets of groups", (9, 8, 6), |body| {
            group(body.array(Some(1))).array(None).end().int8(0).end()
        }),
        asked("delete offsets", (47, 0, 1), |body| {
            group(body).array(Some(1)).text(Some("missing")).array(Some(1)).int32(0)
        }),
        asked("describe groups", (15, 5, 5), |body| group(body.array(Some(1))).int8(1).end()),
        asked("describe consumer groups", (69, 0, 0), |body| group(body.array(Some(1))).int8(1).end()),
        asked("be a member", (68, 0, 0), |body| {
            let body = group(body).text(Some("m")).int32(5).text(None).text(None).int32(-1);
            body.array(Some(1)).text(Some("diff")).text(None).array(None).end()
        }),
        asked("list groups", (16, 4, 3), |body| body.array(Some(0)).end()),
        asked("delete groups", (42, 2, 2), |body| body.array(Some(1)).text(Some("nobody")).end()),
    ]
}
