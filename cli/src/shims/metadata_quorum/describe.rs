//! The quorum in words.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use broker_client::{
    Client,
    admin::{
        cluster::Fenced,
        quorum::{QuorumInfo, QuorumReplica},
    },
};
use broker_types::{Offset, Timestamp};

use crate::shims::table;

const HEAD: [&str; 7] =
    ["NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"];

pub(super) async fn status(client: &mut Client) -> Result<()> {
    let cluster = client.describe_cluster(Fenced::Excluded).await?.id;
    print!("{}", status_text(&cluster, &client.describe_quorum().await?)?);
    Ok(())
}

pub(super) async fn replication(client: &mut Client, is_readable: bool) -> Result<()> {
    let quorum = client.describe_quorum().await?;
    #[allow(clippy::disallowed_methods, reason = "a tool that says how long ago something was")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    print!("{}", table::pretty(HEAD, &rows(&quorum, is_readable.then_some(now))?));
    Ok(())
}

fn leader(quorum: &QuorumInfo) -> Result<&QuorumReplica> {
    match quorum.voters.iter().find(|voter| voter.id == quorum.leader) {
        Some(leader) => Ok(leader),
        None => bail!("No value present"),
    }
}

fn raw(offset: Option<Offset>) -> i64 {
    offset.map_or(-1, Offset::get)
}

fn status_text(cluster: &str, quorum: &QuorumInfo) -> Result<String> {
    let leader = leader(quorum)?;
    let slowest = quorum.voters.iter().min_by_key(|voter| raw(voter.log_end)).unwrap_or(leader);
    let lag_ms = match (leader.last_caught_up, slowest.last_caught_up) {
        _ if slowest.id == leader.id => 0,
        (Some(first), Some(last)) => first.as_millis().saturating_sub(last.as_millis()),
        _ => -1,
    };
    let shown = |replicas: &[QuorumReplica]| {
        let all: Vec<_> = replicas.iter().map(|replica| node(quorum, replica)).collect();
        format!("[{}]", all.join(", "))
    };
    Ok(format!(
        "ClusterId:              {cluster}\n\
         LeaderId:               {}\n\
         LeaderEpoch:            {}\n\
         HighWatermark:          {}\n\
         MaxFollowerLag:         {}\n\
         MaxFollowerLagTimeMs:   {lag_ms}\n\
         CurrentVoters:          {}\n\
         CurrentObservers:       {}\n",
        quorum.leader,
        quorum.epoch.get(),
        raw(quorum.high_watermark),
        raw(leader.log_end).saturating_sub(raw(slowest.log_end)),
        shown(&quorum.voters),
        shown(&quorum.observers)
    ))
}

/// A node, its directory and where it is.
fn node(quorum: &QuorumInfo, replica: &QuorumReplica) -> String {
    let directory =
        if replica.directory.is_zero() { "null".to_owned() } else { format!("\"{}\"", replica.directory) };
    let endpoints = quorum.endpoints.get(&replica.id).filter(|endpoints| !endpoints.is_empty());
    let endpoints = endpoints.map(|endpoints| format!(", \"endpoints\": [\"{}\"]", endpoints.join("\", \"")));
    format!("{{\"id\": {}, \"directoryId\": {directory}{}}}", replica.id, endpoints.unwrap_or_default())
}

/// A row for each node, the leader first; times as how long before `now`, or as they are.
fn rows(quorum: &QuorumInfo, now: Option<Duration>) -> Result<Vec<[String; 7]>> {
    let leader = leader(quorum)?;
    let followers = quorum.voters.iter().filter(|voter| voter.id != quorum.leader);
    let all = std::iter::once((leader, "Leader"))
        .chain(followers.map(|voter| (voter, "Follower")))
        .chain(quorum.observers.iter().map(|observer| (observer, "Observer")));
    let row = |(replica, status): (&QuorumReplica, &str)| {
        Ok([
            replica.id.to_string(),
            replica.directory.to_string(),
            raw(replica.log_end).to_string(),
            raw(leader.log_end).saturating_sub(raw(replica.log_end)).to_string(),
            time(replica.last_fetch, now, "last fetch")?,
            time(replica.last_caught_up, now, "last caught up")?,
            status.to_owned(),
        ])
    };
    all.map(row).collect()
}

fn time(at: Option<Timestamp>, now: Option<Duration>, what: &str) -> Result<String> {
    let Some(at) = at.map(Timestamp::as_millis) else { return Ok("-1".to_owned()) };
    let Some(now) = now else { return Ok(at.to_string()) };
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    if at <= 0 || at > now {
        bail!(
            "Error while computing relative time, possible drift in system clock.\n\
             Current timestamp is {now}, {what} timestamp is {at}"
        );
    }
    Ok(format!("{} ms ago", now - at))
}

#[cfg(test)]
mod tests {
    use broker_types::{BrokerId, LeaderEpoch, Uuid};

    use super::*;

    fn quorum() -> QuorumInfo {
        let replica = |id, end, at| QuorumReplica {
            id: BrokerId::new(id),
            directory: if id == 3 { Uuid::ZERO } else { Uuid::from_bytes([1; 16]) },
            log_end: Offset::from_wire(end),
            last_fetch: Timestamp::from_wire(at),
            last_caught_up: Timestamp::from_wire(at),
        };
        QuorumInfo {
            leader: BrokerId::new(2),
            epoch: LeaderEpoch::new(4),
            high_watermark: Some(Offset::new(9)),
            voters: vec![replica(1, 7, 900), replica(2, 10, 1000)],
            observers: vec![replica(3, -1, -1)],
            endpoints: [(BrokerId::new(1), vec!["CONTROLLER://h:1".to_owned()])].into(),
        }
    }

    #[test]
    fn the_status_tells_the_slowest_voter() {
        assert_eq!(
            status_text("C", &quorum()).unwrap(),
            "ClusterId:              C\n\
             LeaderId:               2\n\
             LeaderEpoch:            4\n\
             HighWatermark:          9\n\
             MaxFollowerLag:         3\n\
             MaxFollowerLagTimeMs:   100\n\
             CurrentVoters:          [{\"id\": 1, \"directoryId\": \"AQEBAQEBAQEBAQEBAQEBAQ\", \"endpoints\": \
             [\"CONTROLLER://h:1\"]}, {\"id\": 2, \"directoryId\": \"AQEBAQEBAQEBAQEBAQEBAQ\"}]\n\
             CurrentObservers:       [{\"id\": 3, \"directoryId\": null}]\n"
        );
    }

    #[test]
    fn replication_is_a_row_for_each_node_with_the_leader_first() {
        let rows = rows(&quorum(), Some(Duration::from_millis(1005))).unwrap();
        let words = |row: &[String; 7]| row.join("|").replace("AQEBAQEBAQEBAQEBAQEBAQ", "D");
        assert_eq!(
            rows.iter().map(words).collect::<Vec<_>>(),
            [
                "2|D|10|0|5 ms ago|5 ms ago|Leader",
                "1|D|7|3|105 ms ago|105 ms ago|Follower",
                "3|AAAAAAAAAAAAAAAAAAAAAA|-1|11|-1|-1|Observer"
            ]
        );
        let table = table::pretty(HEAD, &rows);
        assert!(table.starts_with("NodeId\tDirectoryId           \tLogEndOffset\tLag\t"), "{table}");
        assert!(super::rows(&quorum(), Some(Duration::from_millis(5))).is_err(), "a clock that is behind");
    }
}
