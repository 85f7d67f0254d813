import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes what compaction has to work on: `Keyed.java BOOTSTRAP TOPIC START_MS`. Partitions 0 to 4: keys that come
 * again, tombstones, headers, in one codec each, every other one by an idempotent producer. Partition 5: transactions
 * of two producers, interleaved, every third one aborted, between plain records.
 */
final class Keyed {
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
    private static final int RECORDS = 600;
    private static final int KEYS = 37;
    private static final int TRANSACTIONS = 60;

    private final String bootstrap;
    private final String topic;
    private final long start;

    private Keyed(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        start = Long.parseLong(args[2]);
    }

    public static void main(String[] args) throws Exception {
        Keyed keyed = new Keyed(args);
        for (int partition = 0; partition < CODECS.length; partition++) {
            keyed.plain(partition);
        }
        keyed.transactions(CODECS.length);
    }

    private KafkaProducer<byte[], byte[]> producer(String codec, boolean idempotent, String transactional) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", codec);
        properties.put("enable.idempotence", String.valueOf(idempotent));
        properties.put("linger.ms", "1000");
        if (transactional != null) {
            properties.put("transactional.id", transactional);
        }
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private ProducerRecord<byte[], byte[]> record(int partition, int number) {
        byte[] key = ("key " + number * 7 % KEYS).getBytes(StandardCharsets.UTF_8);
        String text = "value " + number + " " + "x".repeat(number % 50);
        byte[] value = number % 11 == 0 ? null : text.getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, partition, start + number * 10L, key, value);
        if (number % 5 == 0) {
            record.headers().add("trace", key).add("trace", null);
        }
        return record;
    }

    private void plain(int partition) throws Exception {
        // Silent from here on: its last batch stays for its sequence, and is empty.
        try (KafkaProducer<byte[], byte[]> early = producer(CODECS[partition], true, null)) {
            for (int number = 1; number < 6; number++) {
                early.send(record(partition, number));
            }
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(CODECS[partition], partition % 2 == 0, null)) {
            for (int number = 0; number < RECORDS; number++) {
                producer.send(record(partition, number));
                // Batches of one to twelve records.
                if (number % (1 + number / 50) == 0) {
                    producer.flush();
                }
            }
        }
    }

    private void transactions(int partition) throws Exception {
        List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
        for (String id : List.of("one", "two")) {
            KafkaProducer<byte[], byte[]> producer = producer("none", true, id);
            producer.initTransactions();
            producers.add(producer);
        }
        KafkaProducer<byte[], byte[]> plain = producer("zstd", false, null);
        for (int txn = 0; txn < TRANSACTIONS; txn++) {
            for (KafkaProducer<byte[], byte[]> producer : producers) {
                producer.beginTransaction();
            }
            for (int step = 0; step < 2; step++) {
                for (KafkaProducer<byte[], byte[]> producer : producers) {
                    int number = txn * 8 + step * 4;
                    producer.send(record(partition, number));
                    producer.send(record(partition, number + 1));
                    producer.flush();
                }
                plain.send(record(partition, txn * 8 + 5));
                plain.flush();
            }
            for (int which = 0; which < producers.size(); which++) {
                if ((txn + which) % 3 == 0) {
                    producers.get(which).abortTransaction();
                } else {
                    producers.get(which).commitTransaction();
                }
            }
        }
        plain.close();
        producers.forEach(KafkaProducer::close);
    }
}
