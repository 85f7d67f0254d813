//! What controllers answer that are not the active one: who asks them for what only that one may do hears
//! NOT_CONTROLLER, and turns to it.

use anyhow::{Result, ensure};
use tests_compat::{Body, Broker, CLUSTER_ID, Cluster, Kind, Roles, Spec};

use super::authorization::requests::{self, Asked, asked, nodes};
use super::authorization::{ALL, AUTHORIZER, Acl, EVERYBODY, TOPIC, create};
use super::drawn::Drawn;
use super::{ID, Outcome, Pair};

/// Who leads the quorum, as the other controllers do not try to.
const ACTIVE: usize = 1;
/// Who is asked.
const ASKED: usize = 2;
/// The only broker.
const BROKER: usize = 4;
/// Longer than the test takes.
const NEVER: &str = "600000";

/// Three controllers, of which the first leads as long as it lives, and a broker with the topic that requests name.
fn cluster(kind: Kind) -> Result<Cluster> {
    let controller = || {
        let spec = Spec::new(kind).roles(Roles::Controller).set("super.users", EVERYBODY);
        spec.set("authorizer.class.name", AUTHORIZER).set("controller.quorum.fetch.timeout.ms", NEVER)
    };
    let follower = || controller().set("controller.quorum.election.timeout.ms", NEVER);
    let broker = Spec::new(kind).roles(Roles::Broker).set("super.users", EVERYBODY);
    let broker = broker.set("authorizer.class.name", AUTHORIZER);
    let cluster = Cluster::start_specs(vec![controller(), follower(), follower(), broker])?;
    ensure!(cluster.leader()? == ACTIVE, "another leads");
    cluster.nodes()[BROKER - 1].create_topic("diff", 2, &[])?;
    Ok(cluster)
}

/// Both clusters, of which the same controller is asked that is not the active one.
struct Clusters {
    pair: Pair,
    /// The other nodes, which must go on.
    _others: Vec<Broker>,
}

impl Clusters {
    fn start() -> Result<Self> {
        let (mut apache, mut tested) =
            (cluster(Kind::Apache)?.into_nodes(), cluster(Kind::under_test()?)?.into_nodes());
        let ports = |nodes: &[Broker], at: fn(&Broker) -> std::net::SocketAddr| -> Vec<Vec<u8>> {
            nodes.iter().map(|node| at(node).port().to_be_bytes().to_vec()).collect()
        };
        let mut drawn = Vec::new();
        for at in [Broker::controller_address, Broker::address] {
            for (theirs, ours) in ports(&apache, at).into_iter().zip(ports(&tested, at)) {
                let number = u8::try_from(drawn.len())?;
                drawn.push(Drawn::new(&[0xfa, number], [theirs, ours]));
            }
        }
        let id = |nodes: &[Broker]| super::id_of_diff(&nodes[BROKER - 1]);
        drawn.push(Drawn::new(&ID, [id(&apache)?, id(&tested)?]));
        let asked = |nodes: &mut Vec<Broker>| nodes.remove(ASKED - 1);
        let pair = Pair::of(asked(&mut apache), asked(&mut tested));
        let pair = Pair { drawn, asks_controllers: true, ..pair };
        Ok(Self { pair, _others: apache.into_iter().chain(tested).collect() })
    }
}

/// What Kafka's controllers advertise and do not serve: they answer with an error, ours as brokers do.
const UNSERVED: [&str; 2] = ["tokens", "users of SCRAM"];
/// What would change who leads, and what a member of the quorum would not say.
const BETWEEN_MEMBERS: [&str; 8] = [
    "vote",
    "vote, newer",
    "a leader",
    "the end of a leader",
    "a voter elsewhere",
    "a snapshot",
    "fetch as a replica",
    "fetch by id",
];

/// What a controller looks at before it says that another one is active.
fn looked_at_before() -> Vec<Asked> {
    let topics = |body: Body, names: &[&str]| {
        let one = |body: Body, name: &&str| {
            body.text(Some(name)).int32(1).int16(1).array(Some(0)).array(Some(0)).end()
        };
        names.iter().fold(body.array(Some(names.len())), one).int32(5000).int8(1).end()
    };
    let grown = |body: Body, names: &[&str]| {
        let one = |body: Body, name: &&str| body.text(Some(name)).int32(3).array(None).end();
        names.iter().fold(body.array(Some(names.len())), one).int32(5000).int8(1).end()
    };
    let deleted = |body: Body, named: &[(Option<&str>, [u8; 16])]| {
        let one = |body: Body, (name, id): &(Option<&str>, [u8; 16])| body.text(*name).raw(id).end();
        named.iter().fold(body.array(Some(named.len())), one).int32(5000).end()
    };
    let configs = |body: Body, of: &[(i8, &str)]| {
        let one =
            |body: Body, (kind, name): &(i8, &str)| body.int8(*kind).text(Some(name)).array(Some(0)).end();
        of.iter().fold(body.array(Some(of.len())), one).int8(1).end()
    };
    let none = [0; 16];
    vec![
        asked("create one twice", (19, 7, 5), |body| topics(body, &["x", "x"])),
        asked("create one twice and another", (19, 7, 5), |body| topics(body, &["x", "x", "y"])),
        asked("create the metadata's topic", (19, 7, 5), |body| topics(body, &["__cluster_metadata"])),
        asked("create nothing", (19, 7, 5), |body| topics(body, &[])),
        asked("grow one twice", (37, 3, 2), |body| grown(body, &["diff", "diff"])),
        asked("grow one twice and another", (37, 3, 2), |body| grown(body, &["diff", "diff", "x"])),
        asked("delete one twice", (20, 6, 4), |body| {
            deleted(body, &[(Some("diff"), none), (Some("diff"), none)])
        }),
        asked("delete an id twice", (20, 6, 4), |body| deleted(body, &[(None, [7; 16]), (None, [7; 16])])),
        asked("delete what is not named", (20, 6, 4), |body| deleted(body, &[(None, none)])),
        asked("delete by both", (20, 6, 4), |body| deleted(body, &[(Some("diff"), ID)])),
        asked("delete one and what is not there", (20, 6, 4), |body| {
            deleted(body, &[(Some("diff"), none), (Some("missing"), none)])
        }),
        asked("delete in an old version", (20, 5, 4), |body| {
            body.array(Some(1)).text(Some("diff")).int32(5000).end()
        }),
        asked("change one twice", (44, 1, 1), |body| configs(body, &[(2, "diff"), (2, "diff")])),
        asked("change one twice and another", (44, 1, 1), |body| {
            configs(body, &[(2, "diff"), (2, "diff"), (2, "missing")])
        }),
        asked("change an unknown type", (44, 1, 1), |body| configs(body, &[(99, "x")])),
        asked("change an unknown type and a topic", (44, 1, 1), |body| {
            configs(body, &[(99, "x"), (2, "diff")])
        }),
        asked("change levels of another", (44, 1, 1), |body| configs(body, &[(8, "1")])),
        asked("change what cannot be", (44, 1, 1), |body| {
            let body = body.array(Some(1)).int8(4).text(Some("")).array(Some(1)).text(Some("node.id"));
            body.int8(9).text(Some("x")).end().end().int8(1).end()
        }),
        asked("set one twice", (33, 2, 2), |body| configs(body, &[(2, "diff"), (2, "diff")])),
        asked("set levels", (33, 2, 2), |body| configs(body, &[(8, "2")])),
        asked("set an unknown type", (33, 2, 2), |body| configs(body, &[(99, "x")])),
    ]
}

/// The same of what is neither a topic nor a config.
fn looked_at_before_of_the_cluster() -> Vec<Asked> {
    let elected =
        |body: Body| body.array(Some(1)).text(Some("missing")).array(Some(1)).int32(0).end().int32(5000);
    vec![
        asked("elect in the first version", (43, 0, 2), elected),
        asked("elect in the second version", (43, 1, 2), |body| elected(body.int8(0))),
        asked("elect nothing", (43, 2, 2), |body| body.int8(0).array(Some(0)).int32(5000).end()),
        asked("elect oddly", (43, 2, 2), |body| body.int8(7).array(None).int32(5000).end()),
        asked("reassign nothing", (45, 1, 0), |body| body.int32(5000).int8(1).array(Some(0)).end()),
        asked("in sync nowhere", (56, 3, 0), |body| body.int32(4).int64(1).array(Some(0)).end()),
        asked("quotas of two parts", (49, 1, 1), |body| {
            let body = body.array(Some(1)).array(Some(2)).text(Some("user")).text(Some("alice")).end();
            let body = body.text(Some("client-id")).text(None).end().array(Some(1)).text(Some("x"));
            body.int64(0).int8(1).end().end().int8(1).end()
        }),
        asked("make a good entry and a bad one", (30, 3, 2), |body| {
            create(body, &[Acl::allow(TOPIC, "", ALL), Acl::allow(TOPIC, "t", ALL)])
        }),
        asked("the quorum in full", (55, 2, 0), |body| {
            let body = body.array(Some(1)).text(Some("__cluster_metadata"));
            body.array(Some(1)).int32(0).end().end().end()
        }),
        asked("the quorum of another", (55, 2, 0), |body| {
            body.array(Some(1)).text(Some("x")).array(Some(1)).int32(0).end().end().end()
        }),
        asked("add a voter here", (80, 0, 0), |body| {
            body.text(Some(CLUSTER_ID)).int32(5000).int32(9).raw(&[7; 16]).array(Some(0)).end()
        }),
        asked("remove a voter here", (81, 0, 0), |body| body.text(None).int32(9).raw(&[7; 16]).end()),
        asked("brokers of a controller", (60, 1, 0), |body| body.int8(1).int8(1).end()),
        asked("brokers of a controller, before", (60, 0, 0), |body| body.int8(1).end()),
        asked("nodes of no type", (60, 1, 0), |body| body.int8(1).int8(3).end()),
    ]
}

#[test]
fn controllers_that_are_not_active_say_so() -> Result<()> {
    let mut clusters = Clusters::start()?;
    let pair = &mut clusters.pair;
    let mut answered = 0;
    let all = requests::all().into_iter().chain(nodes::all()).chain(requests::deletions());
    let all = all.filter(|one| !UNSERVED.contains(&one.name) && !BETWEEN_MEMBERS.contains(&one.name));
    for one in all.chain(looked_at_before()).chain(looked_at_before_of_the_cluster()) {
        if let Outcome::Answer(_) = pair.compare_first(one.name, &one.frame, one.length)? {
            answered += 1;
        }
    }
    ensure!(answered > 80, "{answered} requests were answered");
    clusters.pair.finish();
    Ok(())
}
