//! A cluster of one controller for traces: records are replayed as they are written.

use alloc::{boxed::Box, string::String, vec, vec::Vec};
use core::time::Duration;

use broker_coordinator::Shard;
use broker_metadata::{ConfigResourceType, Endpoint, Image, MetadataVersion};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_types::{
    BrokerEpoch, BrokerId, ClusterId, DirectoryId, IncarnationId, Mono, Now, Offset, ReplyId, Timestamp, Uuid,
};

use crate::{
    ConfigRules, Controller, Heartbeat, HeartbeatReply, NewTopic, RegisterBroker, Request, Response,
    Settings, TokenSettings,
    bootstrap::{FirstFeatures, TRANSACTION_FEATURE, TRANSACTION_LEVEL},
};

/// Knows `retention.ms` (a number), `cleanup.policy` (a list) and the broker's `num.io.threads`.
#[derive(Debug)]
pub(crate) struct Rules;

impl ConfigRules for Rules {
    fn validate_topic(&self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "retention.ms" if value.parse::<i64>().is_err() => Err("Invalid value".into()),
            "retention.ms" | "cleanup.policy" | "min.insync.replicas" => Ok(()),
            other => Err(alloc::format!("Unknown topic config name: {other}")),
        }
    }

    fn validate_broker(&self, _: Option<i32>, name: &str, _: &str) -> Result<(), String> {
        if matches!(name, "num.io.threads" | "min.insync.replicas") {
            Ok(())
        } else {
            Err("Cannot update these configs dynamically".into())
        }
    }

    fn is_list(&self, _: ConfigResourceType, name: &str) -> bool {
        name == "cleanup.policy"
    }

    fn default_value(&self, _: ConfigResourceType, _: &str) -> Option<String> {
        Some("delete".into())
    }
}

/// Controller, image and clock.
pub(crate) struct Cluster {
    pub(crate) controller: Controller,
    pub(crate) image: Image,
    pub(crate) now: Now,
}

impl Cluster {
    /// Controller 9, the leader of an empty log, not ticked yet. It keeps no eligible leaders until a test says so.
    pub(crate) fn new() -> Self {
        Self::new_with(|_| {})
    }

    /// That has made its first records, with delegation tokens.
    pub(crate) fn with_tokens(tokens: TokenSettings) -> Self {
        let mut cluster = Self::new_with(|settings| settings.tokens = Some(tokens));
        cluster.tick();
        cluster
    }

    fn new_with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(BrokerId::new(9), ClusterId::new("c"));
        let levels = [(Str::from_static(TRANSACTION_FEATURE), TRANSACTION_LEVEL)].into();
        settings.first_records =
            FirstFeatures { version: MetadataVersion::LATEST, levels, credentials: Vec::new() }.records();
        change(&mut settings);
        let now = Now { mono: Mono::from_micros(1_000_000), wall: Timestamp::from_millis(0) };
        let mut controller = Controller::new(settings, Box::new(Rules), [1, 2, 3, 4]);
        let image = Image::default();
        controller.became_leader(now, &image);
        Self { controller, image, now }
    }

    /// With active brokers of these ids.
    pub(crate) fn with_brokers(ids: &[i32]) -> Self {
        let mut cluster = Self::new();
        cluster.tick();
        ids.iter().for_each(|id| cluster.start(*id));
        cluster
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.mono = self.now.mono.plus(time);
    }

    pub(crate) fn replay(&mut self, records: &[MetadataRecord]) {
        for record in records {
            let offset = self.image.last_offset().map_or(Offset::ZERO, Offset::next);
            Controller::replay(&mut self.image, offset, record);
        }
        assert_eq!(self.image.fault(), None);
    }

    pub(crate) fn tick(&mut self) -> Vec<MetadataRecord> {
        let records = self.controller.tick(self.now, &self.image).records;
        self.replay(&records);
        records
    }

    pub(crate) fn ask(&mut self, request: Request) -> (Vec<MetadataRecord>, Response) {
        let outcome = self.controller.handle(self.now, &self.image, ReplyId::new(1), request);
        self.replay(&outcome.records);
        let [(_, response)] = <[_; 1]>::try_from(outcome.response).expect("it answers at once");
        (outcome.records, response)
    }

    /// Registers and unfences a broker.
    pub(crate) fn start(&mut self, id: i32) {
        let (_, response) = self.ask(Request::RegisterBroker(registration(id, 1)));
        assert!(matches!(response, Response::RegisterBroker(Ok(_))), "{response:?}");
        let reply = self.beat(id, |_| {}).1;
        assert_eq!(reply, HeartbeatReply { caught_up: true, fenced: false, shut_down: false });
    }

    pub(crate) fn epoch(&self, id: i32) -> BrokerEpoch {
        self.image.cluster().broker(BrokerId::new(id)).expect("registered").epoch
    }

    /// A heartbeat of a broker that is caught up.
    pub(crate) fn beat(
        &mut self,
        id: i32,
        change: fn(&mut Heartbeat),
    ) -> (Vec<MetadataRecord>, HeartbeatReply) {
        let mut heartbeat = Heartbeat {
            broker: BrokerId::new(id),
            epoch: self.epoch(id),
            metadata_offset: self.image.last_offset(),
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: vec![],
            cordoned_log_dirs: None,
        };
        change(&mut heartbeat);
        let (records, response) = self.ask(Request::Heartbeat(heartbeat));
        let Response::Heartbeat(Ok(reply)) = response else { panic!("{response:?}") };
        (records, reply)
    }

    /// Creates a topic on these brokers, one partition each list.
    pub(crate) fn create(&mut self, name: &str, assignments: &[&[i32]]) {
        let assignments = (0..).zip(assignments.iter().map(|brokers| brokers.to_vec())).collect();
        let topic = NewTopic { assignments, partitions: None, replication_factor: None, ..topic(name) };
        let request = crate::CreateTopics { topics: vec![topic], validate_only: false };
        let (_, response) = self.ask(Request::CreateTopics(request));
        let Response::CreateTopics(results) = response else { panic!("{response:?}") };
        assert!(results[0].1.is_ok(), "{results:?}");
    }
}

pub(crate) fn dir(number: i32) -> DirectoryId {
    let mut bytes = [0xd0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    DirectoryId::new(Uuid::from_bytes(bytes))
}

pub(crate) fn incarnation(number: u8) -> IncarnationId {
    IncarnationId::new(Uuid::from_bytes([number; 16]))
}

/// A registration of a broker with one directory, in the life of this number.
pub(crate) fn registration(id: i32, life: u8) -> RegisterBroker {
    RegisterBroker {
        broker: BrokerId::new(id),
        cluster: ClusterId::new("c"),
        incarnation: incarnation(life),
        endpoints: vec![Endpoint {
            name: Str::from("PLAIN"),
            host: Str::from("host"),
            port: 9092,
            security_protocol: 0,
        }],
        features: Settings::new(BrokerId::new(id), ClusterId::new("c")).features,
        rack: None,
        log_dirs: vec![dir(id)],
        previous_epoch: None,
    }
}

/// A topic with one partition and one replica.
pub(crate) fn topic(name: &str) -> NewTopic {
    NewTopic {
        name: Str::from(name),
        partitions: Some(1),
        replication_factor: Some(1),
        assignments: vec![],
        configs: vec![],
    }
}
