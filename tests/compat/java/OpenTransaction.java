import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Commits a transaction of one record in partition 0 of a topic, begins another of one record, and is gone.
 * Arguments: bootstrap servers, topic, transactional id.
 */
public final class OpenTransaction {
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[0]);
        properties.put("transactional.id", arguments[2]);
        properties.put("transaction.timeout.ms", "600000");
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(arguments[1], 0, "key", "committed")).get();
        producer.commitTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(arguments[1], 0, "key", "open")).get();
        System.out.println("open");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
