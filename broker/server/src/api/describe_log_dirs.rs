//! DescribeLogDirs: what lies in each log directory, and how full its volume is (KIP-113, KIP-827).

use std::{collections::BTreeMap, sync::Arc};

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeLogDirsRequest, DescribeLogDirsResponse,
        describe_log_dirs_response::{DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic},
    },
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    directories::Directory,
};

/// What is not known of a volume.
const UNKNOWN_BYTES: i64 = -1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    if !broker.authorizer().allows(context, Operation::Describe, Resource::Cluster) {
        let error_code = ErrorCode::ClusterAuthorizationFailed.code();
        return DescribeLogDirsResponse { error_code, ..DescribeLogDirsResponse::default() };
    }
    let wanted = request.topics.map(|topics| {
        let by_name = topics.into_iter().map(|topic| (topic.topic.to_string(), topic.partitions));
        by_name.collect::<BTreeMap<_, _>>()
    });
    let describing = Arc::clone(broker);
    let results = broker.blocking(move || describe_all(&describing, wanted.as_ref())).await;
    DescribeLogDirsResponse { results, ..DescribeLogDirsResponse::default() }
}

/// Which partitions of which topics are asked for; `None`: all.
type Wanted = BTreeMap<String, Vec<i32>>;

fn describe_all(broker: &Broker, wanted: Option<&Wanted>) -> Vec<DescribeLogDirsResult> {
    let online = broker.directories.online.iter().map(|directory| describe(broker, directory, wanted));
    let failed = broker.directories.failed_at_start.iter().map(|path| DescribeLogDirsResult {
        error_code: ErrorCode::KafkaStorageError.code(),
        log_dir: Str::from(path.display().to_string()),
        total_bytes: UNKNOWN_BYTES,
        usable_bytes: UNKNOWN_BYTES,
        ..DescribeLogDirsResult::default()
    });
    online.chain(failed).collect()
}

fn describe(broker: &Broker, directory: &Arc<Directory>, wanted: Option<&Wanted>) -> DescribeLogDirsResult {
    let space = directory.log_directory().space().ok();
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let mut result = DescribeLogDirsResult {
        log_dir: Str::from(directory.path().display().to_string()),
        total_bytes: space.map_or(UNKNOWN_BYTES, |space| bytes(space.total_bytes)),
        usable_bytes: space.map_or(UNKNOWN_BYTES, |space| bytes(space.free_bytes)),
        ..DescribeLogDirsResult::default()
    };
    result.is_cordoned = directory.is_cordoned();
    if directory.is_offline() {
        result.error_code = ErrorCode::KafkaStorageError.code();
        return result;
    }
    let mut topics: BTreeMap<String, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for partition in broker.partitions().all() {
        let (name, index) = (partition.id().topic.as_str(), partition.id().partition.get());
        if wanted.is_some_and(|wanted| wanted.get(name).is_none_or(|indexes| !indexes.contains(&index))) {
            continue;
        }
        let described = |size, offset_lag, is_future_key| DescribeLogDirsPartition {
            partition_index: index,
            partition_size: bytes(size),
            offset_lag,
            is_future_key,
        };
        let mut found = Vec::new();
        if Arc::ptr_eq(&partition.directory(), directory) {
            let known = partition
                .care_for_log(|log| (log.size_bytes(), log.high_watermark().since(log.end_offset())));
            found.extend(known.map(|(size, lag)| described(size, lag, false)));
        }
        found.extend(partition.future_in(directory).map(|copy| described(copy.bytes, copy.lag, true)));
        if !found.is_empty() {
            topics.entry(name.to_owned()).or_default().extend(found);
        }
    }
    let topic = |(name, mut partitions): (String, Vec<DescribeLogDirsPartition>)| {
        partitions.sort_by_key(|partition| partition.partition_index);
        DescribeLogDirsTopic { name: Str::from(name), partitions }
    };
    result.topics = topics.into_iter().map(topic).collect();
    result
}
