"""The kafka-python side of the compatibility tests: it produces what it reads as JSON lines, and prints what it
consumes as JSON lines. Bytes travel as hexadecimal text, an absent key or value as null.

    client.py produce --bootstrap ADDR --topic T --codec none|gzip|snappy|lz4|zstd < records
    client.py consume --bootstrap ADDR --topic T --partition P --count N
    client.py offsets --bootstrap ADDR --topic T --partition P --timestamp MS
    client.py group --bootstrap ADDR --topic T --group G --balancer range|roundrobin|sticky --count N
"""

import argparse
import json
import sys
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

BALANCERS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}


def unhex(text):
    return None if text is None else bytes.fromhex(text)


def tohex(data):
    return None if data is None else data.hex()


def provider(token):
    """Gives always this token."""
    try:
        from kafka.net.sasl.oauth import AbstractTokenProvider
    except ImportError:
        from kafka.sasl.oauth import AbstractTokenProvider

    class Provider(AbstractTokenProvider):
        def token(self):
            return token

    return Provider()


def security(options):
    """With --user by SASL; with --ca over SSL, with --cert as whoever that is."""
    settings = {}
    if options.user and options.mechanism == "OAUTHBEARER":
        settings |= {"sasl_mechanism": options.mechanism, "sasl_oauth_token_provider": provider(options.password)}
    elif options.user:
        settings |= {
            "sasl_mechanism": options.mechanism,
            "sasl_plain_username": options.user,
            "sasl_plain_password": options.password,
        }
    # The newer generation asks a broker that refuses it for half a minute.
    if options.user and options.patience_ms and "bootstrap_timeout_ms" in KafkaConsumer.DEFAULT_CONFIG:
        settings["bootstrap_timeout_ms"] = options.patience_ms
    if options.ca:
        settings |= {
            "ssl_cafile": options.ca,
            "ssl_certfile": options.cert or None,
            "ssl_keyfile": options.cert or None,
        }
    protocol = ("SASL_" if options.user else "") + ("SSL" if options.ca else "PLAINTEXT")
    return settings | {"security_protocol": protocol}


def produce(options):
    producer = KafkaProducer(
        bootstrap_servers=options.bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type=None if options.codec == "none" else options.codec,
        batch_size=900_000,
        max_request_size=1_000_000,
        linger_ms=20,
        **security(options),
    )
    sent = []
    for line in sys.stdin:
        record = json.loads(line)
        sent.append(
            producer.send(
                options.topic,
                partition=record["partition"],
                timestamp_ms=record["timestamp"],
                key=unhex(record["key"]),
                value=unhex(record["value"]),
                headers=[(name, unhex(value)) for name, value in record["headers"]],
            )
        )
    producer.flush(timeout=60)
    for future in sent:
        future.get(timeout=60)
    producer.close()


def consume(options):
    consumer = KafkaConsumer(
        bootstrap_servers=options.bootstrap, group_id=None, enable_auto_commit=False, **security(options)
    )
    partition = TopicPartition(options.topic, options.partition)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    deadline = time.monotonic() + 60
    seen = 0
    while seen < options.count:
        if time.monotonic() > deadline:
            sys.exit(f"only {seen} of {options.count} records came")
        for records in consumer.poll(timeout_ms=1000).values():
            for record in records:
                seen += 1
                print(
                    json.dumps(
                        {
                            "partition": record.partition,
                            "offset": record.offset,
                            "timestamp": record.timestamp,
                            "key": tohex(record.key),
                            "value": tohex(record.value),
                            "headers": [[name, tohex(value)] for name, value in record.headers],
                        }
                    )
                )
    consumer.close()


def offsets(options):
    consumer = KafkaConsumer(bootstrap_servers=options.bootstrap, group_id=None)
    partition = TopicPartition(options.topic, options.partition)
    answer = consumer.offsets_for_times({partition: options.timestamp})[partition]
    print("-1 -1" if answer is None else f"{answer.offset} {answer.timestamp}")
    consumer.close()


class Member(threading.Thread, ConsumerRebalanceListener):
    """One member of a group. The client commits what it has read when it gives a partition away, and never else."""

    lock = threading.Lock()
    all_joined = threading.Event()
    # How many records were seen since all have joined.
    seen = 0

    def __init__(self, options, name, until):
        super().__init__(name=name, daemon=True)
        self.until = until
        self.joined = threading.Event()
        self.done = False
        self.consumer = KafkaConsumer(
            bootstrap_servers=options.bootstrap,
            client_id=name,
            group_id=options.group,
            partition_assignment_strategy=[BALANCERS[options.balancer]],
            enable_auto_commit=True,
            auto_commit_interval_ms=3_600_000,
            auto_offset_reset="earliest",
            heartbeat_interval_ms=300,
            session_timeout_ms=10_000,
            max_poll_records=20,
        )
        self.consumer.subscribe([options.topic], listener=self)

    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        self.joined.set()

    def run(self):
        while not Member.all_joined.is_set() or Member.seen < self.until:
            polled = self.consumer.poll(timeout_ms=100)
            with Member.lock:
                for records in polled.values():
                    for record in records:
                        Member.seen += Member.all_joined.is_set()
                        place = {"partition": record.partition, "offset": record.offset}
                        print(json.dumps({"member": self.name, **place}))
        self.consumer.close()
        self.done = True


def group(options):
    """Three members join one after the other, then read count records together; the first one leaves when a third of
    them is seen."""
    members = []
    for number in range(3):
        until = options.count // 3 if number == 0 else options.count
        member = Member(options, f"member-{number}", until)
        members.append(member)
        member.start()
        if not member.joined.wait(timeout=60):
            sys.exit(f"{member.name} has got no partitions")
    Member.all_joined.set()
    for member in members:
        member.join(timeout=60)
        if not member.done:
            sys.exit(f"{member.name} has not ended: {Member.seen} of {options.count} records were seen")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["produce", "consume", "offsets", "group"])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--codec", default="none")
    parser.add_argument("--partition", type=int, default=0)
    parser.add_argument("--ca", default="")
    parser.add_argument("--cert", default="")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--mechanism", default="PLAIN")
    parser.add_argument("--patience-ms", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--timestamp", type=int, default=0)
    parser.add_argument("--group", default="")
    parser.add_argument("--balancer", choices=list(BALANCERS), default="range")
    options = parser.parse_args()
    commands = {"produce": produce, "consume": consume, "offsets": offsets, "group": group}
    commands[options.command](options)


main()
