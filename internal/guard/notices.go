package guard

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Publish sends a notice to every process that listens now. It is not on the
// way of a scan. Errors: Redis's.
func (r *Redis) Publish(ctx context.Context, notice []byte) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return r.client.Publish(ctx, r.noticeKey(), notice).Err()
}

// deafPause is how often Listen says, while Redis is away, that notices may have
// been missed.
const deafPause = 10 * time.Second

// Listen calls hear for each notice until ctx ends, and with nil where some may
// have been missed: now and then while Redis is away, and when it listens again.
func (r *Redis) Listen(ctx context.Context, hear func(notice []byte)) {
	const pause = time.Second
	var said time.Time
	listening := r.client.Subscribe(ctx, r.noticeKey())
	defer listening.Close()
	stop := context.AfterFunc(ctx, func() { _ = listening.Close() }) // what waits for a message does not look at ctx
	defer stop()
	for ctx.Err() == nil {
		received, err := listening.Receive(ctx) // subscribes again after a loss
		switch message := received.(type) {
		case *redis.Message:
			hear([]byte(message.Payload))
		case *redis.Subscription:
			hear(nil)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if time.Since(said) >= deafPause {
			said = time.Now()
			hear(nil)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (r *Redis) noticeKey() string { return r.prefix + ":notices" }
