// Logs in as each of the given files of properties says: writes records in a transaction and reads them again. Prints what
// came of each, a line each.
//
//     Secured TOPIC FILE...
import java.io.FileInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Secured {
    static final int RECORDS = 500;
    static final long LIMIT_NANOS = 60_000_000_000L;

    public static void main(String[] words) throws Exception {
        for (int place = 1; place < words.length; place++) {
            Properties properties = new Properties();
            try (FileInputStream file = new FileInputStream(words[place])) {
                properties.load(file);
            }
            System.out.println(outcome(words[0], properties, "try " + place));
        }
    }

    static String outcome(String topic, Properties properties, String id) {
        try {
            write(topic, properties, id);
            return "read " + read(topic, properties, id);
        } catch (Throwable error) {
            Throwable last = error;
            while (last.getCause() != null) {
                last = last.getCause();
            }
            return last.getClass().getSimpleName() + ": " + last.getMessage();
        }
    }

    static void write(String topic, Properties properties, String id) {
        Properties own = new Properties();
        own.putAll(properties);
        own.put("transactional.id", id);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(own, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int number = 0; number < RECORDS; number++) {
                producer.send(new ProducerRecord<>(topic, 0, id, "record " + number));
            }
            producer.commitTransaction();
        }
    }

    static int read(String topic, Properties properties, String id) {
        Properties own = new Properties();
        own.putAll(properties);
        own.put("isolation.level", "read_committed");
        long end = System.nanoTime() + LIMIT_NANOS;
        int own_records = 0;
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(own, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            while (own_records < RECORDS && System.nanoTime() < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    own_records += record.key().equals(id) ? 1 : 0;
                }
            }
        }
        return own_records;
    }
}
