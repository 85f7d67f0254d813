use alloc::vec;

use super::*;
use crate::{Request, Response, testing::Cluster};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
const MILLISECOND: Duration = Duration::from_millis(1);

fn cluster() -> Cluster {
    Cluster::with_tokens(TokenSettings {
        key: TokenKey::new("key").unwrap(),
        lifetime_max: DAY,
        renewal: HOUR,
        check_interval: HOUR,
    })
}

fn at(time: Duration) -> Timestamp {
    Timestamp::from_millis(0).plus(time)
}

/// Of alice, whom carol asked for; bob may renew it.
fn create(cluster: &mut Cluster, lifetime_max: Option<Duration>) -> Result<CreatedToken, TokenError> {
    let [requester, owner, bob] = ["User:carol", "User:alice", "User:bob"].map(Str::from_static);
    let request = CreateToken { requester, owner, renewers: vec![bob], lifetime_max };
    let (_, response) = cluster.ask(Request::CreateToken(request));
    let Response::CreateToken(created) = response else { panic!("{response:?}") };
    created
}

type Period = Option<Duration>;

fn renew(cluster: &mut Cluster, who: &str, hmac: &Bytes, period: Period) -> Result<Timestamp, TokenError> {
    let request = RenewToken { requester: Str::from(who), hmac: hmac.clone(), period };
    let (_, response) = cluster.ask(Request::RenewToken(request));
    let Response::RenewToken(renewed) = response else { panic!("{response:?}") };
    renewed
}

fn expire(cluster: &mut Cluster, who: &str, hmac: &Bytes, period: Period) -> Result<Timestamp, TokenError> {
    let request = ExpireToken { requester: Str::from(who), hmac: hmac.clone(), period };
    let (_, response) = cluster.ask(Request::ExpireToken(request));
    let Response::ExpireToken(expired) = response else { panic!("{response:?}") };
    expired
}

fn later(cluster: &mut Cluster, time: Duration) {
    cluster.pass(time);
    cluster.now.wall = cluster.now.wall.plus(time);
}

#[test]
fn a_token_is_made_for_its_owner() {
    let mut cluster = cluster();
    let created = create(&mut cluster, None).unwrap();
    assert_eq!((created.issued, created.expires, created.max), (at(Duration::ZERO), at(HOUR), at(DAY)));
    assert_eq!(created.hmac, TokenKey::new("key").unwrap().hmac(&created.id));
    let token = cluster.image.tokens().by_id().get(&created.id).unwrap();
    let expected = DelegationToken {
        owner: Str::from("User:alice"),
        requester: Str::from("User:carol"),
        renewers: vec![Str::from("User:bob")],
        issued: created.issued,
        max: created.max,
        expires: created.expires,
    };
    assert_eq!(*token, expected);
    let short = create(&mut cluster, Some(HOUR / 2)).unwrap();
    assert_eq!((short.expires, short.max), (at(HOUR / 2), at(HOUR / 2)));
    let long = create(&mut cluster, Some(2 * DAY)).unwrap();
    assert_eq!((long.expires, long.max), (at(HOUR), at(DAY)));
    assert!(created.id != short.id && short.id != long.id);
}

#[test]
fn its_owner_and_renewers_renew_it_up_to_its_longest_life() {
    let mut cluster = cluster();
    let token = create(&mut cluster, Some(3 * HOUR)).unwrap();
    assert_eq!(renew(&mut cluster, "User:carol", &token.hmac, None), Err(TokenError::OwnerMismatch));
    later(&mut cluster, HOUR);
    assert_eq!(renew(&mut cluster, "User:bob", &token.hmac, Some(HOUR / 2)), Ok(at(HOUR + HOUR / 2)));
    assert_eq!(renew(&mut cluster, "User:alice", &token.hmac, Some(9 * HOUR)), Ok(at(2 * HOUR)));
    later(&mut cluster, HOUR);
    assert_eq!(renew(&mut cluster, "User:alice", &token.hmac, None), Ok(at(3 * HOUR)));
    later(&mut cluster, HOUR);
    assert_eq!(renew(&mut cluster, "User:alice", &token.hmac, None), Ok(at(3 * HOUR)));
    later(&mut cluster, MILLISECOND);
    assert_eq!(renew(&mut cluster, "User:alice", &token.hmac, None), Err(TokenError::Expired));
}

#[test]
fn its_owner_ends_it() {
    let mut cluster = cluster();
    let token = create(&mut cluster, None).unwrap();
    let unknown = Bytes::from_static(b"unknown");
    assert_eq!(expire(&mut cluster, "User:alice", &unknown, None), Err(TokenError::NotFound));
    assert_eq!(expire(&mut cluster, "User:eve", &token.hmac, None), Err(TokenError::OwnerMismatch));
    assert_eq!(expire(&mut cluster, "User:alice", &token.hmac, Some(DAY * 2)), Ok(at(DAY)));
    assert_eq!(expire(&mut cluster, "User:bob", &token.hmac, Some(Duration::ZERO)), Ok(at(Duration::ZERO)));
    later(&mut cluster, MILLISECOND);
    assert_eq!(expire(&mut cluster, "User:alice", &token.hmac, Some(HOUR)), Err(TokenError::Expired));
    assert_eq!(expire(&mut cluster, "User:alice", &token.hmac, None), Ok(at(MILLISECOND)));
    assert!(cluster.image.tokens().by_id().is_empty());
    assert_eq!(expire(&mut cluster, "User:alice", &token.hmac, None), Err(TokenError::NotFound));
}

#[test]
fn tokens_whose_time_is_over_are_removed() {
    let mut cluster = cluster();
    let short = create(&mut cluster, Some(HOUR / 2)).unwrap();
    let long = create(&mut cluster, None).unwrap();
    let removals = |cluster: &mut Cluster| {
        let records = cluster.tick();
        records.iter().filter(|record| matches!(record, MetadataRecord::RemoveDelegationToken(_))).count()
    };
    later(&mut cluster, HOUR - MILLISECOND);
    assert_eq!(removals(&mut cluster), 0, "it is not due yet");
    later(&mut cluster, MILLISECOND);
    assert_eq!(removals(&mut cluster), 1);
    let left: Vec<_> = cluster.image.tokens().by_id().keys().cloned().collect();
    assert_eq!(left, [long.id]);
    assert_eq!(renew(&mut cluster, "User:alice", &short.hmac, None), Err(TokenError::NotFound));
    later(&mut cluster, HOUR);
    assert_eq!((removals(&mut cluster), removals(&mut cluster)), (1, 0));
}

#[test]
fn without_a_key_there_are_none() {
    let mut cluster = Cluster::with_brokers(&[]);
    let hmac = Bytes::from_static(b"x");
    assert_eq!(create(&mut cluster, None), Err(TokenError::Disabled));
    assert_eq!(renew(&mut cluster, "User:alice", &hmac, None), Err(TokenError::Disabled));
    assert_eq!(expire(&mut cluster, "User:alice", &hmac, None), Err(TokenError::Disabled));
}
