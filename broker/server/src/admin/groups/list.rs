//! `/v1/groups`: the groups that are coordinated here, with how far they are, as of the last round.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{
    broker::Broker,
    groups::{GroupTold, Told},
};

/// How many groups one answer has, unless it is asked for fewer.
const LIMIT_MAX: usize = 1_000;

/// Which of them.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// Those after this one, by id.
    after: String,
    /// So many at most.
    limit: usize,
}

impl Page {
    /// `after=…&limit=…`; what says nothing, or nothing that can be, is passed by.
    fn read(query: &str) -> Self {
        let mut page = Self { after: String::new(), limit: LIMIT_MAX };
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = value.replace('+', " ");
            match key {
                "after" => page.after = percent_decode_str(&value).decode_utf8_lossy().into_owned(),
                "limit" => page.limit = value.parse().unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX),
                _ => {}
            }
        }
        page
    }
}

pub(crate) async fn list(State(broker): State<Arc<Broker>>, RawQuery(query): RawQuery) -> Json<Value> {
    let page = Page::read(&query.unwrap_or_default());
    Json(shown(&broker.lag.latest(&broker), &page))
}

fn shown(told: &Told, page: &Page) -> Value {
    let Page { after, limit } = page;
    let limit = *limit;
    let mut groups: Vec<_> = told.groups().filter(|told| told.group.as_str() > after.as_str()).collect();
    let is_cut = groups.len() > limit;
    if is_cut {
        groups.select_nth_unstable_by_key(limit, |told| &told.group);
        groups.truncate(limit);
    }
    groups.sort_unstable_by_key(|told| &told.group);
    let last = groups.last().filter(|_| is_cut).map(|told| told.group.as_str());
    json!({
        "measuredAtMs": told.at.map(|at| at.wall.as_millis()),
        "groups": groups.into_iter().map(one).collect::<Vec<_>>(),
        "next": last,
    })
}

fn one(told: &GroupTold) -> Value {
    json!({
        "group": told.group.as_str(),
        "type": told.kind.name(),
        "state": told.state.name(),
        "members": told.members,
        "partitions": told.lag.partitions,
        "unknownPartitions": told.lag.unknown,
        "lag": told.lag.records,
        "maxLag": told.lag.records_max,
        "maxLagSeconds": told.lag.time_max.least.as_secs_f64(),
        "maxLagSecondsAtLeast": told.lag.time_max.may_be_longer,
        "minLead": told.lag.lead_min,
    })
}

#[cfg(test)]
mod tests {
    use broker_group::{GroupLag, GroupState, GroupType};
    use broker_types::{GroupId, LeaderEpoch, PartitionId};

    use super::*;
    use crate::coordinators::Place;

    fn group(name: &str) -> GroupTold {
        GroupTold {
            group: GroupId::new(name),
            kind: GroupType::Consumer,
            state: GroupState::Empty,
            members: 0,
            lag: GroupLag::default(),
            topics: Vec::new(),
            partitions: Vec::new(),
        }
    }

    fn page(told: &Told, after: &str, limit: usize) -> (Vec<String>, Option<String>) {
        let shown = shown(told, &Page { after: after.to_owned(), limit });
        let names = shown["groups"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        (names.filter_map(|group| text(&group["group"])).collect(), text(&shown["next"]))
    }

    #[test]
    fn groups_come_by_id_and_page_by_page() {
        let place = |partition| Place { partition: PartitionId::new(partition), epoch: LeaderEpoch::ZERO };
        let shards = [(place(0), vec![group("b"), group("e")]), (place(1), vec![group("a"), group("d")])];
        let told = Told { shards: shards.into(), ..Told::default() };
        assert_eq!(page(&told, "", 3), (["a", "b", "d"].map(str::to_owned).to_vec(), Some("d".to_owned())));
        assert_eq!(page(&told, "d", 3), (vec!["e".to_owned()], None));
        assert_eq!(page(&told, "", 4).1, None);
        assert_eq!(shown(&told, &Page::read(""))["measuredAtMs"], Value::Null);
    }

    #[test]
    fn a_page_is_asked_for_with_any_name() {
        let page = |after: &str, limit| Page { after: after.to_owned(), limit };
        assert_eq!(Page::read("limit=7&after=a%20b%2Bc+d"), page("a b+c d", 7));
        assert_eq!(Page::read("limit=0"), page("", 1));
        assert_eq!(Page::read("limit=many&else=&after"), page("", LIMIT_MAX));
        assert_eq!(Page::read("after=%ff%zz&limit=99999999"), page("\u{fffd}%zz", LIMIT_MAX));
    }
}
