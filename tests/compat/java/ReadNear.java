import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads records of partition 0 from its start, from where a rack is near, and tells from which nodes the bytes came. */
public class ReadNear {
    /** Arguments: bootstrap, topic, rack, number of records. One line is printed: records, then node=bytes of each node. */
    public static void main(String[] words) {
        Map<String, Object> config = Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, words[0],
            ConsumerConfig.CLIENT_RACK_CONFIG, words[2],
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 64 * 1024);
        TopicPartition partition = new TopicPartition(words[1], 0);
        int wanted = Integer.parseInt(words[3]);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            int records = 0;
            while (records < wanted) {
                for (var record : consumer.poll(Duration.ofSeconds(60))) {
                    if (record.offset() != records) {
                        throw new IllegalStateException("offset " + record.offset() + " after " + records);
                    }
                    records++;
                }
            }
            StringBuilder told = new StringBuilder().append(records);
            consumer.metrics().forEach((name, metric) -> {
                String node = name.tags().getOrDefault("node-id", "");
                if (name.name().equals("incoming-byte-total") && node.matches("node-[0-9]+")) {
                    told.append(' ').append(node).append('=').append(((Double) metric.metricValue()).longValue());
                }
            });
            System.out.println(told);
        }
    }
}
