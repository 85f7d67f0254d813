//! When the certificates of users end, as metrics: two series a cluster, however many users it has.

use std::collections::BTreeMap;

use operator_plan::{claims::ObjectName, users::CertificateEnd};
use parking_lot::Mutex;
use prometheus::{IntGaugeVec, Opts, Registry};

/// The labels of both.
const LABELS: &[&str] = &["namespace", "cluster"];

/// When the certificate of each user ends, and what is shown of it.
#[derive(Debug)]
pub(crate) struct CertificateEnds {
    /// By user: its cluster, and the end.
    known: Mutex<BTreeMap<ObjectName, (ObjectName, CertificateEnd)>>,
    earliest: IntGaugeVec,
    late: IntGaugeVec,
}

impl CertificateEnds {
    /// Nothing is known yet.
    pub(crate) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = |name: &str, help: &str| IntGaugeVec::new(Opts::new(name, help), LABELS);
        let earliest = gauge(
            "klamm_operator_user_certificate_not_after_seconds",
            "When the first certificate of a user of the cluster ends, in seconds since 1970",
        )?;
        let late = gauge(
            "klamm_operator_user_certificates_late",
            "Users whose certificate should have been replaced by now: half of renewalDays are over",
        )?;
        registry.register(Box::new(earliest.clone()))?;
        registry.register(Box::new(late.clone()))?;
        Ok(Self { known: Mutex::default(), earliest, late })
    }

    /// Takes up what was seen of a user; `None`: it has no certificate that is made here.
    pub(super) fn note(&self, user: &ObjectName, cluster: Option<ObjectName>, end: Option<CertificateEnd>) {
        let mut known = self.known.lock();
        match cluster.zip(end) {
            Some(seen) => drop(known.insert(user.clone(), seen)),
            None => drop(known.remove(user)),
        }
    }

    /// Makes the metrics say what is known.
    pub(crate) fn show(&self) {
        let mut all: BTreeMap<&ObjectName, (i64, i64)> = BTreeMap::new();
        let known = self.known.lock();
        for (cluster, end) in known.values() {
            let (earliest, late) = all.entry(cluster).or_insert((i64::MAX, 0));
            *earliest = (*earliest).min(end.not_after.as_second());
            *late += i64::from(end.is_late);
        }
        self.earliest.reset();
        self.late.reset();
        for (ObjectName { namespace, name }, (earliest, late)) in all {
            let labels = [namespace.as_str(), name];
            self.earliest.with_label_values(&labels).set(earliest);
            self.late.with_label_values(&labels).set(late);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    fn name(name: &str) -> ObjectName {
        ObjectName { namespace: "n".to_owned(), name: name.to_owned() }
    }

    #[test]
    fn two_series_a_cluster_tell_the_first_end_and_how_many_are_late() {
        let registry = Registry::new();
        let ends = CertificateEnds::new(&registry).expect("metrics");
        let end =
            |time: &str, is_late| Some(CertificateEnd { not_after: time.parse().expect("a time"), is_late });
        let shown = || {
            ends.show();
            let text = TextEncoder::new().encode_to_string(&registry.gather()).expect("a text");
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(shown(), [""; 0]);
        ends.note(&name("alice"), Some(name("c")), end("1970-01-01T00:01:00Z", true));
        ends.note(&name("bob"), Some(name("c")), end("1970-01-01T00:02:00Z", true));
        ends.note(&name("carol"), Some(name("d")), end("1970-01-01T00:03:00Z", false));
        let series = |metric: &str, cluster: &str, value: u32| {
            format!("klamm_operator_user_{metric}{{cluster=\"{cluster}\",namespace=\"n\"}} {value}")
        };
        let [first, late] = ["certificate_not_after_seconds", "certificates_late"];
        let expected = [(first, "c", 60), (first, "d", 180), (late, "c", 2), (late, "d", 0)];
        assert_eq!(shown(), expected.map(|(metric, cluster, value)| series(metric, cluster, value)));
        // One got another certificate, one has none any more, and so has its cluster.
        ends.note(&name("alice"), Some(name("c")), end("1970-01-01T01:00:00Z", false));
        ends.note(&name("carol"), Some(name("d")), None);
        assert_eq!(shown(), [series(first, "c", 120), series(late, "c", 1)]);
        ends.note(&name("bob"), None, None);
        assert_eq!(shown(), [series(first, "c", 3600), series(late, "c", 0)]);
    }
}
