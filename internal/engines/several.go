package engines

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// several are Redis servers that stand for one another.
type several struct {
	nodes    []*Redis
	password string
}

// FailoverAfter is how long a master may be silent before another takes over: so
// long that a loaded machine does not look like a dead one.
const FailoverAfter = 2 * time.Second

// Password is that of all of them.
func (s *several) Password() string { return s.password }

// Stop ends all for good.
func (s *several) Stop() {
	for _, node := range s.nodes {
		node.Stop()
	}
}

func (s *several) start(ctx context.Context, settings ...string) (*Redis, error) {
	node, err := startRedis(ctx, s.password, settings...)
	if err == nil {
		s.nodes = append(s.nodes, node)
	}
	return node, err
}

// listening finds a node by its port.
func (s *several) listening(port int) (*Redis, error) {
	for _, node := range s.nodes {
		if node.port == port {
			return node, nil
		}
	}
	return nil, fmt.Errorf("engines: no server on port %d", port)
}

// hosts are nodes as host:port, with commas between.
func hosts(nodes []*Redis) string {
	all := make([]string, len(nodes))
	for i, node := range nodes {
		all[i] = address(node.port)
	}
	return strings.Join(all, ",")
}

// on runs a command on a node and returns its answer as text.
func on(ctx context.Context, node *Redis, command ...any) (string, error) {
	client := node.client()
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	answer, err := client.Do(ctx, command...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("%v: %w", command, err)
	}
	return fmt.Sprint(answer), nil
}

// await waits for a state that servers reach on their own.
func await(ctx context.Context, what string, reached func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for !reached() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case <-time.After(pollEvery):
		}
	}
	return nil
}
