package live

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"stempel/internal/loyalty"
)

// street carries notices as Redis does: to whoever listens at the moment.
type street struct {
	mu        sync.Mutex
	listeners []func([]byte)
	sent      int
}

func (s *street) Publish(_ context.Context, notice []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	for _, hear := range s.listeners {
		hear(notice)
	}
	return nil
}

func (s *street) Listen(ctx context.Context, hear func([]byte)) {
	s.mu.Lock()
	s.listeners = append(s.listeners, hear)
	s.mu.Unlock()
	<-ctx.Done()
}

func woken(c <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestHubs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &street{}
		here, there, alone := New(s), New(s), New(nil)
		var running sync.WaitGroup
		for _, h := range []*Hub{here, there, alone} {
			running.Go(func() { h.Run(ctx) })
		}
		synctest.Wait()
		anna, bert := loyalty.CardID{1}, loyalty.CardID{2}
		mine, leaveMine := here.Wait(anna)
		yours, leaveYours := there.Wait(anna)
		other, leaveOther := there.Wait(bert)
		lone, leaveLone := alone.Wait(anna)

		here.Tell(anna)
		here.Tell(anna)
		if !woken(mine) || !woken(yours) || woken(other) || woken(lone) {
			t.Error("a change has to reach the pages of its card in every process, and no others")
		}
		if woken(mine) || woken(yours) {
			t.Error("a change came twice")
		}
		alone.Tell(anna)
		if !woken(lone) || woken(mine) {
			t.Error("a hub of its own has to reach its own pages only")
		}

		program := loyalty.ProgramID{3}
		both, leaveBoth := there.Wait(bert, program, loyalty.MerchantID{4})
		here.TellAll(program)
		if !woken(both) || woken(other) || woken(mine) {
			t.Error("a change of a program has to reach the pages that show it, and no others")
		}
		here.Tell(bert)
		if !woken(both) || !woken(other) || there.Pages() != 3 {
			t.Errorf("a page that shows a program is one page, which shows its card as well; %d are open", there.Pages())
		}
		leaveBoth()

		many := make([]loyalty.CardID, 2*perTrip+1)
		for i := range many {
			many[i] = loyalty.CardID{9, byte(i), byte(i >> 8)}
		}
		s.sent = 0
		there.Tell(append(many, bert)...)
		if !woken(other) || s.sent < 3 {
			t.Errorf("%d notices for %d cards", s.sent, len(many)+1)
		}

		if here.Pages() != 1 || there.Pages() != 2 {
			t.Errorf("%d and %d pages are open", here.Pages(), there.Pages())
		}
		here.hear(nil)
		if !woken(mine) || woken(yours) {
			t.Error("whoever may have missed a notice has to look, and nobody else")
		}
		leaveMine()
		leaveYours()
		leaveOther()
		leaveLone()
		here.Tell(anna)
		if woken(mine) || woken(yours) || len(here.waiting)+len(there.waiting) != 0 {
			t.Error("a closed page was kept")
		}
		stop()
		running.Wait()
	})
}

func FuzzHear(f *testing.F) {
	f.Add([]byte("sender__card____________"))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, notice []byte) {
		h := New(&street{})
		_, leave := h.Wait(loyalty.CardID{1})
		defer leave()
		h.hear(notice)
	})
}
