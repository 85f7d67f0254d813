//! One request of every API. Whoever may do what they ask for changes nothing by them, or the same on both brokers.

mod groups;
pub(in crate::differential) mod nodes;

use tests_compat::Body;

use super::{ALL, Acl, EVERYTHING, Filter, SUBJECT, TOPIC, create, delete, filter};
use crate::differential::ID;
use crate::differential::api::Api;
use crate::differential::batch::Batch;

/// A request by its name.
pub(in crate::differential) struct Asked {
    pub(in crate::differential) name: &'static str,
    pub(in crate::differential) frame: Vec<u8>,
    /// How much of the answer is compared: the rest is each broker's own.
    pub(in crate::differential) length: usize,
}

/// In this version, of which versions `first_flexible` is the first compact one.
pub(in crate::differential) fn asked(
    name: &'static str,
    (key, version, first_flexible): (i16, i16, i16),
    body: impl Fn(Body) -> Body,
) -> Asked {
    let api = Api { key, versions: version..=version, first_flexible };
    Asked { name, frame: api.frame(version, |_, to| body(to)), length: usize::MAX }
}

impl Asked {
    fn up_to(self, length: usize) -> Self {
        Self { length, ..self }
    }
}

/// Where a flexible answer's first error code ends, with and without a throttle time before it.
pub(in crate::differential) const THROTTLE_AND_CODE: usize = 4 + 1 + 4 + 2;

/// All of them.
pub(in crate::differential) fn all() -> Vec<Asked> {
    let mut all = records();
    all.extend(metadata());
    all.extend(groups::all());
    all.extend(transactions());
    all.extend(topics());
    all.extend(configs());
    all.extend(cluster());
    all.extend(tokens());
    all.extend(users());
    all.extend(voters());
    all
}

/// What is answered before anybody is asked who he is.
const UNASKED: [i16; 3] = [SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE];
const SASL_HANDSHAKE: i16 = 17;
pub(in crate::differential) const API_VERSIONS: i16 = 18;
const SASL_AUTHENTICATE: i16 = 36;

/// Which APIs, of those that an answer to ApiVersions 0 lists, are not among `all`.
pub(in crate::differential) fn missing(listed: &[u8], all: &[Asked]) -> Vec<i16> {
    let key = |bytes: &[u8]| bytes.first_chunk().copied().map_or(-1, i16::from_be_bytes);
    // After the length of the frame.
    let asked: Vec<_> = all.iter().map(|asked| key(&asked.frame[4..])).chain(UNASKED).collect();
    // The correlation id, the code and how many there are; each with its first and its last version.
    let keys = listed[10..].chunks_exact(6).map(key);
    keys.filter(|key| !asked.contains(key)).collect()
}

fn records() -> Vec<Asked> {
    let batch = Batch::new(1).bytes();
    let partition = |body: Body| body.array(Some(1)).int32(0);
    vec![
        asked("produce", (0, 9, 9), |body| {
            let body = body.text(None).int16(-1).int32(5000).array(Some(1)).text(Some("diff"));
            partition(body).blob(&batch).end().end().end()
        }),
        asked("produce by id", (0, 13, 9), |body| {
            let body = body.text(None).int16(-1).int32(5000).array(Some(1)).raw(&ID);
            partition(body).blob(&batch).end().end().end()
        }),
        asked("produce to what is not there", (0, 9, 9), |body| {
            let body = body.text(None).int16(-1).int32(5000).array(Some(1)).text(Some("missing"));
            partition(body).blob(&batch).end().end().end()
        })
        .up_to(40),
        asked("produce in a transaction", (0, 9, 9), |body| {
            let body = body.text(Some("t")).int16(-1).int32(5000).array(Some(1)).text(Some("diff"));
            let batch = Batch::new(1).sent_by((999, 0, 0)).in_transaction().bytes();
            partition(body).blob(&batch).end().end().end()
        })
        .up_to(30),
        asked("fetch", (1, 12, 12), |body| {
            let body = body.int32(-1).int32(0).int32(0).int32(1000).int8(0).int32(0).int32(-1);
            let body = partition(body.array(Some(1)).text(Some("diff")));
            let body = body.int32(-1).int64(1_000_000).int32(-1).int64(-1).int32(1000).end().end();
            body.array(Some(0)).text(Some("")).end()
        }),
        asked("fetch by id", (1, 13, 12), |body| {
            let body = body.int32(-1).int32(0).int32(0).int32(1000).int8(0).int32(0).int32(-1);
            let body = partition(body.array(Some(1)).raw(&ID));
            let body = body.int32(-1).int64(1_000_000).int32(-1).int64(-1).int32(1000).end().end();
            body.array(Some(0)).text(Some("")).end()
        }),
        asked("fetch as a replica", (1, 12, 12), |body| {
            let body = body.int32(7).int32(0).int32(0).int32(1000).int8(0).int32(0).int32(-1);
            let body = partition(body.array(Some(1)).text(Some("missing")));
            let body = body.int32(-1).int64(0).int32(-1).int64(-1).int32(1000).end().end();
            body.array(Some(0)).text(Some("")).end()
        }),
        asked("offsets", (2, 7, 6), |body| {
            let body = body.int32(-1).int8(0).array(Some(1)).text(Some("diff"));
            partition(body).int32(-1).int64(-2).end().end().end()
        }),
        asked("offsets of what is not there", (2, 7, 6), |body| {
            let body = body.int32(-1).int8(0).array(Some(1)).text(Some("missing"));
            partition(body).int32(-1).int64(-2).end().end().end()
        }),
        asked("ends of epochs", (23, 4, 4), |body| {
            let body = partition(body.int32(-1).array(Some(1)).text(Some("diff")));
            body.int32(-1).int32(7).end().end().end()
        }),
        asked("delete records", (21, 2, 2), |body| {
            let body = partition(body.array(Some(1)).text(Some("diff")));
            body.int64(0).end().end().int32(5000).end()
        }),
        asked("delete records of what is not there", (21, 2, 2), |body| {
            let body = partition(body.array(Some(1)).text(Some("missing")));
            body.int64(0).end().end().int32(5000).end()
        }),
        asked("producers", (61, 0, 0), |body| partition(body.array(Some(1)).text(Some("diff"))).end().end()),
    ]
}

fn metadata() -> Vec<Asked> {
    let named = |body: Body, name| body.raw(&[0; 16]).text(Some(name)).end();
    vec![
        asked("metadata", (3, 12, 9), |body| named(body.array(Some(1)), "diff").int8(0).int8(1).end()),
        asked("metadata of what is not there", (3, 12, 9), |body| {
            named(body.array(Some(1)), "missing").int8(0).int8(1).end()
        }),
        asked("metadata of one that is there and one that is not", (3, 12, 9), |body| {
            named(named(body.array(Some(2)), "missing"), "diff").int8(0).int8(0).end()
        })
        .up_to(0),
        asked("metadata by id", (3, 12, 9), |body| {
            body.array(Some(1)).raw(&ID).text(None).end().int8(0).int8(1).end()
        }),
        asked("metadata by an unknown id", (3, 12, 9), |body| {
            body.array(Some(1)).raw(&[7; 16]).text(None).end().int8(0).int8(1).end()
        }),
        asked("metadata of the cluster", (3, 9, 9), |body| body.array(Some(0)).int8(0).int8(1).int8(0).end()),
        asked("partitions", (75, 0, 0), |body| {
            body.array(Some(1)).text(Some("diff")).end().int32(10).int8(-1).end()
        }),
        asked("partitions of what is not there", (75, 0, 0), |body| {
            body.array(Some(1)).text(Some("missing")).end().int32(10).int8(-1).end()
        }),
        asked("the cluster", (60, 0, 0), |body| body.int8(1).end()),
    ]
}

/// They create topics where that is allowed.
pub(in crate::differential) fn creating() -> Vec<Asked> {
    let named = |body: Body, name| body.raw(&[0; 16]).text(Some(name)).end();
    vec![
        asked("metadata that creates", (3, 12, 9), |body| {
            named(body.array(Some(1)), "missing").int8(1).int8(1).end()
        }),
        asked("metadata that creates a bad name", (3, 12, 9), |body| {
            named(body.array(Some(1)), "bad/name").int8(1).int8(1).end()
        }),
        asked("metadata that creates an internal topic", (3, 12, 9), |body| {
            named(body.array(Some(1)), "__share_group_state").int8(1).int8(1).end()
        }),
        asked("metadata that creates one of two", (3, 12, 9), |body| {
            named(named(body.array(Some(2)), "missing"), "diff").int8(1).int8(1).end()
        }),
    ]
}

fn transactions() -> Vec<Asked> {
    let producer = |body: Body| body.text(Some("t")).int64(999).int16(0);
    vec![
        asked("find a transactional id", (10, 3, 3), |body| body.text(Some("t")).int8(1).end()),
        asked("an idempotent producer", (22, 4, 2), |body| {
            body.text(None).int32(1000).int64(-1).int16(-1).end()
        })
        .up_to(THROTTLE_AND_CODE),
        asked("a transactional producer", (22, 4, 2), |body| {
            body.text(Some("t")).int32(0).int64(-1).int16(-1).end()
        }),
        asked("add partitions", (24, 3, 3), |body| {
            let body = producer(body).array(Some(1)).text(Some("diff"));
            body.array(Some(1)).int32(0).end().end()
        }),
        asked("add offsets", (25, 3, 3), |body| producer(body).text(Some("g")).end()),
        asked("end", (26, 3, 3), |body| producer(body).int8(1).end()),
        asked("commit offsets in a transaction", (28, 3, 3), |body| {
            let body = body.text(Some("t")).text(Some("g")).int64(999).int16(0);
            let body = body.int32(-1).text(Some("")).text(None).array(Some(1)).text(Some("diff"));
            body.array(Some(1)).int32(0).int64(7).int32(-1).text(None).end().end().end()
        }),
        asked("write markers", (27, 1, 1), |body| {
            let body = body.array(Some(1)).int64(999).int16(0).int8(0).array(Some(1)).text(Some("missing"));
            body.array(Some(1)).int32(0).end().int32(0).end().end()
        }),
        asked("describe transactions", (65, 0, 0), |body| body.array(Some(1)).text(Some("t")).end()),
        asked("list transactions", (66, 1, 0), |body| body.array(Some(0)).array(Some(0)).int64(-1).end()),
    ]
}

fn topics() -> Vec<Asked> {
    let topic = |body: Body, name| {
        body.array(Some(1)).text(Some(name)).int32(1).int16(1).array(Some(0)).array(Some(0)).end()
    };
    vec![
        // Before ids: each broker draws its own. Of its configs there are many, in any order.
        asked("create a topic", (19, 6, 5), |body| topic(body, "new").int32(5000).int8(1).end()).up_to(80),
        asked("create a topic that is there", (19, 7, 5), |body| {
            topic(body, "diff").int32(5000).int8(1).end()
        }),
        asked("grow", (37, 3, 2), |body| {
            let body = body.array(Some(1)).text(Some("diff")).int32(3).array(None).end();
            body.int32(5000).int8(1).end()
        }),
        asked("grow what is not there", (37, 3, 2), |body| {
            let body = body.array(Some(1)).text(Some("missing")).int32(3).array(None).end();
            body.int32(5000).int8(1).end()
        }),
        asked("delete what is not there", (20, 6, 4), |body| {
            body.array(Some(1)).text(Some("missing")).raw(&[0; 16]).end().int32(5000).end()
        }),
        asked("delete by an unknown id", (20, 6, 4), |body| {
            body.array(Some(1)).text(None).raw(&[7; 16]).end().int32(5000).end()
        }),
    ]
}

/// The topic is gone where this is allowed.
pub(in crate::differential) fn deletions() -> Vec<Asked> {
    vec![
        asked("delete a topic", (20, 6, 4), |body| {
            body.array(Some(1)).text(Some("diff")).raw(&[0; 16]).end().int32(5000).end()
        }),
        asked("delete a topic by id", (20, 6, 4), |body| {
            body.array(Some(1)).text(None).raw(&ID).end().int32(5000).end()
        }),
    ]
}

fn configs() -> Vec<Asked> {
    let resource = |body: Body, kind, name| body.array(Some(1)).int8(kind).text(Some(name));
    let described = |name, kind, of, key: &'static str| {
        asked(name, (32, 4, 4), move |body| {
            let body = resource(body, kind, of).array(Some(1)).text(Some(key)).end();
            body.int8(0).int8(0).end()
        })
    };
    let altered = |name, kind, of, key: &'static str, value: &'static str| {
        asked(name, (44, 1, 1), move |body| {
            let body = resource(body, kind, of).array(Some(1)).text(Some(key)).int8(0);
            body.text(Some(value)).end().end().int8(1).end()
        })
    };
    vec![
        described("configs of a topic", 2, "diff", "retention.ms"),
        described("configs of what is not there", 2, "missing", "retention.ms"),
        described("configs of a broker", 4, "1", "log.retention.ms"),
        described("configs of a group", 32, "g", "consumer.session.timeout.ms"),
        altered("change a topic's configs", 2, "diff", "retention.ms", "1000"),
        altered("change configs of what is not there", 2, "missing", "retention.ms", "1000"),
        altered("change the brokers' configs", 4, "", "log.cleaner.threads", "2"),
        altered("change a group's configs", 32, "g", "consumer.session.timeout.ms", "46000"),
        asked("set a topic's configs", (33, 2, 2), |body| {
            let body = body.array(Some(1)).int8(2).text(Some("diff")).array(Some(1));
            body.text(Some("retention.ms")).text(Some("1000")).end().end().int8(1).end()
        }),
        asked("resources with configs", (74, 1, 0), |body| body.array(Some(1)).int8(4).end()),
    ]
}

fn cluster() -> Vec<Asked> {
    let nobodys: Filter<'_> = (TOPIC, Some("nobody's"), 3, None, Some(SUBJECT), ALL, 1);
    vec![
        asked("log directories", (35, 4, 2), |body| body.array(Some(0)).end()).up_to(THROTTLE_AND_CODE),
        asked("move between log directories", (34, 2, 2), |body| {
            let body = body.array(Some(1)).text(Some("/nowhere")).array(Some(1)).text(Some("diff"));
            body.array(Some(1)).int32(0).end().end().end()
        }),
        asked("elect", (43, 2, 2), |body| {
            let body = body.int8(0).array(Some(1)).text(Some("missing")).array(Some(1)).int32(0).end();
            body.int32(5000).end()
        }),
        asked("reassign", (45, 0, 0), |body| {
            let body = body.int32(5000).array(Some(1)).text(Some("diff"));
            body.array(Some(1)).int32(0).array(None).end().end().end()
        }),
        asked("reassignments", (46, 0, 0), |body| body.int32(5000).array(None).end()),
        asked("the quorum", (55, 2, 0), |body| {
            let body = body.array(Some(1)).text(Some("__cluster_metadata"));
            body.array(Some(1)).int32(0).end().end().end()
        })
        .up_to(4 + 1 + 2),
        asked("raise a feature", (57, 1, 0), |body| {
            body.int32(5000).array(Some(1)).text(Some("no.such")).int16(1).int8(1).end().int8(1).end()
        }),
        asked("forget a broker", (64, 0, 0), |body| body.int32(77).end()),
        asked("entries", (29, 3, 2), |body| filter(body, EVERYTHING)).up_to(THROTTLE_AND_CODE),
        asked("delete entries", (31, 3, 2), |body| delete(body, &[nobodys])),
    ]
}

/// Over a plain listener nobody may ask for tokens, whatever he may do; `differential::tokens` asks over another.
fn tokens() -> Vec<Asked> {
    vec![
        asked("make a token", (38, 3, 2), |body| body.text(None).text(None).array(Some(0)).int64(-1).end()),
        asked("make a token for another", (38, 3, 2), |body| {
            body.text(Some("User")).text(Some("bob")).array(Some(0)).int64(-1).end()
        }),
        asked("renew a token", (39, 2, 2), |body| body.blob(b"x").int64(-1).end()),
        asked("end a token", (40, 2, 2), |body| body.blob(b"x").int64(-1).end()),
        asked("tokens", (41, 3, 2), |body| body.array(None).end()),
    ]
}

fn users() -> Vec<Asked> {
    let entity = |body: Body| body.array(Some(1)).text(Some("user")).text(Some("alice")).end();
    vec![
        asked("quotas", (48, 1, 1), |body| {
            body.array(Some(1)).text(Some("user")).int8(0).text(Some("alice")).end().int8(0).end()
        }),
        asked("change quotas", (49, 1, 1), |body| {
            let body = entity(body.array(Some(1))).array(Some(1)).text(Some("consumer_byte_rate"));
            body.int64(0).int8(1).end().end().int8(1).end()
        }),
        asked("users of SCRAM", (50, 0, 0), |body| body.array(Some(1)).text(Some("nobody")).end().end()),
        asked("remove a user of SCRAM", (51, 0, 0), |body| {
            body.array(Some(1)).text(Some("nobody")).int8(1).end().array(Some(0)).end()
        }),
        // Of no name: who may make entries hears so.
        asked("make entries", (30, 3, 2), |body| {
            create(body, &[Acl { name: "", ..Acl::allow(TOPIC, "", ALL) }])
        }),
    ]
}

fn voters() -> Vec<Asked> {
    let cluster = |body: Body| body.text(Some("another"));
    vec![
        asked("add a voter", (80, 0, 0), |body| {
            cluster(body).int32(5000).int32(9).raw(&[7; 16]).array(Some(0)).end()
        }),
        asked("remove a voter", (81, 0, 0), |body| cluster(body).int32(9).raw(&[7; 16]).end()),
    ]
}
