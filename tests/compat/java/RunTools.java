import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's tools one after the other in one Java machine: to start one for each takes longer than the tools do.
 * Reads a JSON list of command lines (the main class first), writes a JSON list of what each left behind.
 */
public final class RunTools {
    /** Where a tool would have ended the process. */
    private static final class Ended extends Error {
    }

    private static ByteArrayOutputStream out;
    private static ByteArrayOutputStream err;
    private static Map<String, Object> result;

    private static void end(int code) {
        // What it prints after its end, while it unwinds, nobody would see.
        if (result == null) {
            System.out.flush();
            System.err.flush();
            result = new LinkedHashMap<>();
            result.put("code", code);
            result.put("stdout", out.toString());
            result.put("stderr", err.toString());
        }
    }

    private static Map<String, Object> run(List<String> words) throws Exception {
        out = new ByteArrayOutputStream();
        err = new ByteArrayOutputStream();
        result = null;
        System.setOut(new PrintStream(out, true));
        System.setErr(new PrintStream(err, true));
        String[] arguments = words.subList(1, words.size()).toArray(new String[0]);
        try {
            Class.forName(words.get(0)).getMethod("main", String[].class).invoke(null, (Object) arguments);
            end(0);
        } catch (InvocationTargetException thrown) {
            if (!(thrown.getCause() instanceof Ended)) {
                System.err.print("Exception in thread \"main\" ");
                thrown.getCause().printStackTrace();
                end(1);
            }
        }
        return result;
    }

    public static void main(String[] ignored) throws Exception {
        PrintStream answers = System.out;
        Exit.Procedure procedure = (code, message) -> {
            end(code);
            throw new Ended();
        };
        Exit.setExitProcedure(procedure);
        Exit.setHaltProcedure(procedure);
        ObjectMapper mapper = new ObjectMapper();
        List<Map<String, Object>> results = new ArrayList<>();
        for (List<String> words : (List<List<String>>) (List<?>) mapper.readValue(System.in, List.class)) {
            results.add(run(words));
        }
        answers.println(mapper.writeValueAsString(results));
    }
}
