package keys

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		here, there := open(t, store), open(t, store)
		ctx, stop := context.WithCancel(t.Context())
		var troubles []error
		go here.Watch(ctx, time.Minute, func(err error) { troubles = append(troubles, err) })

		if _, err := there.Rotate(t.Context(), Scan, start, 0); err != nil {
			t.Fatal(err)
		}
		wait := func() { time.Sleep(time.Minute); synctest.Wait() }
		wait()
		if kid, _ := here.MACs(Scan).Current(start); kid != "h02" {
			t.Errorf("after a minute it makes MACs with %s", kid)
		}
		store.fail(errors.New("no connection"))
		wait()
		store.fail(nil)
		wait()
		if len(troubles) != 1 {
			t.Errorf("told of %v", troubles)
		}
		stop()
		synctest.Wait() // or the bubble would end with a goroutine in it
	})
}
