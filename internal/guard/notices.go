package guard

import (
	"context"
	"time"
)

// Publish sends a notice to every process that listens now. It is not on the
// way of a scan. Errors: Redis's.
func (r *Redis) Publish(ctx context.Context, notice []byte) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return r.client.Publish(ctx, r.noticeKey(), notice).Err()
}

// Listen calls hear for each notice until ctx ends. While Redis is away nothing
// is heard; afterwards it listens again.
func (r *Redis) Listen(ctx context.Context, hear func(notice []byte)) {
	const pause = time.Second
	listening := r.client.Subscribe(ctx, r.noticeKey())
	defer listening.Close()
	stop := context.AfterFunc(ctx, func() { _ = listening.Close() }) // what waits for a message does not look at ctx
	defer stop()
	for ctx.Err() == nil {
		message, err := listening.ReceiveMessage(ctx) // subscribes again after a loss
		if err == nil {
			hear([]byte(message.Payload))
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (r *Redis) noticeKey() string { return r.prefix + ":notices" }
