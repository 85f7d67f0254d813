use broker_authorizer::{Binding, Entry, Pattern, PatternType, Permission};
use broker_config::Access;
use broker_controller::{CreateAcls, Request, Response};
use broker_protocol::ApiKey;

use super::*;
use crate::{
    context::Principal,
    testing::{TestBroker, context},
};

const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

async fn guarded(more: &[(&str, &str)]) -> TestBroker {
    let properties: Vec<_> = [("authorizer.class.name", STANDARD)].iter().chain(more).copied().collect();
    TestBroker::with_properties(1, &["data"], &properties, &["orders"]).await
}

async fn allow(own: &TestBroker, operation: Operation, kind: ResourceType, name: &str) {
    let binding = Binding {
        pattern: Pattern { resource_type: kind, pattern_type: PatternType::Literal, name: name.into() },
        entry: Entry {
            principal: "User:ANONYMOUS".into(),
            host: "127.0.0.1".into(),
            operation,
            permission: Permission::Allow,
        },
    };
    let request = Request::CreateAcls(CreateAcls { bindings: vec![binding] });
    let created = own.broker.quorum().ask(request, 10_000).await.unwrap();
    assert_eq!(created, Response::CreateAcls(vec![Ok(())]));
}

#[tokio::test]
async fn without_an_authorizer_everything_is_allowed() {
    let own = TestBroker::with_topics(&[]).await;
    let (context, authorizer) = (context(ApiKey::Produce, 9), own.broker.authorizer());
    assert!(authorizer.allows(&context, Operation::Write, Resource::Topic("orders")));
    assert!(authorizer.allows_any(&context, Operation::Write, ResourceType::Topic));
    assert_eq!(authorizer.operations(&context, Resource::Topic("orders")), 0b1101_1111_1000);
    assert_eq!(authorizer.cluster_operations(&context), 0b1_1111_1010_0000);
}

#[tokio::test]
async fn without_an_authorizer_bindings_are_kept_for_those_who_are_named() {
    let nobody = TestBroker::with_topics(&[]).await;
    let named = [("super.users", "User:CN=operator,O=klamm.dev")];
    let own = TestBroker::with_properties(1, &["data"], &named, &["orders"]).await;
    let anybody = context(ApiKey::CreateAcls, 3);
    let keeper = Principal::user("CN=operator,O=klamm.dev");
    let keeper = RequestContext { principal: keeper, ..anybody.clone() };
    let keeps = |own: &TestBroker, who| own.broker.authorizer().keeps_bindings(who);
    assert!(keeps(&own, &keeper) && !keeps(&own, &anybody) && !keeps(&nobody, &keeper));
    allow(&own, Operation::Read, ResourceType::Topic, "orders").await;
    let orders = Resource::Topic("orders");
    assert!(own.broker.authorizer().allows(&anybody, Operation::Write, orders), "nobody decides by them");
    // The same metadata with an authorizer: what was kept decides from the first moment.
    let mut config = own.broker.settings().config.clone();
    config.access = Some(Access { super_users: String::new(), allow_everyone: String::new() });
    let deciding = Authorizer::new(&config, &own.broker.image, own.broker.clock);
    deciding.loaded();
    assert!(deciding.allows(&anybody, Operation::Read, orders));
    assert!(!deciding.allows(&anybody, Operation::Write, orders));
}

#[tokio::test]
async fn bindings_decide_as_soon_as_they_are_answered() {
    let own = guarded(&[]).await;
    let (context, authorizer) = (context(ApiKey::Produce, 9), own.broker.authorizer());
    let orders = Resource::Topic("orders");
    assert!(!authorizer.allows(&context, Operation::Write, orders));
    assert_eq!(authorizer.cluster_operations(&context), 0);
    let denied = Err(ErrorCode::ClusterAuthorizationFailed);
    assert_eq!(authorizer.on_cluster(&context, Operation::Create), denied);
    allow(&own, Operation::Write, ResourceType::Topic, "orders").await;
    assert!(authorizer.allows(&context, Operation::Write, orders));
    assert!(authorizer.allows(&context, Operation::Describe, orders));
    assert!(!authorizer.allows(&context, Operation::Read, orders));
    assert!(authorizer.allows_any(&context, Operation::Write, ResourceType::Topic));
    assert_eq!(authorizer.operations(&context, orders), 1 << 4 | 1 << 8);
    let reader = Reader { principal: "User:ANONYMOUS".into(), address: context.address.ip() };
    assert!(authorizer.shows("orders", &reader) && !authorizer.shows("payments", &reader));
}

#[tokio::test]
async fn until_the_bindings_are_there_only_super_users_are_let_in() {
    let own = guarded(&[("super.users", "User:root"), ("allow.everyone.if.no.acl.found", "true")]).await;
    let image = &own.broker.image;
    let starting = Authorizer::new(&own.broker.settings().config, image, own.broker.clock);
    let anybody = context(ApiKey::Fetch, 12);
    let root = RequestContext { principal: Principal::user("root"), ..anybody.clone() };
    let allows = |who| starting.allows(who, Operation::ClusterAction, Resource::Cluster);
    assert!(!allows(&anybody) && allows(&root));
    let answered = |who| starting.on_cluster(who, Operation::ClusterAction);
    assert_eq!((answered(&anybody), answered(&root)), (Err(NOT_READY), Ok(())));
    assert!(!starting.allows_any(&anybody, Operation::Write, ResourceType::Topic));
    starting.loaded();
    starting.ready().await;
    assert!(allows(&anybody) && allows(&root));
    assert_eq!((answered(&anybody), answered(&root)), (Ok(()), Ok(())));
}
