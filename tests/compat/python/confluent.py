"""librdkafka, through confluent-kafka: it writes what it reads, a record a line, in a transaction, and prints the records
that it reads.

    confluent.py produce --bootstrap ADDR --topic T SECURITY < lines
    confluent.py consume --bootstrap ADDR --topic T --count N SECURITY

SECURITY is --user U --password P --mechanism M for SASL, where the password of OAUTHBEARER is a token (without one librdkafka
makes unsecured ones of the user), and --ca FILE for SSL. What goes wrong is the last line of the
errors, with what librdkafka had to say of connections before it.
"""

import argparse
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

LIMIT_S = 60


def settings(options, heard):
    protocol = ("SASL_" if options.user else "") + ("SSL" if options.ca else "PLAINTEXT")
    common = {
        "bootstrap.servers": options.bootstrap,
        "security.protocol": protocol,
        "error_cb": lambda error: heard.append(error.str()),
    }
    if options.mechanism == "OAUTHBEARER" and not options.password:
        common |= {
            "sasl.mechanisms": options.mechanism,
            "enable.sasl.oauthbearer.unsecure.jwt": True,
            "sasl.oauthbearer.config": f"principal={options.user}",
        }
    elif options.mechanism == "OAUTHBEARER":
        common |= {
            "sasl.mechanisms": options.mechanism,
            "oauth_cb": lambda _: (options.password, time.time() + 3600),
        }
    elif options.user:
        common |= {
            "sasl.mechanisms": options.mechanism,
            "sasl.username": options.user,
            "sasl.password": options.password,
        }
    if options.ca:
        common["ssl.ca.location"] = options.ca
    return common


def produce(options, heard):
    producer = Producer(settings(options, heard) | {"transactional.id": f"confluent {options.topic}"})
    producer.init_transactions(LIMIT_S)
    producer.begin_transaction()
    for line in sys.stdin:
        producer.produce(options.topic, line.rstrip("\n"), partition=0)
    producer.commit_transaction(LIMIT_S)


def consume(options, heard):
    consumer = Consumer(settings(options, heard) | {"group.id": "unused", "enable.auto.commit": False})
    consumer.assign([TopicPartition(options.topic, 0, 0)])
    deadline = time.monotonic() + LIMIT_S
    seen = 0
    while seen < options.count:
        message = consumer.poll(0.1)
        if time.monotonic() > deadline or heard:
            sys.exit(f"only {seen} of {options.count} records came")
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        print(message.value().decode())
        seen += 1
    consumer.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["produce", "consume"])
    for name in ["--bootstrap", "--topic"]:
        parser.add_argument(name, required=True)
    for name in ["--ca", "--user", "--password", "--mechanism"]:
        parser.add_argument(name, default="")
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    heard = []
    try:
        {"produce": produce, "consume": consume}[options.command](options, heard)
    finally:
        for words in heard:
            print(words, file=sys.stderr)


main()
