//! Over a real socket, slower than the sender.

use std::io::{Read as _, Write as _};

use broker_log::{AppendOrigin, FsDisk, Log, LogConfig, LogDirectory, Owner};
use broker_protocol::wire::Segments;
use broker_records::{BatchBuilder, NewRecord};
use broker_tls::{Acceptor, Connector, Options};
use broker_types::{
    BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicName, TopicPartition,
    Uuid,
};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use super::*;
use crate::buffers::BufferPool;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn log(folder: &std::path::Path, batches: usize) -> Log {
    let owner = Owner { cluster_id: ClusterId::new("outbox"), node_id: BrokerId::new(1) };
    let id = DirectoryId::new(Uuid::from_bytes([7; 16]));
    let directory = LogDirectory::open(FsDisk, folder, &owner, id).expect("opens");
    let partition = TopicPartition::new(TopicName::new("t"), PartitionId::new(0));
    let mut log = directory.create_log(partition, None, LogConfig::default(), NOW).expect("creates");
    for number in 0..batches {
        let value = vec![u8::try_from(number % 251).expect("fits"); 100_000];
        let mut batch = BatchBuilder::new(Offset::ZERO);
        batch
            .append(&NewRecord { timestamp: Some(NOW), key: None, value: Some(&value), headers: &[] })
            .expect("fits");
        let batch = batch.build();
        log.append_as_leader(&batch, LeaderEpoch::new(0), NOW, AppendOrigin::Client).expect("appends");
    }
    log
}

fn read(log: &Log, from: i64, bytes: u32) -> ReadSlice {
    log.read(Offset::new(from), bytes, log.end_offset(), true).expect("plans")
}

async fn pair() -> (Transport, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("has an address");
    let (sender, receiver) = tokio::join!(TcpStream::connect(address), listener.accept());
    (Transport::Plain(sender.expect("connects")), receiver.expect("accepts").0)
}

#[tokio::test]
async fn files_and_bytes_arrive_in_order_also_when_the_reader_is_slow() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = log(folder.path(), 100);
    let (one, two) = (read(&log, 0, 8_000_000), read(&log, 90, 1_000_000));
    let mut expected = b"head".to_vec();
    expected.extend(one.read_to_vec().expect("reads"));
    expected.extend(b"middle");
    expected.extend(two.read_to_vec().expect("reads"));
    let (mut sender, mut receiver) = pair().await;
    let mut outbox = Outbox::default();
    let bytes = |text: &'static str| Outgoing::Bytes(Bytes::from_static(text.as_bytes()));
    outbox.queue(vec![bytes("he"), bytes(""), bytes("ad"), Outgoing::File(one), bytes("middle")]);
    outbox.queue(vec![Outgoing::File(two)]);
    assert_eq!(outbox.len_bytes(), expected.len());
    let receive = async {
        let mut received = Vec::new();
        let mut piece = vec![0; 7_001];
        while received.len() < expected.len() {
            let read = receiver.read(&mut piece).await.expect("reads");
            received.extend_from_slice(&piece[..read]);
        }
        received
    };
    let (sent, received) = tokio::join!(outbox.flush(&mut sender), receive);
    sent.expect("sends");
    assert_eq!(outbox.len_bytes(), 0);
    assert!(received == expected, "the bytes differ");
}

/// Both ends of an encrypted connection on loopback.
fn ends() -> (Acceptor, Connector) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("signs").pem();
    let options = |key: Option<String>| {
        Options::read(|name| match name {
            "ssl.keystore.type" | "ssl.truststore.type" => Some("PEM".to_owned()),
            "ssl.keystore.key" => key.clone(),
            "ssl.keystore.certificate.chain" => key.is_some().then(|| certificate.clone()),
            "ssl.truststore.certificates" => Some(certificate.clone()),
            _ => None,
        })
        .expect("settings")
    };
    let acceptor = Acceptor::new(options(Some(key.serialize_pem()))).expect("accepts");
    (acceptor, Connector::new(options(None)).expect("connects"))
}

#[tokio::test]
async fn files_and_bytes_arrive_encrypted_in_order_also_when_the_reader_is_slow() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut log = log(folder.path(), 100);
    let (one, cut) = (read(&log, 0, 8_000_000), read(&log, 90, 1_000_000));
    let mut expected = b"head".to_vec();
    expected.extend(one.read_to_vec().expect("reads"));
    expected.extend(b"middle");
    let (acceptor, connector) = ends();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("has an address");
    let bytes = expected.len();
    let client = tokio::task::spawn_blocking(move || {
        let mut socket = std::net::TcpStream::connect(address).expect("connects");
        let name = "localhost".try_into().expect("a name");
        let mut session = rustls::ClientConnection::new(connector.config(), name).expect("a session");
        let mut stream = rustls::Stream::new(&mut session, &mut socket);
        stream.write_all(b"asked").expect("writes");
        let mut received = vec![0; bytes];
        for piece in received.chunks_mut(7_001) {
            stream.read_exact(piece).expect("reads");
        }
        received
    });
    let (stream, _) = listener.accept().await.expect("accepts");
    let mut tls = Tls::new(stream, acceptor.accept().expect("a session"), BufferPool::default());
    tls.handshake().await.expect("agrees");
    let mut transport = Transport::Tls(Box::new(tls));
    transport.readable().await.expect("is asked");
    let mut asked = [0; 100];
    assert_eq!(transport.try_read(&mut asked).expect("reads"), 5);
    assert_eq!(&asked[..5], b"asked");
    let would_block = transport.try_read(&mut asked).expect_err("nothing more came");
    assert_eq!(would_block.kind(), io::ErrorKind::WouldBlock);
    let mut outbox = Outbox::default();
    let bytes = |text: &'static str| Outgoing::Bytes(Bytes::from_static(text.as_bytes()));
    outbox.queue(vec![bytes("he"), bytes("ad"), Outgoing::File(one), bytes("middle")]);
    outbox.flush(&mut transport).await.expect("sends");
    assert!(outbox.len_bytes() == 0 && !transport.has_unsent());
    assert!(client.await.expect("ends") == expected, "the bytes differ");
    log.truncate_to(Offset::new(2), NOW).expect("truncates");
    outbox.queue(vec![Outgoing::File(cut)]);
    let error = outbox.flush(&mut transport).await.expect_err("nothing is there");
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
}

#[tokio::test]
async fn a_log_that_was_cut_ends_the_connection_instead_of_hanging_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut log = log(folder.path(), 10);
    let slice = read(&log, 5, 500_000);
    log.truncate_to(Offset::new(2), NOW).expect("truncates");
    let (mut sender, _receiver) = pair().await;
    let mut outbox = Outbox::default();
    outbox.queue(vec![Outgoing::File(slice)]);
    let error = outbox.flush(&mut sender).await.expect_err("nothing is there");
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
}

#[test]
fn slices_go_where_the_encoder_left_gaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = log(folder.path(), 3);
    let (one, two) = (read(&log, 0, 1), read(&log, 2, 1));
    let gap = |slice: &ReadSlice| Piece::Elsewhere { bytes: slice.len() };
    let bytes = || Piece::Bytes(Bytes::from_static(b"x"));
    let segments = Segments { pieces: vec![bytes(), gap(&one), bytes(), gap(&two)] };
    let joined = Outgoing::join(segments, vec![one, two]);
    let first_offsets: Vec<_> = joined
        .iter()
        .map(|part| match part {
            Outgoing::Bytes(_) => None,
            Outgoing::File(slice) => Some(slice.first_offset()),
        })
        .collect();
    assert_eq!(first_offsets, [None, Some(Offset::ZERO), None, Some(Offset::new(2))]);
}
