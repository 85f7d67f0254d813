//! What a group has and committed, as a table.

use broker_client::admin::groups::{Group, GroupMember};
use broker_types::LeaderEpoch;

use super::{MISSING, longest, or_missing};
use crate::groups::lag::Progress;

pub(super) fn table(group: &Group, rows: &[Progress], is_verbose: bool) -> String {
    let of_member = |part: fn(&GroupMember) -> &str| {
        rows.iter().map(move |row| row.member.as_ref().map_or(MISSING, part))
    };
    let group_width = longest(15, std::iter::once(group.id.as_str()));
    let topic_width = longest(15, rows.iter().map(|row| row.at.topic.as_str()));
    let id_width = longest(15, of_member(|member| &member.id));
    let host_width = longest(15, of_member(|member| &member.host));
    let line = |[group, topic, partition, epoch, committed, end, lag, id, host, client]: [&str; 10]| {
        let epoch = if is_verbose { format!("{epoch:<15} ") } else { String::new() };
        format!(
            "\n{group:<group_width$} {topic:<topic_width$} {partition:<10} {epoch}{committed:<15} {end:<15} {lag:<15} \
             {id:<id_width$} {host:<host_width$} {client}"
        )
    };
    let mut text = line([
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]);
    for row in rows {
        let committed = row.committed.as_ref();
        let member = row.member.as_ref();
        text += &line([
            &group.id,
            row.at.topic.as_str(),
            &row.at.partition.to_string(),
            &or_missing(committed.and_then(|committed| committed.leader_epoch).map(LeaderEpoch::get)),
            &or_missing(committed.map(|committed| committed.offset)),
            &or_missing(row.end),
            &or_missing(row.lag()),
            member.map_or(MISSING, |member| &member.id),
            member.map_or(MISSING, |member| &member.host),
            member.map_or(MISSING, |member| &member.client_id),
        ]);
    }
    text + "\n"
}
