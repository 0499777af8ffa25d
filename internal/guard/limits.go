package guard

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

// Allow takes a token from the bucket named key, which holds burst tokens and
// gains perSecond of them a second; both are at least 1. Without a token it
// returns how long until there is one. While Redis is away, or refuses to run the
// script that counts, each process counts for itself.
func (r *Redis) Allow(ctx context.Context, key string, perSecond, burst int) (ok bool, retryAfter time.Duration) {
	return r.allow(ctx, key, redis_rate.Limit{Rate: perSecond, Burst: burst, Period: time.Second})
}

// AllowEvery is Allow of a bucket that gains one token in so much time.
func (r *Redis) AllowEvery(ctx context.Context, key string, each time.Duration, burst int) (ok bool, retryAfter time.Duration) {
	return r.allow(ctx, key, redis_rate.Limit{Rate: 1, Burst: burst, Period: each})
}

func (r *Redis) allow(ctx context.Context, key string, limit redis_rate.Limit) (ok bool, retryAfter time.Duration) {
	var result *redis_rate.Result
	_ = r.ask(ctx, func(ctx context.Context) (err error) {
		result, err = r.rates.Allow(ctx, r.prefix+":"+key, limit)
		if err != nil && said(err) {
			r.refused(ctx, err)
			return nil
		}
		return err
	})
	if result == nil {
		return r.spares.allow(key, rate.Limit(float64(limit.Rate)/limit.Period.Seconds()), limit.Burst)
	}
	return result.Allowed > 0, max(0, result.RetryAfter)
}

// strangeValue reports whether err is Redis's way to say that under one of our
// keys stands something that we did not put there. That is the key's trouble, and
// no reason to leave Redis alone.
func strangeValue(err error) bool {
	return redis.HasErrorPrefix(err, "WRONGTYPE") || redis.HasErrorPrefix(err, "user_script")
}
