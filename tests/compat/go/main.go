// The franz-go side of the compatibility tests: it produces what it reads as JSON lines, and prints what it consumes
// as JSON lines. Bytes travel as hexadecimal text, an absent key or value as null.
//
//	franz produce -bootstrap ADDR -topic T -codec none|gzip|snappy|lz4|zstd < records
//	franz consume -bootstrap ADDR -topic T -partition P -count N
//	franz ping -bootstrap ADDR
//	franz offsets -bootstrap ADDR -topic T -partition P -timestamp MS
//	franz group -bootstrap ADDR -topic T -group G -balancer range|roundrobin|sticky|cooperative-sticky|broker -count N
//	franz transact -bootstrap ADDR -topic T -id ID -count N
//	franz replicate -bootstrap ADDR -topic T -to T -id ID -count N
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// record is one line, in and out.
type record struct {
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	Timestamp int64        `json:"timestamp"`
	Key       *string      `json:"key"`
	Value     *string      `json:"value"`
	Headers   [][2]*string `json:"headers"`
}

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("usage: franz produce|consume|ping|offsets|group|transact|replicate FLAGS"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	bootstrap := flags.String("bootstrap", "", "address of a broker")
	topic := flags.String("topic", "", "topic")
	codec := flags.String("codec", "none", "compression of the batches")
	partition := flags.Int("partition", 0, "partition to read")
	id := flags.String("id", "", "transactional id, and group")
	to := flags.String("to", "", "topic to copy to")
	count := flags.Int("count", 0, "records to read")
	timestamp := flags.Int64("timestamp", 0, "milliseconds, or one of Kafka's special values")
	groupID := flags.String("group", "", "group of the members")
	balancer := flags.String("balancer", "cooperative-sticky", "how members share partitions")
	var protection security
	protection.flags(flags)
	if err := flags.Parse(os.Args[2:]); err != nil {
		fail(err)
	}
	security, err := protection.options()
	if err != nil {
		fail(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	switch os.Args[1] {
	case "produce":
		err = produce(ctx, *bootstrap, *topic, *codec, security)
	case "consume":
		err = consume(ctx, *bootstrap, *topic, int32(*partition), *count, security)
	case "ping":
		err = ping(ctx, *bootstrap, security)
	case "offsets":
		err = offsets(ctx, *bootstrap, *topic, int32(*partition), *timestamp)
	case "group":
		err = group(ctx, *bootstrap, *topic, *groupID, *balancer, *count)
	case "transact":
		err = transact(ctx, *bootstrap, *topic, *id, *count)
	case "replicate":
		err = replicate(ctx, *bootstrap, *topic, *to, *id, *count)
	default:
		err = fmt.Errorf("no command is called %s", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "franz:", err)
	os.Exit(1)
}

func produce(ctx context.Context, bootstrap, topic, codec string, security []kgo.Opt) error {
	compression, known := codecs[codec]
	if !known {
		return fmt.Errorf("no codec is called %s", codec)
	}
	// Idempotence and acks=all are franz-go's defaults.
	client, err := kgo.NewClient(append(security,
		kgo.SeedBrokers(bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(compression),
		kgo.ProducerBatchMaxBytes(1000000),
		kgo.ProducerLinger(20*time.Millisecond),
	)...)
	if err != nil {
		return err
	}
	defer client.Close()

	var firstErr error
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line record
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		out, err := line.toKafka()
		if err != nil {
			return err
		}
		client.Produce(ctx, out, func(_ *kgo.Record, err error) {
			if err != nil && firstErr == nil {
				firstErr = err
			}
		})
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	return firstErr
}

func consume(ctx context.Context, bootstrap, topic string, partition int32, count int, security []kgo.Opt) error {
	client, err := kgo.NewClient(append(security,
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			topic: {partition: kgo.NewOffset().AtStart()},
		}),
	)...)
	if err != nil {
		return err
	}
	defer client.Close()

	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewEncoder(out)
	for seen := 0; seen < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("after %d records: %w", seen, err)
		}
		var failed error
		fetches.EachRecord(func(in *kgo.Record) {
			seen++
			if err := lines.Encode(fromKafka(in)); err != nil {
				failed = err
			}
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}

// offsets asks for the offset of a timestamp and prints "offset timestamp".
func offsets(ctx context.Context, bootstrap, topic string, partition int32, timestamp int64) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()

	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	askedTopic := kmsg.NewListOffsetsRequestTopic()
	askedTopic.Topic = topic
	asked := kmsg.NewListOffsetsRequestTopicPartition()
	asked.Partition = partition
	asked.Timestamp = timestamp
	askedTopic.Partitions = append(askedTopic.Partitions, asked)
	request.Topics = append(request.Topics, askedTopic)

	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	answer := response.Topics[0].Partitions[0]
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return err
	}
	fmt.Println(answer.Offset, answer.Timestamp)
	return nil
}

func (r *record) toKafka() (*kgo.Record, error) {
	out := &kgo.Record{Partition: r.Partition, Timestamp: time.UnixMilli(r.Timestamp)}
	var err error
	if out.Key, err = unhex(r.Key); err != nil {
		return nil, err
	}
	if out.Value, err = unhex(r.Value); err != nil {
		return nil, err
	}
	for _, header := range r.Headers {
		value, err := unhex(header[1])
		if err != nil {
			return nil, err
		}
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: *header[0], Value: value})
	}
	return out, nil
}

func fromKafka(in *kgo.Record) *record {
	out := &record{
		Partition: in.Partition,
		Offset:    in.Offset,
		Timestamp: in.Timestamp.UnixMilli(),
		Key:       tohex(in.Key),
		Value:     tohex(in.Value),
		Headers:   [][2]*string{},
	}
	for _, header := range in.Headers {
		name := header.Key
		out.Headers = append(out.Headers, [2]*string{&name, tohex(header.Value)})
	}
	return out
}

func unhex(text *string) ([]byte, error) {
	if text == nil {
		return nil, nil
	}
	bytes, err := hex.DecodeString(*text)
	if bytes == nil {
		bytes = []byte{}
	}
	return bytes, err
}

func tohex(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	text := hex.EncodeToString(bytes)
	return &text
}
