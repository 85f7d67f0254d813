//! Which ids the nodes of a pool have.
//!
//! The truth is the live StatefulSet's `ordinals.start`, then the node-id label of claims that outlived their
//! StatefulSet; only a pool that has neither is given a new block.

use std::{collections::BTreeSet, ops::RangeInclusive};

use operator_api::{NEXT_NODE_IDS_ANNOTATION, NODE_ID_LABEL, POOL_LABEL};
use serde_json::Value;

use super::Invalid;
use crate::{conditions::Warning, names::Names, observed::Observed};

/// How many ids a block has.
pub(super) const BLOCK: i32 = 1000;

/// The first id of `pool`. `wish` is its annotation, if it has one.
pub(super) fn start(
    observed: &Observed,
    names: &Names,
    pool: &str,
    wish: Option<&str>,
    taken: &BTreeSet<i32>,
    warnings: &mut Vec<Warning>,
) -> Result<i32, Invalid> {
    let wish = wish
        .map(|text| {
            let reason = "such as [5000] or [5000-5999]";
            read_wish(text).ok_or_else(|| {
                Invalid::new(format!("KafkaNodePool/{pool} {NEXT_NODE_IDS_ANNOTATION}"), reason)
            })
        })
        .transpose()?;
    if let Some(start) = live_start(observed, names, pool) {
        if let Some(wish) = wish.filter(|wish| *wish != start) {
            let message = format!("pool {pool} has nodes from {start} on; the start cannot move to {wish}");
            warnings.push(Warning::new("NodeIds", message));
        }
        return Ok(start);
    }
    let claimed = claims(observed).filter(|(of, _)| *of == pool).map(|(_, id)| id).min();
    let blocks: BTreeSet<i32> = taken.iter().map(|id| id.div_euclid(BLOCK)).collect();
    let free = (0..).find(|block| !blocks.contains(block)).unwrap_or_default() * BLOCK;
    Ok(claimed.or(wish).unwrap_or(free))
}

/// All ids that nodes have or had: of live StatefulSets and of claims that outlived theirs.
pub(super) fn taken(observed: &Observed, except: &str) -> BTreeSet<i32> {
    let live = observed.live.of_kind("StatefulSet").filter_map(|(_, object)| {
        let pool = label(object, POOL_LABEL)?;
        (pool != except).then(|| ordinals_start(object))
    });
    live.chain(claims(observed).filter(|(pool, _)| *pool != except).map(|(_, id)| id)).collect()
}

fn claims(observed: &Observed) -> impl Iterator<Item = (&str, i32)> {
    observed.live.of_kind("PersistentVolumeClaim").filter_map(|(_, claim)| {
        let id = label(claim, NODE_ID_LABEL)?.parse().ok()?;
        Some((label(claim, POOL_LABEL)?, id))
    })
}

fn live_start(observed: &Observed, names: &Names, pool: &str) -> Option<i32> {
    observed.live.get("StatefulSet", &names.pool(pool)).map(ordinals_start)
}

fn ordinals_start(object: &Value) -> i32 {
    let start = object.pointer("/spec/ordinals/start").and_then(Value::as_i64);
    start.and_then(|start| i32::try_from(start).ok()).unwrap_or_default()
}

/// A label of a live object.
pub(crate) fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(name)?.as_str()
}

fn read_wish(text: &str) -> Option<i32> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let first = inside.split(['-', ',']).next()?.trim();
    first.parse().ok().filter(|id| (0..=i32::MAX - BLOCK).contains(id))
}

/// Ids and ranges of ids, such as `[3, 5-7]`, in their order.
pub(super) fn read_list(text: &str) -> Option<Vec<RangeInclusive<i32>>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let one = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    inside.split(',').map(one).collect()
}
