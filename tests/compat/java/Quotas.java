import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Uses up quotas, and prints how long that took and for how long the clients say that they were throttled. */
public class Quotas {
    private static final int RECORD_BYTES = 1000;
    private static final TopicPartition PARTITION = new TopicPartition("bytes", 0);

    private static String bootstrap;
    private static Admin admin;

    /** Arguments: bootstrap, bytes a second, seconds' worth of bytes. Lines are printed: what, milliseconds. */
    public static void main(String[] words) throws Exception {
        bootstrap = words[0];
        double rate = Double.parseDouble(words[1]);
        int records = (int) (rate * Integer.parseInt(words[2]) / RECORD_BYTES);
        try (Admin own = Admin.create(config("admin"))) {
            admin = own;
            admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 1))).all().get();
            bytes(rate, records);
            time();
            changes();
        }
    }

    private static void bytes(double rate, int records) throws Exception {
        set("writer", "producer_byte_rate", rate);
        set("reader", "consumer_byte_rate", rate);
        produce("written", records);
        consume("read", records);
        // A quota that is changed is the one that holds for clients that are there.
        set("writer", "producer_byte_rate", rate * 1000);
        set("reader", "consumer_byte_rate", rate * 1000);
        produce("written with more", records);
        consume("read with more", records);
        produce("slow", "written slowly", 5);
        set("slow", "producer_byte_rate", 1.0 * RECORD_BYTES);
        produce("slow", "written more slowly", 5);
        set("writer", "producer_byte_rate", null);
        set("reader", "consumer_byte_rate", null);
        produce("written without", records);
        consume("read without", records);
    }

    private static void time() throws Exception {
        set("writer", "request_percentage", 0.0001);
        produce("answered", 3);
        set("writer", "request_percentage", null);
        produce("answered without", 3);
    }

    private static void changes() throws Exception {
        set("changer", "controller_mutation_rate", 1.0);
        try (Admin changer = Admin.create(config("changer"))) {
            CreateTopicsOptions once = new CreateTopicsOptions().retryOnQuotaViolation(false);
            print("first created", refused(changer.createTopics(List.of(topic("first", 5)), once).all()));
            print("second created", refused(changer.createTopics(List.of(topic("second", 1)), once).all()));
            long since = System.nanoTime();
            changer.createTopics(List.of(topic("second", 3))).all().get();
            print("second created at last", since);
            since = System.nanoTime();
            changer.createPartitions(Map.of("second", NewPartitions.increaseTo(4))).all().get();
            print("partitions created at last", since);
            changer.deleteTopics(List.of("first")).all().get();
        }
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, partitions, (short) 1);
    }

    /** For how long who asked is to wait; 0 when it was not refused. */
    private static double refused(Future<?> future) throws Exception {
        try {
            future.get();
            return 0;
        } catch (ExecutionException error) {
            if (error.getCause() instanceof ThrottlingQuotaExceededException exceeded) {
                return exceeded.throttleTimeMs();
            }
            throw error;
        }
    }

    private static void produce(String what, int records) throws Exception {
        produce("writer", what, records);
    }

    private static void produce(String client, String what, int records) throws Exception {
        try (var producer = new KafkaProducer<>(config(client), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(PARTITION.topic());
            long since = System.nanoTime();
            for (int sent = 0; sent < records; sent++) {
                var last = producer.send(new ProducerRecord<>(PARTITION.topic(), 0, null, new byte[RECORD_BYTES]));
                if (records < 10) {
                    last.get();
                }
            }
            producer.flush();
            print(what, since);
            throttled(what, producer.metrics(), "produce-throttle-time-max");
        }
    }

    private static void consume(String what, int records) {
        try (var consumer = new KafkaConsumer<>(config("reader"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            consumer.position(PARTITION);
            long since = System.nanoTime();
            for (int read = 0; read < records; ) {
                read += consumer.poll(Duration.ofSeconds(60)).count();
            }
            print(what, since);
            throttled(what, consumer.metrics(), "fetch-throttle-time-max");
        }
    }

    /** Sets or removes a quota of a client id, and waits until it is told. */
    private static void set(String client, String key, Double value) throws Exception {
        var entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
        var change = new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op(key, value)));
        admin.alterClientQuotas(List.of(change)).all().get();
        Double told;
        do {
            var all = admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get();
            told = all.getOrDefault(entity, Map.of()).get(key);
        } while (value == null ? told != null : !value.equals(told));
    }

    private static Map<String, Object> config(String client) {
        return new HashMap<>(Map.of("bootstrap.servers", bootstrap, "client.id", client));
    }

    private static void print(String what, long since) {
        print(what, (System.nanoTime() - since) / 1e6);
    }

    private static void print(String what, double millis) {
        System.out.println(what + "\t" + Math.round(millis));
    }

    private static void throttled(String what, Map<MetricName, ? extends Metric> metrics, String name) {
        metrics.forEach((metric, value) -> {
            // That of the whole client, not of one of its nodes.
            if (metric.name().equals(name) && !metric.tags().containsKey("node-id")) {
                double millis = (Double) value.metricValue();
                print(what + ", throttled", Double.isNaN(millis) ? 0 : millis);
            }
        });
    }
}
