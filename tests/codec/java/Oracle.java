// Answers questions about Apache Kafka's own codec, one line each way, from the jars on the class path.
//
//   definitions                        one line: JSON array of all message definitions
//   errors                             one line: JSON array of [code, name, message, retriable]
//   keys                               one line: JSON array of [id, name, oldest, latest stable, header versions of each version]
//   encode CLASS VERSION JSON          the bytes in hex, or "! reason"
//   convert CLASS FROM TO JSON         reads JSON as of version FROM, writes bytes as of version TO
//   decode CLASS VERSION HEX           JSON as CLASS's own converter writes it

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

public class Oracle {
    private static final ObjectMapper MAPPER = JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();
    private static final HexFormat HEX = HexFormat.of();

    /** What is known of one class: its converter's methods. */
    private record Codec(Class<?> message, Method read, Method write) { }

    private final Map<String, String> converters = new HashMap<>();
    private final Map<String, Codec> codecs = new HashMap<>();
    private final ArrayNode definitions = MAPPER.createArrayNode();

    public static void main(String[] args) throws Exception {
        Oracle oracle = new Oracle();
        oracle.scan();
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), false);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = oracle.answer(line);
            } catch (InvocationTargetException e) {
                answer = "! " + e.getCause().toString().replace('\n', ' ');
            } catch (Exception e) {
                answer = "! " + e.toString().replace('\n', ' ');
            }
            out.println(answer);
            if (!in.ready()) {
                out.flush();
            }
        }
        out.flush();
    }

    private void scan() throws Exception {
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String jarName = new File(path).getName();
            // What members of a Streams application tell each other is nothing to brokers.
            if (!jarName.startsWith("kafka") || jarName.startsWith("kafka-streams")) {
                continue;
            }
            try (ZipFile jar = new ZipFile(path)) {
                Enumeration<? extends ZipEntry> entries = jar.entries();
                while (entries.hasMoreElements()) {
                    scan(jar, entries.nextElement());
                }
            }
        }
    }

    private void scan(ZipFile jar, ZipEntry entry) throws Exception {
        String name = entry.getName();
        if (name.endsWith("JsonConverter.class") && !name.contains("$")) {
            String converter = name.substring(0, name.length() - ".class".length()).replace('/', '.');
            String simple = converter.substring(converter.lastIndexOf('.') + 1);
            String message = simple.substring(0, simple.length() - "JsonConverter".length());
            if (converters.put(message, converter) != null) {
                throw new IllegalStateException("two classes are called " + message);
            }
        }
        if (name.matches("(common/)?(message|metadata)/[A-Za-z0-9]+\\.json")) {
            definitions.add(MAPPER.readTree(jar.getInputStream(entry)));
        }
    }

    private String answer(String line) throws Exception {
        String[] words = line.split(" ", 2);
        return switch (words[0]) {
            case "definitions" -> MAPPER.writeValueAsString(definitions);
            case "errors" -> errors();
            case "keys" -> keys();
            case "encode" -> {
                String[] parts = words[1].split(" ", 3);
                short version = Short.parseShort(parts[1]);
                yield encode(parts[0], version, version, parts[2]);
            }
            case "convert" -> {
                String[] parts = words[1].split(" ", 4);
                yield encode(parts[0], Short.parseShort(parts[1]), Short.parseShort(parts[2]), parts[3]);
            }
            case "decode" -> {
                // An empty message has no third word.
                String[] parts = words[1].split(" ", 3);
                yield decode(parts[0], Short.parseShort(parts[1]), parts.length < 3 ? "" : parts[2]);
            }
            default -> "! no such question";
        };
    }

    private Codec codec(String name) throws Exception {
        Codec known = codecs.get(name);
        if (known != null) {
            return known;
        }
        String converter = converters.get(name);
        if (converter == null) {
            throw new IllegalArgumentException("no class is called " + name);
        }
        Class<?> message = Class.forName(converter.substring(0, converter.length() - "JsonConverter".length()));
        Class<?> type = Class.forName(converter);
        Codec codec = new Codec(message, type.getMethod("read", JsonNode.class, short.class),
            type.getMethod("write", message, short.class, boolean.class));
        codecs.put(name, codec);
        return codec;
    }

    private String encode(String name, short from, short to, String json) throws Exception {
        Message message = (Message) codec(name).read().invoke(null, MAPPER.readTree(json), from);
        var cache = new ObjectSerializationCache();
        var bytes = new ByteBufferAccessor(ByteBuffer.allocate(message.size(cache, to)));
        message.write(bytes, cache, to);
        if (bytes.remaining() != 0) {
            throw new IllegalStateException("size and bytes differ");
        }
        return HEX.formatHex(bytes.buffer().array());
    }

    private String decode(String name, short version, String hex) throws Exception {
        Codec codec = codec(name);
        var bytes = new ByteBufferAccessor(ByteBuffer.wrap(HEX.parseHex(hex)));
        Object message = codec.message().getConstructor(org.apache.kafka.common.protocol.Readable.class, short.class)
            .newInstance(bytes, version);
        if (bytes.remaining() != 0) {
            throw new IllegalStateException(bytes.remaining() + " bytes are left");
        }
        return MAPPER.writeValueAsString(codec.write().invoke(null, message, version, false));
    }

    private static String errors() throws Exception {
        ArrayNode rows = MAPPER.createArrayNode();
        for (Errors error : Errors.values()) {
            String text = error.exception() == null ? "" : error.exception().getMessage();
            rows.addArray().add(error.code()).add(error.name()).add(text)
                .add(error.exception() instanceof RetriableException);
        }
        return MAPPER.writeValueAsString(rows);
    }

    private static String keys() throws Exception {
        ArrayNode rows = MAPPER.createArrayNode();
        for (ApiKeys key : ApiKeys.values()) {
            ArrayNode row = rows.addArray().add(key.id).add(key.name());
            if (!key.hasValidVersion()) {
                continue;
            }
            row.add(key.oldestVersion()).add(key.latestVersion(false));
            ArrayNode headers = row.addArray();
            for (short version = key.oldestVersion(); version <= key.latestVersion(); version++) {
                headers.addArray().add(key.requestHeaderVersion(version)).add(key.responseHeaderVersion(version));
            }
        }
        return MAPPER.writeValueAsString(rows);
    }
}
