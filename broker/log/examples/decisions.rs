//! Measures what the design left open:
//! `cargo run --release -p broker-log --example decisions -- FOLDER`
//!
//! Who writes to a partition: whoever holds its lock, or a task behind a mailbox. And how cached records leave: read
//! into a reused buffer and written, or `sendfile`. The answers are in `docs/decisions`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    error::Error,
    fs::File,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    time::Instant,
};

use broker_log::{AppendOrigin, FsDisk, Log, LogConfig, LogDirectory, Owner};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::{
    BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicName, TopicPartition,
    Uuid,
};
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Message = (Bytes, oneshot::Sender<()>);

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const PARTITIONS: usize = 6;
const APPENDS: usize = 24_000;
/// The most messages that wait for a writer.
const MAILBOX: usize = 64;
const SENT_BYTES: usize = 1 << 30;
const SLICE_BYTES: usize = 64 << 10;

fn batch() -> Outcome<Bytes> {
    let value = vec![b'v'; 1000];
    let mut builder = BatchBuilder::new(Offset::ZERO);
    for _ in 0..16 {
        builder.append(&NewRecord { timestamp: Some(NOW), key: None, value: Some(&value), headers: &[] })?;
    }
    Ok(builder.build())
}

fn logs(folder: &Path, name: &str) -> Outcome<(LogDirectory, Vec<Log>)> {
    let owner = Owner { cluster_id: ClusterId::new("bench"), node_id: BrokerId::new(1) };
    let id = DirectoryId::new(Uuid::from_bytes([7; 16]));
    let directory = LogDirectory::open(FsDisk, &folder.join(name), &owner, id)?;
    let log = |number: usize| -> Outcome<Log> {
        let tp = TopicPartition::new(TopicName::new(name), PartitionId::new(i32::try_from(number)?));
        Ok(directory.create_log(tp, None, LogConfig::default(), NOW)?)
    };
    let logs = (0..PARTITIONS).map(log).collect::<Outcome<_>>()?;
    Ok((directory, logs))
}

fn append(log: &mut Log, batch: &Bytes) {
    log.append_as_leader(batch, LeaderEpoch::new(0), NOW, AppendOrigin::Client).expect("an append");
}

/// What a connection does before it appends: it waits for its socket and checks the batch.
async fn received(batch: &Bytes) {
    tokio::task::yield_now().await;
    assert_ne!(broker_records::crc32c(batch), 0);
}

/// Seconds of CPU of this process, or of this thread, so far.
fn cpu_seconds(whose: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{whose}/stat")).unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn told(what: &str, started: Instant, cpu: f64, appends: usize) {
    let each = |seconds: f64| seconds * 1e6 / appends as f64;
    println!(
        "{what}: {:.2} us and {:.2} us of CPU for an append",
        each(started.elapsed().as_secs_f64()),
        each(cpu_seconds("self") - cpu)
    );
}

async fn under_locks(folder: &Path, connections: usize) -> Outcome<()> {
    let (directory, logs) = logs(folder, &format!("lock-{connections}"))?;
    let logs: Arc<Vec<_>> = Arc::new(logs.into_iter().map(Mutex::new).collect());
    let (batch, each) = (batch()?, APPENDS / connections);
    let (started, cpu) = (Instant::now(), cpu_seconds("self"));
    let connection = |number: usize| {
        let (logs, batch) = (logs.clone(), batch.clone());
        tokio::spawn(async move {
            for at in 0..each {
                received(&batch).await;
                append(&mut logs[(number + at) % PARTITIONS].lock(), &batch);
            }
        })
    };
    let running: Vec<_> = (0..connections).map(connection).collect();
    for one in running {
        one.await?;
    }
    told(&format!("lock, {connections} connections"), started, cpu, each * connections);
    drop(directory);
    Ok(())
}

async fn behind_mailboxes(folder: &Path, connections: usize) -> Outcome<()> {
    let (directory, logs) = logs(folder, &format!("mailbox-{connections}"))?;
    let writer = |mut log: Log| {
        let (sender, mut mailbox) = mpsc::channel::<Message>(MAILBOX);
        tokio::spawn(async move {
            while let Some((batch, reply)) = mailbox.recv().await {
                append(&mut log, &batch);
                let _gone = reply.send(());
            }
        });
        sender
    };
    let writers: Arc<Vec<_>> = Arc::new(logs.into_iter().map(writer).collect());
    let (batch, each) = (batch()?, APPENDS / connections);
    let (started, cpu) = (Instant::now(), cpu_seconds("self"));
    let connection = |number: usize| {
        let (writers, batch) = (writers.clone(), batch.clone());
        tokio::spawn(async move {
            for at in 0..each {
                received(&batch).await;
                let (reply, done) = oneshot::channel();
                let sent = writers[(number + at) % PARTITIONS].send((batch.clone(), reply)).await;
                sent.expect("the writer lives");
                done.await.expect("the writer answers");
            }
        })
    };
    let running: Vec<_> = (0..connections).map(connection).collect();
    for one in running {
        one.await?;
    }
    told(&format!("mailbox, {connections} connections"), started, cpu, each * connections);
    drop(directory);
    Ok(())
}

/// Sends a gigabyte of cached records to a peer that only takes it.
fn send(
    folder: &Path,
    how: &str,
    mut slice: impl FnMut(&File, &mut TcpStream, u64) -> Outcome<()>,
) -> Outcome<()> {
    let path = folder.join("cached");
    std::fs::write(&path, vec![b'r'; 64 << 20])?;
    let file = File::open(&path)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut socket = TcpStream::connect(listener.local_addr()?)?;
    let (mut peer, _) = listener.accept()?;
    let taking = std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 20];
        while peer.read(&mut buffer).is_ok_and(|read| read > 0) {}
    });
    let (started, cpu) = (Instant::now(), cpu_seconds("thread-self"));
    for at in 0..SENT_BYTES / SLICE_BYTES {
        slice(&file, &mut socket, ((at * SLICE_BYTES) % (64 << 20)) as u64)?;
    }
    println!(
        "{how}: {:.0} MB/s, {:.2} s of CPU for a GB",
        SENT_BYTES as f64 / 1e6 / started.elapsed().as_secs_f64(),
        (cpu_seconds("thread-self") - cpu) * 1e9 / SENT_BYTES as f64
    );
    drop(socket);
    taking.join().map_err(|_| "the peer failed")?;
    Ok(())
}

fn sends(folder: &Path) -> Outcome<()> {
    let mut buffer = vec![0; SLICE_BYTES];
    send(folder, "read and write", |file, socket, at| {
        std::os::unix::fs::FileExt::read_exact_at(file, &mut buffer, at)?;
        Ok(socket.write_all(&buffer)?)
    })?;
    send(folder, "sendfile", |file, socket, at| {
        let (mut from, mut left) = (at, SLICE_BYTES);
        while left > 0 {
            left -= rustix::fs::sendfile(&*socket, file, Some(&mut from), left)?;
        }
        Ok(())
    })
}

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    for connections in [1, 8, 64] {
        runtime.block_on(under_locks(folder, connections))?;
        runtime.block_on(behind_mailboxes(folder, connections))?;
    }
    sends(folder)
}
