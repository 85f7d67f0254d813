use broker_protocol::{
    Records, Str, frame,
    messages::{
        ProduceRequest,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::Offset;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::fetchers::tests::{Led, Pair, TOPIC};

/// Topics by name, and the newest of those.
const VERSION: i16 = 12;

fn produce(value: &'static [u8]) -> Vec<u8> {
    let mut batch = BatchBuilder::new(Offset::ZERO);
    batch.append(&NewRecord { value: Some(value), ..NewRecord::default() }).unwrap();
    let records = Some(Records::from(batch.build()));
    let partition_data = vec![PartitionProduceData { index: 0, records }];
    let topic = TopicProduceData { name: Str::from(TOPIC), partition_data, ..TopicProduceData::default() };
    let request =
        ProduceRequest { acks: -1, timeout_ms: 60_000, topic_data: vec![topic], ..ProduceRequest::default() };
    frame::encode_request(&request, VERSION, 7, None).unwrap().into_bytes().to_vec()
}

/// An append waits for its follower, what does not read comes behind it, and then one more append.
#[tokio::test]
async fn what_comes_behind_the_end_of_a_connection_is_not_begun() {
    let pair = Pair::new().await;
    pair.publish(&pair.leader, &Led { by: 1, epoch: 3 });
    let mut client = TcpStream::connect(("127.0.0.1", pair.port)).await.unwrap();
    // It would append as well, so it does not wait for the first.
    let mut unreadable = produce(b"unreadable");
    let body = unreadable.len() - 40;
    unreadable[body..].fill(0x7f);
    let sent = [produce(b"first"), unreadable, produce(b"second")].concat();
    client.write_all(&sent).await.unwrap();
    // The follower comes only now.
    let partition = pair.leader.partition(TOPIC);
    while partition.care_for_log(|log| log.end_offset()).unwrap() == Offset::ZERO {
        tokio::task::yield_now().await;
    }
    pair.publish(&pair.follower, &Led { by: 1, epoch: 3 });
    let mut answers = Vec::new();
    client.read_to_end(&mut answers).await.unwrap();
    let length = i32::from_be_bytes(answers[..4].try_into().unwrap());
    assert_eq!(answers.len(), 4 + usize::try_from(length).unwrap(), "one answer, to the first");
    assert_eq!(partition.care_for_log(|log| log.end_offset()).unwrap(), Offset::new(1));
}
