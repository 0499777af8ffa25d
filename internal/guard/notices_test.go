package guard

import (
	"context"
	"sync"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
)

// A notice reaches all that listen, and again after Redis was away.
func TestNotices(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	here, _ := open(t, server.URL())
	there, _ := open(t, server.URL())
	there.prefix = here.prefix // processes of one deployment
	ctx, stop := context.WithCancel(t.Context())
	heard := make(chan string, 1000)
	var listening sync.WaitGroup
	missed := make(chan struct{}, 1)
	listening.Go(func() {
		there.Listen(ctx, func(notice []byte) {
			if notice != nil {
				heard <- string(notice)
				return
			}
			select {
			case missed <- struct{}{}:
			default:
			}
		})
	})

	arrives := func(text string) {
		t.Helper()
		for deadline := time.After(30 * time.Second); ; {
			_ = here.Publish(t.Context(), []byte(text)) // who does not listen yet misses it
			select {
			case got := <-heard:
				if got == text {
					return
				}
			case <-time.After(20 * time.Millisecond):
			case <-deadline:
				t.Fatalf("%q was not heard", text)
			}
		}
	}
	arrives("first\x00\xff")
	<-missed // it said so when it began
	server.Kill()
	<-missed
	if err := here.Publish(t.Context(), []byte("lost")); err == nil {
		t.Error("no error without Redis")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	arrives("second")
	<-missed
	stop()
	listening.Wait()
}
