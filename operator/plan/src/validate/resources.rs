//! Memory and CPU: what is stated, and what is derived where nothing is.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use operator_api::Resources;

use super::Invalid;
use crate::{
    quantity::Bytes,
    size::{
        load::Load,
        resources::{Derived, NodeLoad, derive},
    },
};

/// Requests and limits of a node, and how they came about.
pub(super) struct Read {
    pub(super) requests: BTreeMap<String, Quantity>,
    pub(super) limits: BTreeMap<String, Quantity>,
    pub(super) because: Vec<String>,
}

pub(super) fn read(
    stated: Option<&Resources>,
    load: Option<&Load>,
    brokers: i64,
    field: &str,
) -> Result<Read, Invalid> {
    let node = load.map_or_else(NodeLoad::assumed, |load| NodeLoad::share_of(load, brokers));
    let Derived { memory_request, memory_limit, cpu_request_millis, steps } = derive(&node);
    let stated = stated.cloned().unwrap_or_default();
    let mut because: Vec<_> = steps.iter().map(ToString::to_string).collect();
    if load.is_none() {
        because.push("the load is assumed: spec.sizing says what it is".to_owned());
    }
    let request = memory(&stated.requests, &format!("{field}.requests"))?;
    let limit = memory(&stated.limits, &format!("{field}.limits"))?;
    if matches!((request, limit), (Some(request), Some(limit)) if request > limit) {
        return Err(Invalid::new(format!("{field}.limits.memory"), "is less than what is requested"));
    }
    let mut requests = stated.requests.clone();
    let mut limits = stated.limits.clone();
    let derived_request = limit.map_or(memory_request, |limit| smaller(memory_request, limit));
    let derived_limit = request.map_or(memory_limit, |request| larger(memory_limit, request));
    requests.entry("memory".to_owned()).or_insert_with(|| mebibytes(derived_request));
    requests.entry("cpu".to_owned()).or_insert_with(|| Quantity(format!("{cpu_request_millis}m")));
    limits.entry("memory".to_owned()).or_insert_with(|| mebibytes(derived_limit));
    let said: Vec<_> = stated
        .requests
        .keys()
        .map(|key| format!("requests.{key}"))
        .chain(stated.limits.keys().map(|key| format!("limits.{key}")))
        .collect();
    if !said.is_empty() {
        because.push(format!("stated: {}", said.join(", ")));
    }
    Ok(Read { requests, limits, because })
}

fn memory(stated: &BTreeMap<String, Quantity>, field: &str) -> Result<Option<Bytes>, Invalid> {
    let Some(Quantity(text)) = stated.get("memory") else { return Ok(None) };
    text.parse().map(Some).map_err(|error: crate::quantity::InvalidQuantity| {
        Invalid::new(format!("{field}.memory"), error.to_string())
    })
}

fn mebibytes(bytes: Bytes) -> Quantity {
    Quantity(format!("{:.0}Mi", (bytes.get() / 1_048_576.0).ceil()))
}

fn smaller(one: Bytes, other: Bytes) -> Bytes {
    if other < one { other } else { one }
}

fn larger(one: Bytes, other: Bytes) -> Bytes {
    if other > one { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(requests: &[(&str, &str)], limits: &[(&str, &str)]) -> Resources {
        let map = |entries: &[(&str, &str)]| {
            entries.iter().map(|(key, value)| ((*key).to_owned(), Quantity((*value).to_owned()))).collect()
        };
        Resources { requests: map(requests), limits: map(limits) }
    }

    fn texts(resources: Option<&Resources>) -> [Option<String>; 4] {
        let read = read(resources, None, 1, "spec.resources").unwrap_or_else(|error| panic!("{error}"));
        let text =
            |map: &BTreeMap<String, Quantity>, key: &str| map.get(key).map(|quantity| quantity.0.clone());
        [
            text(&read.requests, "memory"),
            text(&read.limits, "memory"),
            text(&read.requests, "cpu"),
            text(&read.limits, "cpu"),
        ]
    }

    #[test]
    fn what_is_not_stated_is_derived_and_fits_what_is() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(texts(None), [some("249Mi"), some("498Mi"), some("100m"), None]);
        let limit = stated(&[], &[("memory", "128Mi"), ("cpu", "2")]);
        assert_eq!(texts(Some(&limit)), [some("128Mi"), some("128Mi"), some("100m"), some("2")]);
        let request = stated(&[("memory", "4Gi")], &[]);
        assert_eq!(texts(Some(&request)), [some("4Gi"), some("4096Mi"), some("100m"), None]);
    }

    #[test]
    fn less_than_is_requested_is_refused() {
        let wrong = stated(&[("memory", "2Gi")], &[("memory", "1Gi")]);
        assert_eq!(
            read(Some(&wrong), None, 1, "x").err().map(|error| error.field),
            Some("x.limits.memory".to_owned())
        );
    }
}
