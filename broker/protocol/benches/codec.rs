//! What the hot messages cost: `cargo bench -p broker-protocol` prints the median and the least of each.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark reads the clock and prints")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use broker_protocol::frame::encode_response;
use broker_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};
use broker_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use broker_protocol::messages::{fetch_request, fetch_response};
use broker_protocol::wire::{Reader, Writer};
use broker_protocol::{Message, Str};
use bytes::Bytes;

fn measure(name: &str, mut work: impl FnMut() -> usize) {
    const RUNS: usize = 400;
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut bytes = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        bytes = black_box(work());
        times.push(start.elapsed());
    }
    times.sort();
    println!("{name:<44} {:>10.2?} {:>10.2?} {bytes:>8} bytes", times[RUNS / 2], times[0]);
}

fn metadata() -> MetadataResponse {
    let partition = |index| MetadataResponsePartition {
        partition_index: index,
        leader_id: 1,
        leader_epoch: 5,
        replica_nodes: vec![1, 2, 3],
        isr_nodes: vec![1, 2, 3],
        ..Default::default()
    };
    let topic = |number: i32| MetadataResponseTopic {
        name: Some(Str::from(format!("topic-{number}"))),
        partitions: (0..100).map(partition).collect(),
        ..Default::default()
    };
    MetadataResponse { topics: (0..100).map(topic).collect(), ..Default::default() }
}

fn produce(partitions: i32) -> ProduceRequest {
    let records = Bytes::from(vec![7; 16 * 1024]);
    let partition = |index| PartitionProduceData { index, records: Some(records.clone().into()) };
    let topic =
        TopicProduceData { partition_data: (0..partitions).map(partition).collect(), ..Default::default() };
    ProduceRequest { acks: -1, timeout_ms: 1000, topic_data: vec![topic], ..Default::default() }
}

fn fetch_answer() -> fetch_response::FetchResponse {
    let records = Bytes::from(vec![7; 64 * 1024]);
    let partition = |partition_index| fetch_response::PartitionData {
        partition_index,
        records: Some(records.clone().into()),
        ..Default::default()
    };
    let topic = fetch_response::FetchableTopicResponse {
        partitions: (0..6).map(partition).collect(),
        ..Default::default()
    };
    fetch_response::FetchResponse { responses: vec![topic], ..Default::default() }
}

fn fetch(partitions: i32) -> fetch_request::FetchRequest {
    let partition = |partition| fetch_request::FetchPartition { partition, ..Default::default() };
    let topic = fetch_request::FetchTopic {
        partitions: (0..partitions).map(partition).collect(),
        ..Default::default()
    };
    fetch_request::FetchRequest { topics: vec![topic], ..Default::default() }
}

fn bytes_of<M: Message>(message: &M, version: i16) -> Bytes {
    let mut w = Writer::new();
    message.encode(&mut w, version).expect("encodes");
    w.finish().into_bytes()
}

fn decode<M: Message>(bytes: &Bytes, version: i16) -> usize {
    black_box(M::decode(&mut Reader::new(bytes.clone()), version).expect("decodes"));
    bytes.len()
}

fn main() {
    let response = metadata();
    measure("encode Metadata 13, 10,000 partitions", || {
        encode_response(1, 1, &response, 13).expect("encodes").len_bytes()
    });
    let bytes = bytes_of(&response, 13);
    measure("decode Metadata 13, 10,000 partitions", || decode::<MetadataResponse>(&bytes, 13));
    for partitions in [1, 6, 100] {
        let bytes = bytes_of(&produce(partitions), 13);
        measure(&format!("decode Produce 13, {partitions} partitions of 16 KiB"), || {
            decode::<ProduceRequest>(&bytes, 13)
        });
        let bytes = bytes_of(&fetch(partitions), 18);
        measure(&format!("decode Fetch 18, {partitions} partitions"), || {
            decode::<fetch_request::FetchRequest>(&bytes, 18)
        });
    }
    let response = fetch_answer();
    measure("encode Fetch 18, 6 partitions of 64 KiB", || {
        encode_response(1, 1, &response, 18).expect("encodes").len_bytes()
    });
}
