package guard

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// In these tests nothing but our own timeout ends a question. Where it did not
// hold, they would never end.
func TestRedisNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://:secret@%/0", "rediss://%/0", "redis+cluster://%,%", "redis+sentinel://%,%/master",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			address, end := listenInSilence(t)
			r, clock := openForever(t, strings.ReplaceAll(url, "%", address), nil)
			t.Cleanup(end) // before the client's own, which waits for it
			isLeftAlone(t, r, clock)
		})
	}
}

func TestRedisCannotBeReached(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://host/0", "redis+cluster://one,two,three", "redis+sentinel://one,two/master",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			r, clock := openForever(t, url, func(context.Context, string, string) (net.Conn, error) {
				<-ended
				return nil, errors.New("no route to host")
			})
			t.Cleanup(func() { close(ended) })
			isLeftAlone(t, r, clock)
		})
	}
}

// isLeftAlone wants that a guard gives up, and a second later tries again.
func isLeftAlone(t *testing.T, r *Redis, clock *clock) {
	t.Helper()
	for range 3 {
		if err := fails(t, r); errors.Is(err, ErrOpen) {
			t.Error("Redis was not asked")
		}
		if err := fails(t, r); !errors.Is(err, ErrOpen) {
			t.Errorf("Redis was not left alone: %v", err)
		}
		if ok, _ := r.Allow(t.Context(), "till", 1, 100); !ok {
			t.Error("nothing is allowed without Redis")
		}
		if !r.Degraded() {
			t.Error("not degraded")
		}
		clock.advance(breakerRest)
	}
}

// openForever returns a guard with its real timeout, whose client would wait for
// ever.
func openForever(t *testing.T, url string, dial func(context.Context, string, string) (net.Conn, error)) (*Redis, *clock) {
	t.Helper()
	config, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	config.Dialer = dial
	config.DialTimeout = time.Hour
	config.ReadTimeout, config.WriteTimeout = -1, -1
	config.PoolTimeout = time.Hour
	r := newRedis(config, []Option{Log(slog.New(slog.DiscardHandler))})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	clock := newClock()
	r.breaker.now = clock.now
	return r, clock
}

// listenInSilence accepts connections and never says a word, until end.
func listenInSilence(t *testing.T) (address string, end func()) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	var accepted []net.Conn
	accepting.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted = append(accepted, conn)
		}
	})
	return listener.Addr().String(), func() {
		listener.Close()
		accepting.Wait()
		for _, conn := range accepted {
			conn.Close()
		}
	}
}
