// Java's transactional producers, their consumers, and the admin client's view of them: prints what came of each story, a
// line each.
//
//     Transactions ADDRESS
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Transactions {
    static final Duration POLL = Duration.ofMillis(50);
    static final long LIMIT_NANOS = 60_000_000_000L;

    static String address;
    static Admin admin;

    interface Step {
        void run() throws Exception;
    }

    public static void main(String[] words) throws Exception {
        address = words[0];
        admin = Admin.create(Map.of("bootstrap.servers", address));
        List<NewTopic> topics = new ArrayList<>();
        for (String name : List.of("ends", "in", "out", "fenced", "late", "seen", "hung")) {
            topics.add(new NewTopic(name, 2, (short) 1));
        }
        admin.createTopics(topics).all().get();
        ends();
        copy();
        fenced();
        late();
        seen();
        hung();
        admin.close();
    }

    static void say(String name, Object answer) {
        System.out.println(name + ": " + answer);
    }

    /** The class of what a step throws, of its innermost cause. */
    static String outcome(Step step) {
        try {
            step.run();
            return "done";
        } catch (Throwable error) {
            Throwable last = error;
            while (last.getCause() != null) {
                last = last.getCause();
            }
            return last.getClass().getSimpleName();
        }
    }

    static KafkaProducer<String, String> producer(String id, int timeoutMs) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", address);
        settings.put("transactional.id", id);
        settings.put("transaction.timeout.ms", timeoutMs);
        settings.put("linger.ms", "0");
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    static KafkaProducer<String, String> started(String id) {
        KafkaProducer<String, String> producer = producer(id, 60_000);
        producer.initTransactions();
        return producer;
    }

    static RecordMetadata send(KafkaProducer<String, String> producer, String topic, int partition, String value)
        throws ExecutionException, InterruptedException {
        return producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
    }

    static KafkaConsumer<String, String> consumer(String isolation, String group) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", address);
        settings.put("isolation.level", isolation);
        settings.put("group.protocol", "classic");
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        if (group != null) {
            settings.put("group.id", group);
        }
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static List<TopicPartition> both(String topic) {
        return List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
    }

    /** Everything up to where such a consumer may read. */
    static List<String> read(String topic, String isolation) {
        List<String> values = new ArrayList<>();
        try (var consumer = consumer(isolation, null)) {
            consumer.assign(both(topic));
            consumer.seekToBeginning(both(topic));
            Map<TopicPartition, Long> ends = consumer.endOffsets(both(topic));
            long deadline = System.nanoTime() + LIMIT_NANOS;
            while (both(topic).stream().anyMatch(at -> consumer.position(at) < ends.get(at))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the end of " + topic + " does not come: " + ends);
                }
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    values.add(record.partition() + "/" + record.value());
                }
            }
        }
        values.sort(null);
        return values;
    }

    static Map<Integer, Long> endsOf(String topic, String isolation) {
        try (var consumer = consumer(isolation, null)) {
            Map<Integer, Long> ends = new TreeMap<>();
            consumer.endOffsets(both(topic)).forEach((at, end) -> ends.put(at.partition(), end));
            return ends;
        }
    }

    static void ends() throws Exception {
        try (var producer = started("ends")) {
            producer.beginTransaction();
            for (int number = 0; number < 3; number++) {
                send(producer, "ends", number % 2, "committed " + number);
            }
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, "ends", 0, "aborted");
            send(producer, "ends", 1, "aborted");
            producer.abortTransaction();
            producer.beginTransaction();
            producer.commitTransaction();
            producer.beginTransaction();
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, "ends", 1, "committed last");
            producer.commitTransaction();
            say("ends committed", read("ends", "read_committed"));
            say("ends uncommitted", read("ends", "read_uncommitted"));
            producer.beginTransaction();
            send(producer, "ends", 0, "open");
            say("ends open", endsOf("ends", "read_committed") + " of " + endsOf("ends", "read_uncommitted"));
            say("ends open committed", read("ends", "read_committed"));
            producer.commitTransaction();
            say("ends then", endsOf("ends", "read_committed"));
        }
        try (var producer = started("ends")) {
            producer.beginTransaction();
            send(producer, "ends", 0, "the next one");
            producer.commitTransaction();
        }
        say("ends all", read("ends", "read_committed"));
    }

    static Map<TopicPartition, OffsetAndMetadata> positions(KafkaConsumer<String, String> consumer) {
        Map<TopicPartition, OffsetAndMetadata> positions = new TreeMap<>((a, b) -> a.partition() - b.partition());
        consumer.assignment().forEach(at -> positions.put(at, new OffsetAndMetadata(consumer.position(at), "copied")));
        return positions;
    }

    static String committed(KafkaConsumer<String, String> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(both("in")));
        return both("in").stream()
            .map(committed::get)
            .map(one -> one == null ? "none" : one.offset() + "'" + one.metadata() + "'")
            .collect(Collectors.joining(" "));
    }

    static void copy() throws Exception {
        try (var source = started("source")) {
            source.beginTransaction();
            for (int number = 0; number < 20; number++) {
                send(source, "in", number % 2, "number " + number);
            }
            source.commitTransaction();
        }
        try (var consumer = consumer("read_committed", "copiers"); var producer = started("copier")) {
            consumer.subscribe(List.of("in"));
            int copied = 0;
            boolean aborts = true;
            long deadline = System.nanoTime() + LIMIT_NANOS;
            while (copied < 20 && System.nanoTime() < deadline) {
                var records = consumer.poll(POLL);
                if (records.isEmpty()) {
                    continue;
                }
                producer.beginTransaction();
                for (ConsumerRecord<String, String> record : records) {
                    producer.send(new ProducerRecord<>("out", record.partition(), null, "copy of " + record.value()));
                }
                producer.sendOffsetsToTransaction(positions(consumer), consumer.groupMetadata());
                if (aborts) {
                    // The first time it thinks better of it: nothing is copied and nothing is read.
                    producer.abortTransaction();
                    aborts = false;
                    say("copy aborted", committed(consumer));
                    consumer.seekToBeginning(consumer.assignment());
                    continue;
                }
                producer.commitTransaction();
                copied += records.count();
            }
            say("copied", copied + " " + committed(consumer));
            List<String> copies = read("out", "read_committed");
            say("copies", copies.size() + " " + copies.stream().distinct().count());
            var stranger = new org.apache.kafka.clients.consumer.ConsumerGroupMetadata("copiers", 77, "nobody", java.util.Optional.empty());
            producer.beginTransaction();
            send(producer, "out", 0, "not by a stranger");
            say("stranger", outcome(() -> producer.sendOffsetsToTransaction(positions(consumer), stranger)));
            producer.abortTransaction();
            say("copied then", committed(consumer));
        }
    }

    static void fenced() throws Exception {
        var zombie = started("fenced");
        zombie.beginTransaction();
        send(zombie, "fenced", 0, "of a zombie");
        var successor = started("fenced");
        say("zombie sends", outcome(() -> send(zombie, "fenced", 1, "too late")));
        say("zombie commits", outcome(zombie::commitTransaction));
        say("zombie goes", outcome(() -> zombie.close(Duration.ZERO)));
        successor.beginTransaction();
        send(successor, "fenced", 0, "of the successor");
        successor.commitTransaction();
        say("fenced", read("fenced", "read_committed"));
        successor.beginTransaction();
        send(successor, "fenced", 0, "of one that an administrator fences");
        say("fence", outcome(() -> admin.fenceProducers(List.of("fenced", "nobody's")).all().get()));
        say("fenced by admin", outcome(successor::commitTransaction));
        successor.close(Duration.ZERO);
        say("fenced then", read("fenced", "read_committed"));
        say("too long", outcome(() -> {
            try (var producer = producer("too long", 3_600_000)) {
                producer.initTransactions();
            }
        }));
    }

    static void late() throws Exception {
        try (var producer = producer("late", 500)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, "late", 0, "late");
            await("late", "CompleteAbort");
            say("late commits", outcome(producer::commitTransaction));
        }
        say("late", read("late", "read_committed"));
        try (var producer = started("late")) {
            producer.beginTransaction();
            send(producer, "late", 0, "in time");
            producer.commitTransaction();
        }
        say("late then", read("late", "read_committed"));
    }

    static TransactionDescription describe(String id) throws Exception {
        return admin.describeTransactions(List.of(id)).description(id).get();
    }

    static void await(String id, String state) throws Exception {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!describe(id).state().toString().equals(state)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(id + " is " + describe(id));
            }
            Thread.sleep(20);
        }
    }

    static String names(Collection<TransactionListing> listings) {
        return listings.stream().map(one -> one.transactionalId() + "/" + one.state()).sorted().toList().toString();
    }

    static void seen() throws Exception {
        try (var producer = started("seen")) {
            say("seen idle", describe("seen").state() + " " + describe("seen").transactionStartTimeMs().isPresent());
            producer.beginTransaction();
            send(producer, "seen", 1, "open");
            send(producer, "seen", 0, "open");
            TransactionDescription open = describe("seen");
            say("seen", open.state() + " " + open.producerEpoch() + " " + open.transactionTimeoutMs() + " "
                + open.transactionStartTimeMs().isPresent() + " " + open.topicPartitions().stream().map(Object::toString).sorted().toList()
                + " " + (open.coordinatorId() > 0));
            say("seen nobody", outcome(() -> describe("nobody")));
            Set<Long> ids = Set.of(open.producerId());
            say("listed", names(admin.listTransactions().all().get()));
            say("listed by id", names(admin.listTransactions(new ListTransactionsOptions().filterProducerIds(ids)).all().get()));
            say("listed ongoing", names(admin.listTransactions(
                new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING))).all().get()));
            say("listed long", names(admin.listTransactions(
                new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)).filterOnDuration(3_600_000)).all().get()));
            say("listed by name", names(admin.listTransactions(
                new ListTransactionsOptions().filterOnTransactionalIdPattern("co.*r")).all().get()));
            say("listed by no name", outcome(() -> admin.listTransactions(
                new ListTransactionsOptions().filterOnTransactionalIdPattern("(")).all().get()));
            TopicPartition at = new TopicPartition("seen", 1);
            for (ProducerState state : admin.describeProducers(List.of(at)).partitionResult(at).get().activeProducers()) {
                say("producer", (state.producerId() == open.producerId()) + " " + state.producerEpoch() + " " + state.lastSequence() + " "
                    + state.coordinatorEpoch() + " " + state.currentTransactionStartOffset() + " " + (state.lastTimestamp() > 0));
            }
            producer.commitTransaction();
            await("seen", "CompleteCommit");
            say("seen then", describe("seen").state() + " " + describe("seen").topicPartitions().size());
            for (ProducerState state : admin.describeProducers(List.of(at)).partitionResult(at).get().activeProducers()) {
                say("producer then", (state.producerId() == open.producerId()) + " " + state.producerEpoch() + " " + state.lastSequence()
                    + " " + state.coordinatorEpoch() + " " + state.currentTransactionStartOffset());
            }
        }
    }

    /** An administrator ends transactions: one by its id, one in a partition whose coordinator is not asked. */
    static void hung() throws Exception {
        var forced = started("forced");
        forced.beginTransaction();
        send(forced, "hung", 0, "forced");
        say("force", outcome(() -> admin.forceTerminateTransaction("forced").result().get()));
        say("forced commits", outcome(forced::commitTransaction));
        forced.close(Duration.ZERO);
        var hung = started("hung");
        hung.beginTransaction();
        send(hung, "hung", 1, "hung");
        TopicPartition at = new TopicPartition("hung", 1);
        ProducerState state = admin.describeProducers(List.of(at)).partitionResult(at).get().activeProducers().get(0);
        say("abort", outcome(() -> admin.abortTransaction(new AbortTransactionSpec(
            at, state.producerId(), (short) state.producerEpoch(), state.coordinatorEpoch().orElse(0))).all().get()));
        say("hung", endsOf("hung", "read_committed") + " of " + endsOf("hung", "read_uncommitted") + " " + read("hung", "read_committed"));
        say("hung commits", outcome(hung::commitTransaction));
        hung.close(Duration.ZERO);
        say("hung then", read("hung", "read_committed"));
    }
}
