import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Prints every configuration key of the jars on the class path, one JSON object a line. */
public final class ConfigDump {
    public static void main(String[] args) throws Exception {
        ConfigDef broker = (ConfigDef) Class.forName("kafka.server.KafkaConfig").getMethod("configDef").invoke(null);
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        for (ConfigDef.ConfigKey key : sorted(broker)) {
            print("broker", key, modes.getOrDefault(key.name, "read-only"),
                DynamicBrokerConfig.brokerConfigSynonyms(key.name, true));
        }
        for (ConfigDef.ConfigKey key : sorted(LogConfig.configDefCopy())) {
            List<String> synonyms = new ArrayList<>();
            String synonym = ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS.get(key.name);
            if (synonym != null) {
                synonyms.addAll(DynamicBrokerConfig.brokerConfigSynonyms(synonym, true));
            }
            print("topic", key, "cluster-wide", synonyms);
        }
        for (ConfigDef.ConfigKey key : sorted(definitionOf(GroupConfig.class))) {
            print("group", key, "cluster-wide", List.of());
        }
        for (ConfigDef.ConfigKey key : sorted(definitionOf(ClientMetricsConfigs.class))) {
            print("client-metrics", key, "cluster-wide", List.of());
        }
    }

    private static Iterable<ConfigDef.ConfigKey> sorted(ConfigDef definition) {
        return new TreeMap<>(definition.configKeys()).values();
    }

    private static ConfigDef definitionOf(Class<?> holder) throws Exception {
        for (Field field : holder.getDeclaredFields()) {
            if (field.getType() == ConfigDef.class) {
                field.setAccessible(true);
                return (ConfigDef) field.get(null);
            }
        }
        throw new IllegalStateException("no definition in " + holder);
    }

    private static void print(String family, ConfigDef.ConfigKey key, String mode, List<String> synonyms) throws Exception {
        String fallback = key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null;
        StringBuilder line = new StringBuilder("{");
        line.append("\"family\":").append(quoted(family));
        line.append(",\"name\":").append(quoted(key.name));
        line.append(",\"type\":").append(quoted(key.type.name()));
        line.append(",\"required\":").append(!key.hasDefault());
        line.append(",\"default\":").append(quoted(fallback));
        line.append(",\"importance\":").append(quoted(key.importance.name()));
        line.append(",\"valid\":").append(quoted(key.validator == null ? null : key.validator.toString()));
        line.append(",\"list\":").append(quoted(listRule(key.validator)));
        line.append(",\"internal\":").append(key.internalConfig);
        line.append(",\"mode\":").append(quoted(mode));
        line.append(",\"synonyms\":[");
        for (int i = 0; i < synonyms.size(); i++) {
            line.append(i == 0 ? "" : ",").append(quoted(synonyms.get(i)));
        }
        System.out.println(line.append("]}"));
    }

    /** Whether a list may be empty and may be null, which the validator's text does not say. */
    private static String listRule(ConfigDef.Validator validator) throws Exception {
        if (!(validator instanceof ConfigDef.ValidList)) {
            return null;
        }
        StringBuilder rule = new StringBuilder();
        for (Field field : validator.getClass().getDeclaredFields()) {
            if (field.getType() == boolean.class) {
                field.setAccessible(true);
                rule.append(field.getName()).append('=').append(field.get(validator)).append(' ');
            }
        }
        return rule.toString().trim();
    }

    private static String quoted(String text) {
        if (text == null) {
            return "null";
        }
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
