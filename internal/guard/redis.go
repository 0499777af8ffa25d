package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

const (
	// askTimeout is all that one question to Redis may cost a scan. A healthy
	// Redis in the same data centre answers in less than one millisecond.
	askTimeout = 30 * time.Millisecond

	// outcomeLife covers the time in which a credential can come again and pass
	// verification: its own minute and the 15 minutes of a scan handle. Later
	// replays fail before they reach the guard, or the database knows them.
	outcomeLife = 20 * time.Minute
)

// ErrOpen is returned instead of asking a Redis that failed within the last
// second.
var ErrOpen = errors.New("redis failed a moment ago and is left alone")

// Redis guards all processes that share a Redis 7 or newer: a single server,
// Sentinels or a Cluster. Its methods may be called from several goroutines, and
// each takes little more than 30 ms at worst.
type Redis struct {
	client  redis.UniversalClient
	prefix  string
	log     *slog.Logger
	timeout time.Duration
	breaker breaker
	missed  atomic.Int64

	rates  *redis_rate.Limiter
	spares *buckets // for rates while Redis is away
	paces  *paces   // and for limits

	refusal sync.Once // was told to the log
}

// Option changes how OpenRedis sets a guard up.
type Option func(*Redis)

// Prefix puts prefix instead of "stempel" before all keys.
func Prefix(prefix string) Option { return func(r *Redis) { r.prefix = prefix } }

// Log makes the guard tell log, instead of slog's default, when Redis goes and
// comes back.
func Log(log *slog.Logger) Option { return func(r *Redis) { r.log = log } }

// Exchange makes one trip that tells of the outcomes of commits and takes back what
// counted and came to nothing; that asks about claims, and returns for each the
// outcome that answers it, or nil; and that counts actions against limits, and returns
// which they reach. It keeps no slice. A claim leaves no trace in Redis: one without
// an outcome would change nobody's answer. Actions that Redis refuses to count, as it
// runs no scripts for us, this process counts for itself; claims know nothing of that.
//
// With an error all claims are answered nil, and what was told may be lost: the
// database decides, and this process counts actions for itself. The error only
// informs; the guard has counted and logged it.
func (r *Redis) Exchange(ctx context.Context, told loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error) {
	done, claims := told.Done, asked.Claims
	answered := loyalty.Answered{Used: make([]*loyalty.Outcome, len(claims)), Reached: make([]loyalty.Reached, len(asked.Paced))}
	undone := r.undoAlone(told.Undone)
	if len(done)+len(undone) == 0 && asked.IsEmpty() {
		return answered, nil // and Redis was not heard of
	}
	found := make([]*redis.StringCmd, len(claims))
	paces := make([]*redis.Cmd, len(asked.Paced))
	err := r.ask(ctx, func(ctx context.Context) error {
		pipe := r.client.Pipeline()
		for i := range done {
			pipe.Set(ctx, r.key(done[i].Claim), outcomeValue(&done[i]), outcomeLife)
		}
		for i, c := range claims {
			found[i] = pipe.Get(ctx, r.key(c))
		}
		for i := range undone {
			r.undoPace(ctx, pipe, &undone[i])
		}
		for i := range asked.Paced {
			paces[i] = r.askPace(ctx, pipe.EvalSha, paceHash, &asked.Paced[i])
		}
		replies, _ := pipe.Exec(ctx) // its error is that of some reply
		outcomes, limits := replies[:len(done)+len(claims)], replies[len(done)+len(claims):]
		if err := cmp.Or(failure(outcomes), silence(limits)); err != nil {
			return err
		}
		return r.teachPace(ctx, asked.Paced, paces)
	})
	for i := range asked.Paced {
		paced, known := &asked.Paced[i], false
		if err == nil {
			answered.Reached[i], known = parsePace(paces[i], paced)
			r.refused(ctx, paces[i].Err())
		}
		if !known {
			answered.Reached[i] = r.paces.ask(paced)
			answered.Reached[i].Alone = true
		}
	}
	if err != nil {
		return answered, err
	}
	for i, c := range claims {
		if o, ok := parseOutcome(found[i].Val(), c); ok && o.Answers(c) {
			answered.Used[i] = new(o)
		}
	}
	return answered, nil
}

// failure returns the first reply that says that Redis is not well. A key that
// was not there, or that somebody else gave a value of another type, is neither:
// there is no outcome.
func failure(replies []redis.Cmder) error {
	for _, reply := range replies {
		if err := reply.Err(); err != nil && !errors.Is(err, redis.Nil) && !strangeValue(err) {
			return err
		}
	}
	return nil
}

// silence returns the first reply to a question of limits that Redis did not give: it
// may refuse us a script, and yet know all outcomes.
func silence(replies []redis.Cmder) error {
	for _, reply := range replies {
		if err := reply.Err(); err != nil && !said(err) {
			return err
		}
	}
	return nil
}

// said reports whether an error is Redis's own answer, and not that there was none.
func said(err error) bool {
	_, ok := errors.AsType[redis.Error](err)
	return ok
}

// refused takes in that Redis is there and does not run a script for us. It tells the
// log once: what was set up so stays so, and Missed goes on counting.
func (r *Redis) refused(ctx context.Context, err error) {
	if err == nil || strangeValue(err) {
		return
	}
	r.missed.Add(1)
	r.refusal.Do(func() {
		r.log.WarnContext(ctx, "limits are counted by each process: Redis refuses to", slog.Any("error", err))
	})
}

// Degraded reports whether an exchange would fail now, by trying: a Redis that
// answers but cannot write (a replica, a full one) is as good as none, and so is a
// Cluster of which a part is gone, on which some exchanges would still succeed.
func (r *Redis) Degraded() bool {
	// Nobody claims the zero nonce: it stands for "nothing was presented".
	_, err := r.Exchange(context.Background(), loyalty.Told{Done: []loyalty.Outcome{{Claim: loyalty.Claim{Action: loyalty.Earn}}}}, loyalty.Asked{})
	cluster, several := r.client.(*redis.ClusterClient)
	if err != nil || !several {
		return err != nil
	}
	return r.ask(context.Background(), func(ctx context.Context) error {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
			return master.Ping(ctx).Err()
		})
	}) != nil
}

// Missed is how many questions went unanswered so far, those not asked while
// Redis was left alone and those of limits that it refused included.
func (r *Redis) Missed() int64 { return r.missed.Load() }

// Close drops the connections.
func (r *Redis) Close() error { return r.client.Close() }

// ask talks to Redis for at most the timeout, unless it is left alone.
func (r *Redis) ask(ctx context.Context, talk func(context.Context) error) error {
	if !r.breaker.allow() {
		r.missed.Add(1)
		return ErrOpen
	}
	traced, span := tracing.Start(ctx, "redis")
	bounded, cancel := context.WithTimeout(traced, r.timeout)
	defer cancel()
	err := talk(bounded)
	tracing.End(span, err)
	if err != nil {
		r.missed.Add(1)
		if ctx.Err() != nil {
			return err // the asker has left, which says nothing about Redis
		}
		err = fmt.Errorf("ask redis: %w", err)
		if cluster, ok := r.client.(*redis.ClusterClient); ok {
			// Another node may have taken over: go-redis asks who once a minute, and
			// a master that is gone cannot tell it earlier. It asks in the background.
			cluster.ReloadState(ctx)
		}
	}
	if changed := r.breaker.report(err == nil); changed && err != nil {
		r.log.WarnContext(ctx, "guard degraded: going on without Redis", slog.Any("error", err))
	} else if changed {
		r.log.InfoContext(ctx, "guard recovered: Redis answers again")
	}
	return err
}
