"""The kafka-python side of the compatibility tests: it produces what it reads as JSON lines, and prints what it
consumes as JSON lines. Bytes travel as hexadecimal text, an absent key or value as null.

    client.py produce --bootstrap ADDR --topic T --codec none|gzip|snappy|lz4|zstd < records
    client.py consume --bootstrap ADDR --topic T --partition P --count N
    client.py offsets --bootstrap ADDR --topic T --partition P --timestamp MS
"""

import argparse
import json
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition


def unhex(text):
    return None if text is None else bytes.fromhex(text)


def tohex(data):
    return None if data is None else data.hex()


def produce(options):
    producer = KafkaProducer(
        bootstrap_servers=options.bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type=None if options.codec == "none" else options.codec,
        batch_size=900_000,
        max_request_size=1_000_000,
        linger_ms=20,
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
    consumer = KafkaConsumer(bootstrap_servers=options.bootstrap, group_id=None, enable_auto_commit=False)
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["produce", "consume", "offsets"])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--codec", default="none")
    parser.add_argument("--partition", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--timestamp", type=int, default=0)
    options = parser.parse_args()
    {"produce": produce, "consume": consume, "offsets": offsets}[options.command](options)


main()
