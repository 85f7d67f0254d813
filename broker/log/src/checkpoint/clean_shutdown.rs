//! `.kafka_cleanshutdown`: its presence says that everything was synced and closed; removed at once on start.
//! It carries the epoch of the broker that wrote it, by which a restart proves that it was clean (KIP-966).

use broker_types::BrokerEpoch;

pub(crate) const FILE_NAME: &str = ".kafka_cleanshutdown";

pub(crate) fn encode(epoch: Option<BrokerEpoch>) -> String {
    format!("{{\"version\":0,\"brokerEpoch\":{}}}", epoch.map_or(-1, BrokerEpoch::get))
}

/// The epoch in it, if any: older brokers wrote an empty file.
pub(crate) fn decode(bytes: &[u8]) -> Option<BrokerEpoch> {
    let text = std::str::from_utf8(bytes).ok()?;
    let after = text.split_once("\"brokerEpoch\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let end = after.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(after.len());
    BrokerEpoch::from_wire(after.get(..end)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_reads_back_and_its_absence_is_fine() {
        let epoch = Some(BrokerEpoch::new(42));
        assert_eq!(encode(epoch), "{\"version\":0,\"brokerEpoch\":42}");
        assert_eq!(decode(encode(epoch).as_bytes()), epoch);
        assert_eq!(decode(b"{ \"brokerEpoch\" : 7 , \"version\":0}"), Some(BrokerEpoch::new(7)));
        assert_eq!(decode(encode(None).as_bytes()), None);
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"{\"brokerEpoch\":\"x\"}"), None);
    }
}
