import java.io.FileInputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Copies `from` to `to`, partition by partition, in transactions that carry the offsets of what was copied, until it is
 * killed; one that `rehearses` aborts each of them once before. After an error it begins anew, from what is committed. The
 * argument is a properties file of both clients.
 */
public class Copy {
    private static final Duration WAIT = Duration.ofMillis(200);

    public static void main(String[] arguments) throws Exception {
        Properties config = new Properties();
        try (FileInputStream file = new FileInputStream(arguments[0])) {
            config.load(file);
        }
        while (true) {
            try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
                 var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                producer.initTransactions();
                consumer.subscribe(List.of(config.getProperty("from")));
                while (true) {
                    var records = consumer.poll(WAIT);
                    if (records.isEmpty()) {
                        continue;
                    }
                    if (Boolean.parseBoolean(config.getProperty("rehearses"))) {
                        write(records, consumer, producer, config.getProperty("to"));
                        producer.flush();
                        producer.abortTransaction();
                    }
                    write(records, consumer, producer, config.getProperty("to"));
                    producer.commitTransaction();
                }
            } catch (KafkaException error) {
                System.err.println("begins anew: " + error);
            }
        }
    }

    /** Writes them all in a transaction, which is left open. */
    private static void write(
            ConsumerRecords<String, String> records,
            KafkaConsumer<String, String> consumer,
            KafkaProducer<String, String> producer,
            String to) {
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        producer.beginTransaction();
        for (var record : records) {
            producer.send(new ProducerRecord<>(to, record.partition(), record.key(), record.value()));
            next.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
    }
}
