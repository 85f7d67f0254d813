package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// sighting is one record that a member saw.
type sighting struct {
	Member    string `json:"member"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

var balancers = map[string]kgo.GroupBalancer{
	"range":              kgo.RangeBalancer(),
	"roundrobin":         kgo.RoundRobinBalancer(),
	"sticky":             kgo.StickyBalancer(),
	"cooperative-sticky": kgo.CooperativeStickyBalancer(),
	"broker":             kgo.CooperativeStickyBalancer(),
}

// members is a group in one process, and what it has seen together.
type members struct {
	bootstrap, topic, group string
	balancer                kgo.GroupBalancer
	count                   int64
	// all is true once all members have joined, and seen is how many records were seen since.
	all   atomic.Bool
	seen  atomic.Int64
	lines sync.Mutex
}

// group lets three members join one after the other and then read count records together. The first one leaves when a
// third of them is seen. Whoever gives a partition away commits what it has read of it first.
func group(ctx context.Context, bootstrap, topic, groupID, balancer string, count int) error {
	if balancer == "broker" {
		// How this version is told to leave the assignment to the broker (KIP-848).
		ctx = context.WithValue(ctx, "opt_in_kafka_next_gen_balancer_beta", true)
	}
	chosen, known := balancers[balancer]
	if !known {
		return fmt.Errorf("no balancer is called %s", balancer)
	}
	all := &members{bootstrap: bootstrap, topic: topic, group: groupID, balancer: chosen, count: int64(count)}
	failures := make(chan error, 3)
	for number := range 3 {
		until := all.count
		if number == 0 {
			until = all.count / 3
		}
		joined := make(chan struct{})
		go func() { failures <- all.read(ctx, fmt.Sprintf("member-%d", number), until, joined) }()
		select {
		case <-joined:
		case err := <-failures:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	all.all.Store(true)
	for range 3 {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}

// read is the life of one member, until the group has seen enough. It closes joined when it first has partitions.
func (m *members) read(ctx context.Context, name string, until int64, joined chan struct{}) error {
	var once sync.Once
	client, err := kgo.NewClient(
		kgo.WithContext(ctx),
		kgo.SeedBrokers(m.bootstrap),
		kgo.ClientID(name),
		kgo.ConsumerGroup(m.group),
		kgo.ConsumeTopics(m.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(m.balancer),
		kgo.HeartbeatInterval(300*time.Millisecond),
		kgo.DisableAutoCommit(),
		// Records that were polled are handled before partitions move.
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) {
			once.Do(func() { close(joined) })
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, _ map[string][]int32) {
			if err := client.CommitUncommittedOffsets(ctx); err != nil {
				fail(fmt.Errorf("%s cannot commit: %w", name, err))
			}
		}),
	)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()

	for !m.all.Load() || m.seen.Load() < until {
		poll, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		fetches := client.PollRecords(poll, 20)
		cancel()
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %d of %d records were seen", name, m.seen.Load(), m.count)
		}
		m.print(name, fetches.Records())
		client.AllowRebalance()
	}
	return client.CommitUncommittedOffsets(ctx)
}

func (m *members) print(name string, records []*kgo.Record) {
	m.lines.Lock()
	defer m.lines.Unlock()
	lines := json.NewEncoder(os.Stdout)
	for _, record := range records {
		if err := lines.Encode(sighting{name, record.Partition, record.Offset}); err != nil {
			fail(err)
		}
	}
	if m.all.Load() {
		m.seen.Add(int64(len(records)))
	}
}
