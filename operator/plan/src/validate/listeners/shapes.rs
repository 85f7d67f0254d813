//! What values look like: hosts, addresses, networks, labels. What Kubernetes would refuse is said here, with its field.

use std::{collections::BTreeMap, net::IpAddr};

use operator_api::{IpFamilyPolicy, ListenerConfiguration, ListenerObjects};

use crate::{listeners::is_host, validate::Invalid};

/// What text is in a template's place while its shape is checked.
const SAMPLE: &str = "0";

/// Checks all values of a listener.
pub(super) fn check(stated: &ListenerConfiguration, path: &str) -> Result<(), Invalid> {
    for (name, template) in [
        ("hostTemplate", &stated.host_template),
        ("advertisedHostTemplate", &stated.advertised_host_template),
    ] {
        if let Some(template) = template {
            let sample = template.replace("{nodeId}", SAMPLE).replace("{nodePodName}", SAMPLE);
            host(&sample, &format!("{path}.{name}"))?;
        }
    }
    each(
        &stated.load_balancer_source_ranges,
        &format!("{path}.loadBalancerSourceRanges"),
        "a network",
        is_network,
    )?;
    each(&stated.finalizers, &format!("{path}.finalizers"), "a domain and a name", |text| {
        text.contains('/')
    })?;
    if stated.ip_families.len() > 1
        && (stated.ip_family_policy == Some(IpFamilyPolicy::SingleStack)
            || stated.ip_families.first() == stated.ip_families.get(1))
    {
        return Err(Invalid::new(format!("{path}.ipFamilies"), "two different ones need a dual stack"));
    }
    labels(&stated.per_broker_labels_template, &format!("{path}.perBrokerLabelsTemplate"), true)?;
    keys(&stated.per_broker_annotations_template, &format!("{path}.perBrokerAnnotationsTemplate"))?;
    if let Some(bootstrap) = &stated.bootstrap {
        let path = format!("{path}.bootstrap");
        each(&bootstrap.alternative_names, &format!("{path}.alternativeNames"), "a host", is_host)?;
        objects(&bootstrap.objects, &path)?;
    }
    for (at, broker) in stated.brokers.iter().enumerate() {
        let path = format!("{path}.brokers[{at}]");
        if let Some(advertised) = &broker.advertised_host {
            host(advertised, &format!("{path}.advertisedHost"))?;
        }
        objects(&broker.objects, &path)?;
    }
    Ok(())
}

fn objects(stated: &ListenerObjects, path: &str) -> Result<(), Invalid> {
    if let Some(text) = stated.load_balancer_ip.as_ref().filter(|text| !is_ip(text)) {
        return Err(Invalid::new(format!("{path}.loadBalancerIP"), format!("'{text}' is no address")));
    }
    each(&stated.external_ips, &format!("{path}.externalIPs"), "an address", is_ip)?;
    labels(&stated.labels, &format!("{path}.labels"), false)?;
    keys(&stated.annotations, &format!("{path}.annotations"))
}

/// A host that clients can call.
pub(super) fn host(text: &str, field: &str) -> Result<(), Invalid> {
    if is_host(text) && !text.starts_with('*') {
        return Ok(());
    }
    Err(Invalid::new(field, format!("'{text}' is no host")))
}

fn each(all: &[String], field: &str, what: &str, is_so: impl Fn(&str) -> bool) -> Result<(), Invalid> {
    match all.iter().position(|text| !is_so(text)) {
        Some(at) => Err(Invalid::new(format!("{field}[{at}]"), format!("must be {what}"))),
        None => Ok(()),
    }
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn labels(all: &BTreeMap<String, String>, field: &str, is_template: bool) -> Result<(), Invalid> {
    keys(all, field)?;
    for (key, value) in all {
        let sample = value.replace("{nodeId}", SAMPLE).replace("{nodePodName}", SAMPLE);
        let value = if is_template { &sample } else { value };
        if !value.is_empty() && !is_word(value) {
            return Err(Invalid::new(
                format!("{field}['{key}']"),
                format!("'{value}' is no value of a label"),
            ));
        }
    }
    Ok(())
}

/// Names of labels and annotations: a word, after a domain and a slash or not.
fn keys(all: &BTreeMap<String, String>, field: &str) -> Result<(), Invalid> {
    let is_key = |key: &str| match key.split_once('/') {
        Some((domain, word)) => is_host(domain) && !domain.starts_with('*') && is_word(word),
        None => is_word(key),
    };
    match all.keys().find(|key| !is_key(key)) {
        Some(key) => Err(Invalid::new(format!("{field}['{key}']"), "is no name of a label or an annotation")),
        None => Ok(()),
    }
}

fn is_word(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.starts_with(is_end)
        && text.ends_with(is_end)
        && text.chars().all(|c| is_end(c) || matches!(c, '-' | '_' | '.'))
}
