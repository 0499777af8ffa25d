package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// A client that hangs up at any moment has its request done once or not at all,
// and learns which by asking again.
func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const ways = 6 // of hanging up: see below
	for round := range ways {
		s.again(t)
		for i, o := range inOrder(t, takesKey) {
			if givesSecret(o) {
				continue
			}
			if !posts(o) && i%ways != round {
				continue // the office's changes all go one way: together they try every one
			}
			before := s.Book(t)
			c := s.call(t, o)
			text := s.Bytes(t, c)
			conn := dial(t, s.API).(*net.TCPConn)
			if _, err := conn.Write(text[:len(text)-round%3]); err != nil { // all, or nearly
				t.Fatal(err)
			}
			if err := errors.Join(conn.SetLinger(round%2-1), conn.Close()); err != nil { // FIN or RST
				t.Fatal(err)
			}
			first, second := s.Do(t, c), s.Do(t, c)
			if givesSecret(o) {
				if second.Problem().Code != gen.ProblemCodeAnswerNotRepeatable {
					t.Errorf("%s: %d %s", o.OperationID, second.Status, second.Body)
				}
				continue
			}
			if first.Status >= 300 || string(first.Body) != string(second.Body) {
				t.Errorf("%s: %d %s, then %d %s", o.OperationID, first.Status, first.Body, second.Status, second.Body)
			}
			if after := s.Book(t); after.Cards+after.Entries-before.Cards-before.Entries != added(o) {
				t.Errorf("%s: %d entries and %d cards more", o.OperationID, after.Entries-before.Entries, after.Cards-before.Cards)
			}
			if o.OperationID == "redeem" || !posts(o) { // the voucher is gone, the card is blocked
				s.again(t)
			}
		}
	}
}

// The database is killed while tills scan. Whoever does not get an answer is told
// to ask again, and then gets one: every scan is posted once.
func TestDatabaseIsLost(t *testing.T) {
	t.Parallel()
	database := enginetest.PrivatePostgres(t)
	durably := database.URL() + "&synchronous_commit=on" // what was acknowledged outlives the server's death
	a := apitest.Boot(t, func(s *apitest.Setup) { s.Database = durably })
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	calls := make([]apitest.Call, 120)
	for i := range calls {
		calls[i] = apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Units(1))
	}
	enrol := apitest.Call{Path: "/v1/cards", Token: a.Shop.App, Key: apitest.Key(), Body: apitest.Map{"program": a.Shop.Stamps.ID}}
	calls[0] = enrol

	done := make(chan struct{}, len(calls))
	answers := make([]*apitest.Answer, len(calls))
	next := make(chan int)
	var tills sync.WaitGroup
	for range 16 {
		tills.Go(func() {
			for i := range next {
				answers[i] = settle(t, a, calls[i], "")
				done <- struct{}{}
			}
		})
	}
	for i := range calls {
		if i == len(calls)/3 {
			<-done
			database.Kill()
		}
		next <- i
	}
	close(next)
	tills.Wait()
	lost := 0
	for _, answer := range answers {
		if answer.Status == http.StatusServiceUnavailable {
			lost++
		}
	}
	if lost == 0 {
		t.Error("nobody noticed that the database was away")
	}
	if ready := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/readyz"}); ready.Status != http.StatusServiceUnavailable {
		t.Errorf("readiness: %d %s", ready.Status, ready.Body)
	}

	if err := database.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, c := range calls {
		answer := settle(t, a, c, "after the restart")
		if answers[i].Status < 300 && string(answers[i].Body) != string(answer.Body) {
			t.Errorf("acknowledged %s, now %s", answers[i].Body, answer.Body)
		}
	}
	if got := a.GetCard(t, a.Shop, card); got.Lifetime != int64(len(calls)-1) {
		t.Errorf("%d scans have posted %d", len(calls)-1, got.Lifetime)
	}
	a.Clock.Advance(time.Second)
	if ready := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/readyz"}); ready.Status != http.StatusOK {
		t.Errorf("readiness after the restart: %d %s", ready.Status, ready.Body)
	}
}

// settle makes a call that may be answered with "ask again". When must says when
// it is, it asks until it is answered.
func settle(t *testing.T, a *apitest.API, c apitest.Call, must string) *apitest.Answer {
	for range 100 {
		answer, err := a.Try(t, c)
		if err != nil {
			t.Errorf("%s: %v", c.Path, err)
			return &apitest.Answer{}
		}
		again := []gen.ProblemCode{gen.ProblemCodeOutcomeUnknown, gen.ProblemCodeUnavailable, gen.ProblemCodeTimeout}
		if answer.Status < 300 {
			return answer
		}
		if !slices.Contains(again, answer.Problem().Code) {
			t.Errorf("%s %s: %d %s", c.Path, must, answer.Status, answer.Body)
			return answer
		}
		if must == "" {
			return answer
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s is not settled %s", c.Path, must)
	return &apitest.Answer{}
}

// ill is a store that fails in one way.
type ill struct {
	api.Store
	fail func() error
}

func (i ill) Card(context.Context, loyalty.MerchantID, loyalty.CardID) (*loyalty.State, error) {
	return nil, i.fail()
}

// Whatever goes wrong inside, outside it has a name, and the process lives on.
func TestFailuresInside(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fail func() error
		code gen.ProblemCode
	}{
		"unavailable": {func() error { return fmt.Errorf("dial tcp: %w", loyalty.ErrUnavailable) }, gen.ProblemCodeUnavailable},
		"overloaded":  {func() error { return ledger.ErrOverloaded }, gen.ProblemCodeOverloaded},
		"closed":      {func() error { return ledger.ErrClosed }, gen.ProblemCodeUnavailable},
		"abandoned":   {func() error { return ledger.ErrAbandoned }, gen.ProblemCodeTimeout},
		"too late":    {func() error { return context.DeadlineExceeded }, gen.ProblemCodeTimeout},
		"broken":      {func() error { return errors.New(`pq: relation "cards" does not exist (SQLSTATE 42P01)`) }, gen.ProblemCodeInternal},
		"conflict":    {func() error { return loyalty.ErrConflict }, gen.ProblemCodeInternal},
		"panic":       {func() error { panic("index out of range at /go/src") }, gen.ProblemCodeInternal},
		"nil panic":   {func() error { var c *loyalty.Card; c.Balance++; return nil }, gen.ProblemCodeInternal},
		"no code":     {func() error { return &loyalty.Refusal{Code: "new_and_unknown", Message: "pq: secret"} }, gen.ProblemCodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			sick := s.Beside(t, func(setup *apitest.Setup) {
				setup.Wrap = func(store api.Store) api.Store { return ill{store, tt.fail} }
			})
			get := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: s.Shop.App}
			for range 2 {
				sick.Refused(t, get, tt.code)
			}
			list := get
			list.Path += "/entries"
			if answer := sick.Do(t, list); answer.Status != 200 {
				t.Errorf("and then: %d %s", answer.Status, answer.Body)
			}
		})
	}
}

// slow is a store that waits in Entry until it is let go.
type slow struct {
	api.Store
	inside, let chan struct{}
}

func (s slow) Entry(ctx context.Context, m loyalty.MerchantID, id loyalty.EntryID) (loyalty.Entry, error) {
	s.inside <- struct{}{}
	<-s.let
	return s.Store.Entry(ctx, m, id)
}

// Shutting down waits for requests under way, takes no new ones, and tells those
// who still ask to go elsewhere.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	inside, let := make(chan struct{}), make(chan struct{})
	a := s.Beside(t, func(setup *apitest.Setup) {
		setup.Wrap = func(store api.Store) api.Store { return slow{store, inside, let} }
	})
	answered, closed := make(chan *apitest.Answer, 1), make(chan error, 1)
	go func() {
		answer, err := a.Try(t, apitest.Void(s.Shop.Front, s.entry, nil))
		if err != nil {
			t.Errorf("under way: %v", err)
		}
		answered <- answer
	}()
	<-inside
	asking := dial(t, a)
	if _, err := io.WriteString(asking, "GET /readyz HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	go func() { closed <- a.Close() }()
	for { // until it takes no new connections
		conn, err := net.Dial("tcp", asking.RemoteAddr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	if _, err := io.WriteString(asking, "\r\n"); err != nil {
		t.Fatal(err)
	}
	if ready := readAnswer(t, asking); ready.Status != http.StatusServiceUnavailable || ready.Header.Get("Connection") != "close" {
		t.Errorf("readiness: %d %v %s", ready.Status, ready.Header, ready.Body)
	}
	close(let)
	if answer := <-answered; answer == nil || answer.Status != http.StatusOK {
		t.Errorf("the request under way: %+v", answer)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
}

// A server that is told to stop before it has begun does not begin.
func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for range 20 {
		if err := a.Beside(t).Close(); err != nil {
			t.Error(err)
		}
	}
}
