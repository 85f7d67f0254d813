// Apache's consumer in a group, step by step: prints what happened, one line a step, in words that do not change
// from run to run. The test compares the lines.
//
//     Consumers ADDRESS ASSIGNOR    (range, roundrobin, sticky or cooperative-sticky: classic groups;
//                                    consumer:uniform or consumer:range: those of KIP-848)
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Consumers {
    static final String MODERN = "consumer:";

    static String address;
    static String assignor;

    public static void main(String[] words) throws Exception {
        address = words[0];
        assignor = words[1];
        sharing();
        committing();
        positions();
        if (isModern()) {
            unsubscribing();
            serverPattern();
        } else {
            enforcing();
        }
        pattern();
        staticMembers();
    }

    /** A consumer that keeps what its listener is told. */
    static class Member implements ConsumerRebalanceListener, AutoCloseable {
        final KafkaConsumer<String, String> consumer;
        final List<ConsumerRecord<String, String>> records = new ArrayList<>();
        int assigned;
        int revoked;

        Member(String group, String instance) {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", address);
            settings.put("group.id", group);
            if (isModern()) {
                settings.put("group.protocol", "consumer");
                settings.put("group.remote.assignor", assignor.substring(MODERN.length()));
            } else {
                settings.put("group.protocol", "classic");
                settings.put("partition.assignment.strategy", assignorClass());
                settings.put("heartbeat.interval.ms", "300");
            }
            settings.put("enable.auto.commit", "false");
            settings.put("auto.offset.reset", "earliest");
            settings.put("metadata.max.age.ms", "500");
            if (instance != null) {
                settings.put("group.instance.id", instance);
            }
            consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        }

        Member join(String topic) {
            consumer.subscribe(List.of(topic), this);
            return this;
        }

        int size() {
            return consumer.assignment().size();
        }

        void poll() {
            consumer.poll(Duration.ofMillis(50)).forEach(records::add);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            assigned += partitions.size();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked += partitions.size();
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    static boolean isModern() {
        return assignor.startsWith(MODERN);
    }

    static String assignorClass() {
        return switch (assignor) {
            case "range" -> "org.apache.kafka.clients.consumer.RangeAssignor";
            case "roundrobin" -> "org.apache.kafka.clients.consumer.RoundRobinAssignor";
            case "sticky" -> "org.apache.kafka.clients.consumer.StickyAssignor";
            default -> "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
        };
    }

    static void until(String wanted, BooleanSupplier isSo, Member... members) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not so after a minute: " + wanted);
            }
            for (Member member : members) {
                member.poll();
            }
        }
    }

    static void create(String topic, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        }
    }

    static void produce(String topic, int count) {
        Map<String, Object> settings = Map.of("bootstrap.servers", address);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int number = 0; number < count; number++) {
                producer.send(new ProducerRecord<>(topic, number % 4, null, topic + number));
            }
        }
    }

    static Set<String> values(Member... members) {
        Set<String> all = new HashSet<>();
        for (Member member : members) {
            member.records.forEach(record -> all.add(record.value()));
        }
        return all;
    }

    /** Two members share, one goes, and nothing is read twice. */
    static void sharing() throws Exception {
        create("sharing", 4);
        produce("sharing", 40);
        Member one = new Member("sharing", null).join("sharing");
        until("one has all", () -> one.size() == 4, one);
        System.out.println("one alone: +" + one.assigned + " -" + one.revoked);
        until("one reads all", () -> one.records.size() == 40, one);
        one.consumer.commitSync();
        Member two = new Member("sharing", null).join("sharing");
        until("both have half", () -> one.size() == 2 && two.size() == 2, one, two);
        // Those that revoke all of it get half of it back; the cooperative one revokes what it gives.
        System.out.println("one with two: +" + one.assigned + " -" + one.revoked);
        System.out.println("two: +" + two.assigned + " -" + two.revoked);
        produce("sharing", 40);
        until("both read", () -> one.records.size() + two.records.size() == 80, one, two);
        System.out.println("two reads " + two.records.size());
        one.consumer.commitSync();
        two.consumer.commitSync();
        two.close();
        until("one has all again", () -> one.size() == 4, one);
        System.out.println("read: " + values(one, two).size() + " of " + (one.records.size() + two.records.size()));
        one.close();
    }

    static void committing() throws Exception {
        create("committing", 4);
        produce("committing", 8);
        TopicPartition first = new TopicPartition("committing", 0);
        TopicPartition second = new TopicPartition("committing", 1);
        Member one = new Member("committing", null).join("committing");
        until("all is read", () -> one.records.size() == 8, one);
        one.consumer.commitSync(Map.of(first, new OffsetAndMetadata(1, "a note")));
        AtomicReference<String> called = new AtomicReference<>();
        one.consumer.commitAsync(Map.of(second, new OffsetAndMetadata(2)), (offsets, error) ->
            called.set(offsets.size() + " partition, " + error));
        until("the callback is called", () -> called.get() != null, one);
        System.out.println("callback: " + called.get());
        var committed = one.consumer.committed(Set.of(first, second));
        System.out.println(show(committed.get(first)) + ", " + show(committed.get(second)));
        String long4096 = "x".repeat(4096);
        one.consumer.commitSync(Map.of(first, new OffsetAndMetadata(1, long4096)));
        refused("too long", () ->
            one.consumer.commitSync(Map.of(first, new OffsetAndMetadata(1, long4096 + "x"))));
        var group = one.consumer.groupMetadata();
        System.out.println("metadata: " + group.groupId() + " " + group.generationId() + " "
            + group.memberId().startsWith("consumer-committing-") + " " + group.groupInstanceId().isPresent());
        Member standalone = new Member("committing", null);
        standalone.consumer.assign(List.of(first));
        refused("no member", () -> standalone.consumer.commitSync(Map.of(first, new OffsetAndMetadata(0))));
        one.close();
        standalone.consumer.commitSync(Map.of(first, new OffsetAndMetadata(1, "alone")));
        System.out.println(show(standalone.consumer.committed(Set.of(first)).get(first)));
        standalone.close();
    }

    static String show(OffsetAndMetadata committed) {
        return committed.offset() + " '" + committed.metadata() + "'";
    }

    static void refused(String name, Runnable action) {
        try {
            action.run();
            System.out.println(name + ": taken");
        } catch (KafkaException error) {
            System.out.println(name + ": " + error.getClass().getSimpleName());
        }
    }

    static void positions() throws Exception {
        create("positions", 4);
        produce("positions", 20);
        Member one = new Member("positions", null).join("positions");
        until("all is read", () -> one.records.size() == 20, one);
        one.consumer.seekToBeginning(one.consumer.assignment());
        until("all is read again", () -> one.records.size() == 40, one);
        System.out.println("seekToBeginning: " + values(one).size() + " of " + one.records.size());
        one.consumer.commitSync();
        one.close();
        Member two = new Member("positions", null).join("positions");
        until("it is assigned", () -> two.size() == 4, two);
        System.out.println("positions: " + two.consumer.assignment().stream()
            .map(partition -> String.valueOf(two.consumer.position(partition))).collect(Collectors.joining(" ")));
        var lags = two.consumer.endOffsets(two.consumer.assignment()).values();
        System.out.println("ends: " + lags.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        two.close();
    }

    static void enforcing() throws Exception {
        create("enforcing", 4);
        Member one = new Member("enforcing", null).join("enforcing");
        until("one has all", () -> one.size() == 4, one);
        int before = one.consumer.groupMetadata().generationId();
        one.consumer.enforceRebalance("to see");
        until("a new generation", () -> one.consumer.groupMetadata().generationId() == before + 1, one);
        until("one has all again", () -> one.size() == 4, one);
        System.out.println("enforced: one generation more");
        one.consumer.unsubscribe();
        System.out.println("unsubscribed: " + one.size());
        one.close();
    }

    static void unsubscribing() throws Exception {
        create("unsubscribing", 4);
        Member one = new Member("unsubscribing", null).join("unsubscribing");
        until("one has all", () -> one.size() == 4, one);
        one.consumer.unsubscribe();
        System.out.println("unsubscribed: " + one.size());
        one.join("unsubscribing");
        until("one has all again", () -> one.size() == 4, one);
        System.out.println("subscribed again: +" + one.assigned + " -" + one.revoked);
        one.close();
    }

    /** The broker looks the pattern up. */
    static void serverPattern() throws Exception {
        create("server-a", 1);
        Member one = new Member("server", null);
        one.consumer.subscribe(new SubscriptionPattern("server-[ab]"), one);
        until("the first is found", () -> one.size() == 1, one);
        create("server-c", 1);
        create("server-b", 1);
        create("old-server-a", 1);
        until("the next is found", () -> one.size() == 2, one);
        System.out.println("server's pattern: " + new TreeSet<>(one.consumer.assignment().stream()
            .map(String::valueOf).toList()));
        one.consumer.subscribe(new SubscriptionPattern("server-c"), one);
        until("another is found", () -> one.consumer.assignment().equals(Set.of(new TopicPartition("server-c", 0))),
            one);
        System.out.println("another pattern: " + one.consumer.assignment());
        one.consumer.subscribe(new SubscriptionPattern("(server"), one);
        try {
            until("it is refused", () -> false, one);
        } catch (InvalidRegularExpression error) {
            System.out.println("no pattern: " + error.getMessage().split(":")[0]);
        }
        one.close();
    }

    static void pattern() throws Exception {
        create("pattern-a", 1);
        Member one = new Member("pattern", null);
        one.consumer.subscribe(Pattern.compile("pattern-[ab]"), one);
        until("the first is found", () -> one.size() == 1, one);
        create("pattern-c", 1);
        create("pattern-b", 1);
        until("the next is found", () -> one.size() == 2, one);
        System.out.println("pattern: " + new TreeSet<>(one.consumer.subscription()));
        one.close();
    }

    static void staticMembers() throws Exception {
        create("static", 4);
        Member one = new Member("static", "i-1").join("static");
        Member two = new Member("static", "i-2").join("static");
        until("both have half", () -> one.size() == 2 && two.size() == 2, one, two);
        int generation = one.consumer.groupMetadata().generationId();
        int told = one.assigned + one.revoked;
        Set<TopicPartition> own = two.consumer.assignment();
        two.close();
        Member back = new Member("static", "i-2").join("static");
        until("it has its own again", () -> back.consumer.assignment().equals(own), one, back);
        System.out.println("bounce: " + (one.consumer.groupMetadata().generationId() - generation) + " generations, "
            + (one.assigned + one.revoked - told) + " calls, "
            + back.consumer.groupMetadata().groupInstanceId().orElse("nobody"));
        Member twin = new Member("static", "i-2").join("static");
        try {
            // The older one of a classic group is fenced; in one of KIP-848 the newer one has to wait for it to go.
            if (!isModern()) {
                until("the twin has it", () -> twin.size() == 2, one, twin);
            }
            until("one is refused", () -> false, isModern() ? twin : back);
        } catch (FencedInstanceIdException error) {
            System.out.println("older twin: " + error.getClass().getSimpleName());
        } catch (UnreleasedInstanceIdException error) {
            System.out.println("newer twin: " + error.getClass().getSimpleName());
        }
        back.close();
        twin.close();
        one.close();
    }
}
