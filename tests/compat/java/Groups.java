// Apache's admin client on classic groups: prints what it was answered, one line a question.
//
//     Groups ADDRESS
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Groups {
    static final TopicPartition FIRST = new TopicPartition("topic", 0);
    static final TopicPartition SECOND = new TopicPartition("topic", 1);
    static final TopicPartition MISSING = new TopicPartition("missing", 0);
    static final TopicPartition BEYOND = new TopicPartition("topic", 77);

    static String address;
    static Admin admin;

    public static void main(String[] words) throws Exception {
        address = words[0];
        admin = Admin.create(Map.of("bootstrap.servers", address));
        admin.createTopics(List.of(new NewTopic("topic", 2, (short) 1))).all().get();
        try (var member = member("live", null); var named = member("named", "instance")) {
            offsets();
            list();
            describe();
            live(member);
            remove(named);
        }
        delete();
        admin.close();
    }

    static KafkaConsumer<String, String> member(String group, String instance) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", address);
        settings.put("group.id", group);
        settings.put("group.protocol", "classic");
        settings.put("client.id", "client-of-" + group);
        settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
        settings.put("enable.auto.commit", "false");
        if (instance != null) {
            settings.put("group.instance.id", instance);
        }
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of("topic"));
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (consumer.assignment().size() < 2) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("nothing is assigned to " + group);
            }
            consumer.poll(Duration.ofMillis(50));
        }
        return consumer;
    }

    static void say(String name, Object answer) {
        System.out.println(name + ": " + answer);
    }

    /** Prints what a future brings, or the class of its error. */
    static void ask(String name, KafkaFuture<?> future) throws InterruptedException {
        try {
            say(name, future.get());
        } catch (ExecutionException error) {
            say(name, error.getCause().getClass().getSimpleName());
        }
    }

    static String committed(String group) throws Exception {
        var answer = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return answer.entrySet().stream()
            .map(one -> one.getKey() + "=" + one.getValue().offset() + "'" + one.getValue().metadata() + "'")
            .sorted().collect(Collectors.joining(" "));
    }

    static void offsets() throws Exception {
        var both = Map.of(FIRST, new OffsetAndMetadata(5, "five"), SECOND, new OffsetAndMetadata(6));
        ask("alter", admin.alterConsumerGroupOffsets("empty", both).all());
        ask("alter another", admin.alterConsumerGroupOffsets("other", both).all());
        say("offsets", committed("empty"));
        say("offsets of nobody", committed("nobody"));
        var spec = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(FIRST, BEYOND));
        var some = admin.listConsumerGroupOffsets(Map.of("empty", spec, "nobody", spec)).all().get();
        say("some offsets", new TreeMap<>(Map.of("empty", some.get("empty").get(FIRST).offset())) + " "
            + some.get("empty").get(BEYOND) + " " + some.get("nobody").get(FIRST));
        ask("alter of an unknown topic",
            admin.alterConsumerGroupOffsets("empty", Map.of(MISSING, new OffsetAndMetadata(1))).all());
        ask("alter of a live group", admin.alterConsumerGroupOffsets("live", both).all());
        ask("delete an offset", admin.deleteConsumerGroupOffsets("empty", Set.of(SECOND)).all());
        ask("delete an unknown offset", admin.deleteConsumerGroupOffsets("empty", Set.of(MISSING)).all());
        ask("delete an offset of nobody", admin.deleteConsumerGroupOffsets("nobody", Set.of(FIRST)).all());
        ask("delete an offset that is consumed", admin.deleteConsumerGroupOffsets("live", Set.of(FIRST)).all());
        say("offsets then", committed("empty"));
    }

    static String listed(ListGroupsOptions options) throws Exception {
        return admin.listGroups(options).all().get().stream()
            .map(group -> group.groupId() + "/" + group.type().map(GroupType::toString).orElse("?") + "/"
                + group.protocol() + "/" + group.groupState().map(GroupState::toString).orElse("?"))
            .sorted().collect(Collectors.joining(" "));
    }

    static void list() throws Exception {
        say("all", listed(new ListGroupsOptions()));
        say("stable", listed(new ListGroupsOptions().inGroupStates(Set.of(GroupState.STABLE))));
        say("empty", listed(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY))));
        say("classic", listed(new ListGroupsOptions().withTypes(Set.of(GroupType.CLASSIC))));
        say("consumer", listed(new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER))));
        say("of consumers", listed(ListGroupsOptions.forConsumerGroups()));
    }

    static void describe() throws Exception {
        var options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
        for (String name : List.of("live", "empty")) {
            var group = admin.describeConsumerGroups(List.of(name), options).describedGroups().get(name).get();
            say("described", group.groupId() + " " + group.groupState() + " " + group.type() + " simple="
                + group.isSimpleConsumerGroup() + " '" + group.partitionAssignor() + "' at "
                + group.coordinator().id() + " " + new TreeSet<>(group.authorizedOperations()));
            for (var member : group.members()) {
                say("member", member.consumerId().startsWith("client-of-live-") + " " + member.clientId() + " "
                    + member.host() + " " + member.groupInstanceId() + " "
                    + new TreeSet<>(member.assignment().topicPartitions().stream().map(String::valueOf).toList()));
            }
        }
        var named = admin.describeClassicGroups(List.of("named")).describedGroups().get("named").get();
        say("classic", named.groupId() + " " + named.state() + " " + named.protocol() + " " + named.protocolData()
            + " " + named.members().iterator().next().groupInstanceId().orElse("?"));
        ask("described as nobody", admin.describeConsumerGroups(List.of("nobody")).describedGroups().get("nobody"));
        ask("classic nobody", admin.describeClassicGroups(List.of("nobody")).describedGroups().get("nobody"));
    }

    static void live(KafkaConsumer<String, String> member) throws Exception {
        ask("delete a live group", admin.deleteConsumerGroups(List.of("live")).all());
        var nobody = new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody")));
        var removed = admin.removeMembersFromConsumerGroup("live", nobody);
        ask("remove an unknown instance", removed.memberResult(new MemberToRemove("nobody")));
        ask("remove all", admin.removeMembersFromConsumerGroup("live", new RemoveMembersFromConsumerGroupOptions()).all());
        var group = admin.describeConsumerGroups(List.of("live")).describedGroups().get("live").get();
        say("live then", group.groupState() + " " + group.members().size());
        say("generation of the removed", member.groupMetadata().generationId());
    }

    static void remove(KafkaConsumer<String, String> named) throws Exception {
        var instance = new MemberToRemove("instance");
        var options = new RemoveMembersFromConsumerGroupOptions(List.of(instance));
        options.reason("to see");
        ask("remove an instance", admin.removeMembersFromConsumerGroup("named", options).memberResult(instance));
        var group = admin.describeConsumerGroups(List.of("named")).describedGroups().get("named").get();
        say("named then", group.groupState() + " " + group.members().size());
    }

    static void delete() throws Exception {
        var deleted = admin.deleteConsumerGroups(List.of("empty", "other", "nobody")).deletedGroups();
        for (var one : new TreeMap<>(deleted).entrySet()) {
            ask("delete " + one.getKey(), one.getValue());
        }
        say("left", listed(new ListGroupsOptions()));
    }
}
