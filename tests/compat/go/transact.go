package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// transact writes "round N" to partitions 0 and 1 in a transaction for each round; every third is aborted.
func transact(ctx context.Context, bootstrap, topic, id string, rounds int) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.TransactionalID(id),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for round := range rounds {
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		for partition := range int32(2) {
			value := []byte(fmt.Sprintf("round %d", round))
			out := &kgo.Record{Partition: partition, Value: value}
			if err := client.ProduceSync(ctx, out).FirstErr(); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
		if err := client.EndTransaction(ctx, kgo.TransactionEndTry(round%3 != 2)); err != nil {
			return fmt.Errorf("end of round %d: %w", round, err)
		}
	}
	return nil
}

// replicate copies count records to another topic in the transactions of a group's member; every third is aborted, and
// what it read is read again.
func replicate(ctx context.Context, bootstrap, topic, to, id string, count int) error {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap),
		kgo.TransactionalID(id),
		kgo.ConsumerGroup(id),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequireStableFetchOffsets(),
	)
	if err != nil {
		return err
	}
	defer session.Close()
	for copied, round := 0, 0; copied < count; round++ {
		fetches := session.PollRecords(ctx, 5)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("after %d records: %w", copied, err)
		}
		if err := session.Begin(); err != nil {
			return err
		}
		taken := 0
		fetches.EachRecord(func(in *kgo.Record) {
			taken++
			session.Produce(ctx, &kgo.Record{Topic: to, Partition: in.Partition, Value: in.Value}, nil)
		})
		committed, err := session.End(ctx, kgo.TransactionEndTry(round%3 != 2))
		if err != nil {
			return fmt.Errorf("end after %d records: %w", copied, err)
		}
		if committed {
			copied += taken
		}
	}
	return nil
}
