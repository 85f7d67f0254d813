import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Calls every method of Apache's admin client, with what is right and with what is wrong, and prints the answers as
 * they are put into words by that client, what was asked before a colon. The arguments are the address of a broker
 * alone in its cluster, and its log directory.
 */
public class AdminCalls {
    static final TopicPartition FIRST = new TopicPartition("first", 0);
    static final TopicPartition SECOND = new TopicPartition("first", 1);
    static final TopicPartition MISSING = new TopicPartition("missing", 0);
    static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "first");
    static final ConfigResource CLUSTER = new ConfigResource(ConfigResource.Type.BROKER, "");
    static final AclBinding BINDING = new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "secret", PatternType.LITERAL),
        new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));

    /** For what waits for a broker or topic that never comes, milliseconds. */
    static final int AWAITED = 500;

    static int settled;
    static String directory;
    static int node;
    static Admin admin;

    public static void main(String[] words) throws Exception {
        directory = words[1];
        try (Admin own = Admin.create(Map.of("bootstrap.servers", words[0]))) {
            admin = own;
            node = admin.describeCluster().nodes().get().iterator().next().id();
            topics();
            cluster();
            configs();
            directories();
            try (KafkaProducer<String, String> producer = producer(words[0])) {
                records(producer);
                transactions(producer);
            }
            partitions();
            access();
            users();
            groups();
            features();
            quorum();
            remains();
        }
    }

    static KafkaProducer<String, String> producer(String address) {
        var producer = new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", address, "transactional.id", "writer", "linger.ms", 0),
            new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    static void ask(String name, Callable<Future<?>> call) throws Exception {
        String answer;
        try {
            answer = shown(call.call().get());
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            // How often it was tried differs from run to run.
            answer = cause.getClass().getSimpleName() + (cause instanceof TimeoutException ? "" : ": " + cause.getMessage());
        } catch (RuntimeException refused) {
            answer = "refused: " + refused.getClass().getSimpleName() + ": " + refused.getMessage();
        }
        System.out.println(name + ": " + answer);
    }

    static Future<?> completed(Object answer) {
        return KafkaFuture.completedFuture(answer);
    }

    /** Asks for each of several answers by itself, in the order of their keys. */
    static <K> void each(String name, Map<K, ? extends Future<?>> answers) throws Exception {
        var sorted = new TreeMap<String, Future<?>>();
        answers.forEach((key, answer) -> sorted.put(String.valueOf(key), answer));
        for (var answer : sorted.entrySet()) {
            ask(name + " of " + answer.getKey(), answer::getValue);
        }
    }

    /** Waits until the broker has taken up all that was changed: the first of two topics, seen before the second is made. */
    static void settle() throws Exception {
        for (int count = 0; count < 2; count++) {
            String name = "settled-" + settled++;
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
            while (!admin.listTopics().names().get().contains(name)) {
                Thread.sleep(10);
            }
        }
    }

    /** In words that do not depend on the order of hash tables. */
    static String shown(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().map(entry -> shown(entry.getKey()) + "=" + shown(entry.getValue())).sorted()
                .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Collection<?> collection) {
            return collection.stream().map(AdminCalls::shown).sorted().collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Config config) {
            return config.entries().stream().map(AdminCalls::shown).sorted().collect(Collectors.joining("\n  ", "\n  ", ""));
        }
        if (value instanceof ConfigEntry entry) {
            return entry.name() + "=" + entry.value() + " " + entry.source() + " " + entry.type()
                + (entry.isSensitive() ? " sensitive" : "") + (entry.isReadOnly() ? " read-only" : "")
                + entry.synonyms() + (entry.documentation() == null ? "" : " documented");
        }
        if (value instanceof DeletedRecords deleted) {
            return "from " + deleted.lowWatermark();
        }
        if (value instanceof UserScramCredentialsDescription user) {
            return user.name() + " " + user.credentialInfos();
        }
        return String.valueOf(value);
    }

    static void topics() throws Exception {
        var wanted = List.of(
            new NewTopic("first", 2, (short) 1).configs(Map.of("retention.ms", "12345", "cleanup.policy", "compact")),
            new NewTopic("second", Map.of(0, List.of(node), 1, List.of(node))),
            new NewTopic("defaults", Optional.empty(), Optional.empty()),
            new NewTopic("too-wide", 1, (short) 3),
            new NewTopic("no partitions", 1, (short) 1),
            new NewTopic("none", 0, (short) 1),
            new NewTopic("elsewhere", Map.of(0, List.of(77))),
            new NewTopic("gaps", Map.of(1, List.of(node))),
            new NewTopic("twice", Map.of(0, List.of(node, node))),
            new NewTopic("unknown-config", 1, (short) 1).configs(Map.of("no.such", "1")),
            new NewTopic("wrong-config", 1, (short) 1).configs(Map.of("retention.ms", "soon")),
            new NewTopic("x".repeat(250), 1, (short) 1),
            new NewTopic("..", 1, (short) 1));
        each("validate topic", admin.createTopics(wanted, new CreateTopicsOptions().validateOnly(true)).values());
        var created = admin.createTopics(wanted);
        each("create topic", created.values());
        ask("partitions", () -> created.numPartitions("first"));
        ask("replicas", () -> created.replicationFactor("first"));
        ask("config", () -> created.config("first"));
        settle();
        each("create again", admin.createTopics(List.of(new NewTopic("first", 1, (short) 1))).values());
        ask("names", () -> admin.listTopics().names());
        ask("listings", () -> admin.listTopics(new ListTopicsOptions().listInternal(true)).listings());
        var both = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        each("describe topic", admin.describeTopics(List.of("first", "missing", "a/b", ""), both).topicNameValues());
        Uuid id = admin.describeTopics(List.of("first")).topicNameValues().get("first").get().topicId();
        each("describe by id", admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).topicIdValues());
        each("unknown id", admin.describeTopics(TopicCollection.ofTopicIds(List.of(new Uuid(7, 7)))).topicIdValues());
        each("delete topic", admin.deleteTopics(List.of("defaults", "missing", "")).topicNameValues());
        each("delete by id", admin.deleteTopics(TopicCollection.ofTopicIds(List.of(new Uuid(7, 7)))).topicIdValues());
    }

    static void cluster() throws Exception {
        var asked = admin.describeCluster(
            new DescribeClusterOptions().includeAuthorizedOperations(true).includeFencedBrokers(true));
        ask("nodes", () -> asked.nodes());
        ask("controller", () -> asked.controller());
        ask("cluster id", () -> asked.clusterId());
    }

    static void configs() throws Exception {
        var resources = List.of(TOPIC, CLUSTER, new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(node)),
            new ConfigResource(ConfigResource.Type.BROKER, "77"), new ConfigResource(ConfigResource.Type.BROKER, "x"),
            new ConfigResource(ConfigResource.Type.TOPIC, "missing"), new ConfigResource(ConfigResource.Type.TOPIC, "a/b"),
            new ConfigResource(ConfigResource.Type.GROUP, "any"), new ConfigResource(ConfigResource.Type.GROUP, ""),
            new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "77"));
        for (ConfigResource resource : resources) {
            // A broker's own are compared one by one elsewhere, where what Klamm does without is known.
            if (!resource.name().equals(String.valueOf(node))) {
                ask("configs of " + resource, () -> admin.describeConfigs(List.of(resource),
                    new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)
                        .timeoutMs(resource.name().equals("77") ? AWAITED : 30_000)).all());
            }
        }
        for (ConfigResource resource : resources.stream().filter(one -> !one.name().equals("77")).toList()) {
            alter(resource, "retention.ms", "98765", AlterConfigOp.OpType.SET);
            alter(resource, "log.cleaner.threads", "2", AlterConfigOp.OpType.SET);
            alter(resource, "consumer.session.timeout.ms", "50000", AlterConfigOp.OpType.SET);
            alter(resource, "no.such", "1", AlterConfigOp.OpType.SET);
        }
        alter(TOPIC, "retention.ms", "soon", AlterConfigOp.OpType.SET);
        alter(TOPIC, "cleanup.policy", "delete", AlterConfigOp.OpType.APPEND);
        alter(TOPIC, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT);
        alter(TOPIC, "retention.ms", "1", AlterConfigOp.OpType.APPEND);
        alter(TOPIC, "retention.ms", null, AlterConfigOp.OpType.DELETE);
        alter(TOPIC, "min.insync.replicas", "0", AlterConfigOp.OpType.SET);
        alter(CLUSTER, "log.cleaner.threads", null, AlterConfigOp.OpType.DELETE);
        settle();
        ask("configs then", () -> admin.describeConfigs(List.of(TOPIC, CLUSTER)).all());
        ask("resources with configs", () -> admin.listConfigResources(
            Set.of(ConfigResource.Type.TOPIC, ConfigResource.Type.GROUP, ConfigResource.Type.BROKER),
            new ListConfigResourcesOptions()).all());
        ask("resources for metrics", () -> admin.listClientMetricsResources().all());
    }

    static void alter(ConfigResource resource, String key, String value, AlterConfigOp.OpType how) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> wanted =
            Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), how)));
        ask(how + " " + key + " of " + resource + " validated",
            () -> admin.incrementalAlterConfigs(wanted, new AlterConfigsOptions().validateOnly(true)).all());
        ask(how + " " + key + " of " + resource, () -> admin.incrementalAlterConfigs(wanted).all());
    }

    static void directories() throws Exception {
        for (int broker : List.of(node, 77)) {
            ask("directories of " + broker, () -> {
                var all = admin.describeLogDirs(List.of(broker), new DescribeLogDirsOptions().timeoutMs(AWAITED))
                    .descriptions().get(broker).get();
                var said = new TreeMap<String, String>();
                all.forEach((path, one) -> said.put(path, one.error() + " " + shown(one.replicaInfos())));
                return completed(said);
            });
        }
        var replica = new TopicPartitionReplica("first", 0, node);
        var missing = new TopicPartitionReplica("missing", 0, node);
        each("directory of replica", admin.describeReplicaLogDirs(List.of(replica, missing)).values());
        each("move", admin.alterReplicaLogDirs(Map.of(replica, directory, missing, directory)).values());
        each("move elsewhere", admin.alterReplicaLogDirs(Map.of(replica, "/no/such")).values());
        each("move to a relative path", admin.alterReplicaLogDirs(Map.of(replica, "such")).values());
    }

    static void records(KafkaProducer<String, String> producer) throws Exception {
        producer.beginTransaction();
        for (int count = 0; count < 5; count++) {
            producer.send(new ProducerRecord<>("first", 0, 1_000L + count, "k", "v" + count));
        }
        producer.commitTransaction();
        // The marker of its end comes after the answer.
        while (admin.listOffsets(Map.of(FIRST, OffsetSpec.latest())).partitionResult(FIRST).get().offset() < 6) {
            Thread.sleep(10);
        }
        for (OffsetSpec spec : List.of(OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.maxTimestamp(),
                OffsetSpec.forTimestamp(1_003), OffsetSpec.forTimestamp(9_999_999), OffsetSpec.earliestLocal(),
                OffsetSpec.latestTiered(), OffsetSpec.earliestPendingUpload())) {
            for (IsolationLevel level : IsolationLevel.values()) {
                ask(spec.getClass().getSimpleName() + " " + level,
                    () -> admin.listOffsets(Map.of(FIRST, spec), new ListOffsetsOptions(level)).partitionResult(FIRST));
            }
        }
        ask("offset of nothing", () -> admin.listOffsets(Map.of(MISSING, OffsetSpec.latest()),
            new ListOffsetsOptions().timeoutMs(AWAITED)).partitionResult(MISSING));
        for (long before : List.of(2L, 77L, -1L, -7L)) {
            each("delete before " + before,
                admin.deleteRecords(Map.of(SECOND, RecordsToDelete.beforeOffset(before))).lowWatermarks());
        }
        ask("delete of nothing", () -> admin.deleteRecords(Map.of(MISSING, RecordsToDelete.beforeOffset(1)),
            new DeleteRecordsOptions().timeoutMs(AWAITED)).all());
    }

    static void transactions(KafkaProducer<String, String> producer) throws Exception {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("second", 0, "k", "v")).get();
        var second = new TopicPartition("second", 0);
        ask("producers", () -> admin.describeProducers(List.of(second)).partitionResult(second));
        ask("producers of nothing", () -> admin.describeProducers(List.of(MISSING),
            new DescribeProducersOptions().timeoutMs(AWAITED)).partitionResult(MISSING));
        each("transaction", admin.describeTransactions(List.of("writer")).all().get().keySet().stream().collect(
            Collectors.toMap(id -> id, id -> admin.describeTransactions(List.of(id)).description(id))));
        ask("no transaction", () -> admin.describeTransactions(List.of("nobody")).description("nobody"));
        ask("transactions", () -> admin.listTransactions().all());
        for (String pattern : List.of("wri.*", "other", "(")) {
            ask("transactions called " + pattern, () -> admin.listTransactions(
                new ListTransactionsOptions().filterOnTransactionalIdPattern(pattern)).all());
        }
        ask("abort a stranger", () -> admin.abortTransaction(new AbortTransactionSpec(second, 77, (short) 0, 0)).all());
        var fenced = admin.fenceProducers(List.of("writer", "new"));
        ask("fence", () -> fenced.all());
        ask("epoch of the fenced", () -> fenced.epochId("new"));
        ask("terminate", () -> admin.forceTerminateTransaction("writer").result());
    }

    static void partitions() throws Exception {
        each("more partitions", admin.createPartitions(Map.of(
            "second", NewPartitions.increaseTo(3), "first", NewPartitions.increaseTo(1),
            "missing", NewPartitions.increaseTo(3))).values());
        settle();
        each("as many partitions", admin.createPartitions(Map.of("second", NewPartitions.increaseTo(3))).values());
        each("partitions elsewhere", admin.createPartitions(
            Map.of("second", NewPartitions.increaseTo(4, List.of(List.of(77))))).values());
        for (ElectionType type : ElectionType.values()) {
            ask("elect " + type, () -> admin.electLeaders(type, Set.of(FIRST, MISSING)).partitions());
            ask("elect all " + type, () -> admin.electLeaders(type, null).partitions());
        }
        each("reassign", admin.alterPartitionReassignments(Map.of(
            FIRST, Optional.of(new NewPartitionReassignment(List.of(node))),
            SECOND, Optional.of(new NewPartitionReassignment(List.of(77))),
            MISSING, Optional.of(new NewPartitionReassignment(List.of(node))))).values());
        each("cancel", admin.alterPartitionReassignments(Map.of(FIRST, Optional.empty())).values());
        ask("reassignments", () -> admin.listPartitionReassignments().reassignments());
        ask("reassignments of", () -> admin.listPartitionReassignments(Set.of(FIRST, MISSING)).reassignments());
    }

    static void access() throws Exception {
        var wrong = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "secret", PatternType.LITERAL),
            new AccessControlEntry("alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
        var odd = new AclBinding(new ResourcePattern(ResourceType.CLUSTER, "odd", PatternType.LITERAL),
            new AccessControlEntry("User:alice", "10.0.0.1", AclOperation.CREATE, AclPermissionType.DENY));
        var any = new AclBinding(new ResourcePattern(ResourceType.GROUP, "", PatternType.LITERAL),
            new AccessControlEntry("User:alice", "nowhere", AclOperation.READ, AclPermissionType.ALLOW));
        each("create acl", admin.createAcls(List.of(BINDING, wrong, odd, any)).values());
        settle();
        ask("acls", () -> admin.describeAcls(AclBindingFilter.ANY).values());
        ask("acls that match", () -> admin.describeAcls(new AclBindingFilter(
            new ResourcePatternFilter(ResourceType.TOPIC, "secret", PatternType.MATCH), AccessControlEntryFilter.ANY)).values());
        ask("delete acls", () -> admin.deleteAcls(List.of(BINDING.toFilter(), odd.toFilter())).all());
        ask("create a token", () -> admin.createDelegationToken().delegationToken());
        ask("renew a token", () -> admin.renewDelegationToken(new byte[] {1}).expiryTimestamp());
        ask("expire a token", () -> admin.expireDelegationToken(new byte[] {1}).expiryTimestamp());
        ask("tokens", () -> admin.describeDelegationToken().delegationTokens());
    }

    static void users() throws Exception {
        var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
        each("scram", admin.alterUserScramCredentials(List.of(
            new UserScramCredentialUpsertion("alice", info, "secret"),
            new UserScramCredentialUpsertion("few", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 7), "secret"),
            new UserScramCredentialUpsertion("many", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 99999), "s"),
            new UserScramCredentialUpsertion("", info, "secret"),
            new UserScramCredentialDeletion("nobody", ScramMechanism.SCRAM_SHA_512))).values());
        settle();
        ask("scram users", () -> admin.describeUserScramCredentials().all());
        ask("scram of alice", () -> admin.describeUserScramCredentials(List.of("alice")).description("alice"));
        for (var entity : List.of(Map.of("user", "alice"), Map.of("client-id", "c"), Map.of("ip", "127.0.0.1"),
                Map.of("ip", "not.an.address.example"), Map.of("odd", "x"), Map.of("user", "a", "ip", "127.0.0.1"))) {
            for (String key : List.of("producer_byte_rate", "connection_creation_rate", "no_such")) {
                for (double value : List.of(1000.0, 0.5, -1.0)) {
                    var wanted = List.of(new ClientQuotaAlteration(new ClientQuotaEntity(entity),
                        List.of(new ClientQuotaAlteration.Op(key, value))));
                    ask("quota " + key + " " + value + " of " + new TreeMap<>(entity),
                        () -> admin.alterClientQuotas(wanted).all());
                }
            }
        }
        settle();
        ask("quotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities());
        ask("quotas of users", () -> admin.describeClientQuotas(ClientQuotaFilter.containsOnly(
            List.of(ClientQuotaFilterComponent.ofEntityType("user")))).entities());
    }

    /** Classic ones are asked for in Groups; what asks for share and streams groups by requests of their own is left out. */
    static void groups() throws Exception {
        each("delete share group", admin.deleteShareGroups(List.of("any")).deletedGroups());
        ask("streams offsets", () -> admin.listStreamsGroupOffsets(Map.of("any", new ListStreamsGroupOffsetsSpec())).all());
        ask("alter streams offsets", () -> admin.alterStreamsGroupOffsets("any", Map.of(FIRST, new OffsetAndMetadata(1))).all());
        ask("delete streams offsets", () -> admin.deleteStreamsGroupOffsets("any", Set.of(FIRST)).all());
        each("delete streams group", admin.deleteStreamsGroups(List.of("any")).deletedGroups());
    }

    static void features() throws Exception {
        for (String name : List.of("metadata.version", "group.version", "no.such", "kraft.version")) {
            for (short level : new short[] {0, 1, 99}) {
                for (var type : List.of(FeatureUpdate.UpgradeType.UPGRADE, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)) {
                    ask("feature " + name + " " + level + " " + type, () -> admin.updateFeatures(
                        Map.of(name, new FeatureUpdate(level, type)), new UpdateFeaturesOptions().validateOnly(true)).all());
                }
            }
        }
        // Their epoch is an offset of the metadata log.
        ask("features", () -> completed(new TreeMap<>(
            admin.describeFeatures(new DescribeFeaturesOptions()).featureMetadata().get().finalizedFeatures())));
        var supported = new TreeMap<>(
            admin.describeFeatures(new DescribeFeaturesOptions()).featureMetadata().get().supportedFeatures());
        supported.keySet().removeAll(Set.of("share.version", "streams.version")); // Not there, as their groups.
        ask("supported features", () -> completed(supported));
    }

    static void quorum() throws Exception {
        ask("quorum", () -> {
            var info = admin.describeMetadataQuorum().quorumInfo().get();
            return completed(info.leaderId() + " " + info.nodes() + " "
                + info.voters().stream().map(QuorumInfo.ReplicaState::replicaId).toList() + info.observers());
        });
        var endpoint = Set.of(new RaftVoterEndpoint("CONTROLLER", "localhost", 1));
        var options = new AddRaftVoterOptions().setClusterId(Optional.of("another"));
        ask("add a voter", () -> admin.addRaftVoter(77, new Uuid(7, 7), endpoint, options).all());
        ask("remove a voter", () -> admin.removeRaftVoter(77, new Uuid(7, 7)).all());
        ask("unregister", () -> admin.unregisterBroker(77).all());
    }

    static void remains() throws Exception {
        ask("id of this client", () -> completed(admin.clientInstanceId(Duration.ofSeconds(5))));
    }
}
