package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
)

// atOnce makes all calls at the same moment, spread over some processes.
func atOnce(t *testing.T, over []*apitest.API, calls []apitest.Call) []*apitest.Answer {
	t.Helper()
	answers := make([]*apitest.Answer, len(calls))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, c := range calls {
		all.Go(func() {
			<-start
			answer, err := over[i%len(over)].Try(t, c)
			if err != nil {
				t.Errorf("%s: %v", c.Path, err)
				answer = &apitest.Answer{}
			}
			answers[i] = answer
		})
	}
	close(start)
	all.Wait()
	return answers
}

func successes(answers []*apitest.Answer) (n int) {
	for _, a := range answers {
		if a.Status < 300 {
			n++
		}
	}
	return n
}

// guards are the ways in which two processes on one database may be guarded.
var guards = map[string]func(*testing.T) (one, two func(*apitest.Setup), midway func()){
	"no guard": func(*testing.T) (one, two func(*apitest.Setup), midway func()) {
		return apitest.Unguarded, apitest.Unguarded, func() {}
	},
	"in memory": func(*testing.T) (one, two func(*apitest.Setup), midway func()) {
		return apitest.Alone, apitest.Alone, func() {}
	},
	"Redis": func(t *testing.T) (one, two func(*apitest.Setup), midway func()) {
		server, prefix := enginetest.Redis(t), apitest.Prefix()
		return apitest.Redis(t, server, prefix), apitest.Redis(t, server, prefix), func() {}
	},
	"Redis, flushed": func(t *testing.T) (one, two func(*apitest.Setup), midway func()) {
		server, prefix := enginetest.PrivateRedis(t).URL(), apitest.Prefix()
		options, err := redis.ParseURL(server)
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(options)
		t.Cleanup(func() { client.Close() })
		return apitest.Redis(t, server, prefix), apitest.Redis(t, server, prefix), func() {
			if err := client.FlushAll(t.Context()).Err(); err != nil {
				t.Error(err)
			}
		}
	},
	"Redis, killed": func(t *testing.T) (one, two func(*apitest.Setup), midway func()) {
		server, prefix := enginetest.PrivateRedis(t), apitest.Prefix()
		return apitest.Redis(t, server.URL(), prefix), apitest.Redis(t, server.URL(), prefix), server.Kill
	},
}

// One credential, presented 500 times at once over three processes, earns once;
// and all others are told when and where.
func TestOneCredentialManyTimes(t *testing.T) {
	t.Parallel()
	for name, guard := range guards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two, midway := guard(t)
			a := apitest.Boot(t, apitest.Postgres(t), one)
			processes := []*apitest.API{a, a.Beside(t, two), a.Beside(t, two)}
			card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
			for range 3 {
				credential := a.Token(t, a.Shop, card)
				calls := make([]apitest.Call, 500)
				for i := range calls {
					calls[i] = apitest.Scan([]apitest.Till{a.Shop.Front, a.Shop.Back}[i/2%2], credential, apitest.Units(1))
				}
				var between sync.WaitGroup
				between.Go(midway)
				winnerAndLosers(t, a, calls, atOnce(t, processes, calls))
				between.Wait()
			}
			if got := a.GetCard(t, a.Shop, card); got.Balance != 3 {
				t.Errorf("the card has %d stamps", got.Balance)
			}
		})
	}
}

func winnerAndLosers(t *testing.T, a *apitest.API, calls []apitest.Call, answers []*apitest.Answer) {
	t.Helper()
	if n := successes(answers); n != 1 {
		t.Fatalf("%d of %d succeeded", n, len(answers))
	}
	var won gen.Scan
	var winner apitest.Call
	for i, answer := range answers {
		if answer.Status == http.StatusOK {
			won, winner = apitest.Read[gen.Scan](t, answer), calls[i]
		}
	}
	for i, answer := range answers {
		p := answer.Problem()
		if answer.Status == http.StatusOK {
			continue
		}
		if p.Code != gen.ProblemCodeCredentialAlreadyUsed || p.Used == nil {
			t.Errorf("a loser is told %d %s", answer.Status, answer.Body)
			continue
		}
		entry := won.Entries[0]
		same := calls[i].Token == winner.Token
		if !p.Used.At.Equal(entry.PostedAt) || p.Used.Till != entry.Till || p.Used.TillName == "" || same != (p.Used.Entry == entry.ID) {
			t.Errorf("a loser at the same till (%t) is told %s; won: %+v", same, answer.Body, entry)
		}
	}
}

// Two tills hand out one voucher at once: only one may.
func TestOneVoucherAtTwoTills(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	b := a.Beside(t)
	card := full(t, a)
	for range 10 {
		calls := make([]apitest.Call, 8)
		for i := range calls {
			till := []apitest.Till{a.Shop.Front, a.Shop.Back}[i%2]
			calls[i] = apitest.Redeem(till, a.Look(t, a.Shop, till, card.ID).Scan, apitest.Map{"voucher": card.Vouchers[0].ID})
		}
		answers := atOnce(t, []*apitest.API{a, b}, calls)
		if n := successes(answers); n != 1 {
			t.Fatalf("%d of %d tills handed the reward out", n, len(calls))
		}
		for i, answer := range answers {
			if answer.Status == http.StatusOK {
				a.Post(t, apitest.Void(till(a, calls[i]), apitest.Read[gen.Posting](t, answer).Entries[0].ID, nil))
			} else if code := answer.Problem().Code; code != gen.ProblemCodeVoucherNotRedeemable {
				t.Errorf("refused with %s", answer.Body)
			}
		}
	}
}

// One bill is granted once, however many tills ask at once with scans of their own; and
// of as many bills on one card each counts.
func TestOneBillAtManyTills(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	b := a.Beside(t)
	card := a.NewCard(t, a.Shop, a.NewProgram(t, a.Shop, "restaurant")).ID
	var same, others []apitest.Call
	for i := range 8 {
		till := []apitest.Till{a.Shop.Front, a.Shop.Back}[i%2]
		same = append(same, apitest.Grant(till, a.Look(t, a.Shop, till, card).Scan, "bill", 100, nil))
		others = append(others, apitest.Grant(till, a.Look(t, a.Shop, till, card).Scan, fmt.Sprint("bill ", i), 100, nil))
	}
	answers := atOnce(t, []*apitest.API{a, b}, same)
	if n := successes(answers); n != 1 {
		t.Fatalf("%d of %d tills granted one bill", n, len(same))
	}
	for _, answer := range answers {
		if answer.Status != http.StatusOK && answer.Problem().Code != gen.ProblemCodePurchaseAlreadyCredited {
			t.Errorf("refused with %s", answer.Body)
		}
	}
	if n := successes(atOnce(t, []*apitest.API{a, b}, others)); n != len(others) {
		t.Errorf("%d of %d bills were granted", n, len(others))
	}
	if got := a.GetCard(t, a.Shop, card).Discount.Spent; got != 9*97 {
		t.Errorf("%d were spent", got)
	}
}

func till(a *apitest.API, c apitest.Call) apitest.Till {
	if c.Token == a.Shop.Front.Token {
		return a.Shop.Front
	}
	return a.Shop.Back
}

// The same request many times at once is done once, and all get the same bytes.
func TestOneRequestManyTimes(t *testing.T) {
	t.Parallel()
	for name, guard := range guards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two, midway := guard(t)
			s := siteOn(t, apitest.Boot(t, apitest.Postgres(t), one))
			b := s.Beside(t, two)
			for _, o := range operations(t) {
				if !takesKey(o) || givesSecret(o) || o.OperationID == "voidEntry" { // whose entry may be voided once
					continue
				}
				if !posts(o) && name != "no guard" {
					continue // no guard is ever asked
				}
				s.again(t)
				before := s.Book(t)
				calls := make([]apitest.Call, 20)
				c := s.call(t, o)
				for i := range calls {
					calls[i] = c
				}
				var between sync.WaitGroup
				between.Go(midway)
				answers := atOnce(t, []*apitest.API{s.API, b}, calls)
				between.Wait()
				fresh := 0
				for _, answer := range answers {
					if givesSecret(o) && answer.Problem().Code == gen.ProblemCodeAnswerNotRepeatable {
						continue // its secret is shown once
					}
					if !givesSecret(o) && (answer.Status >= 300 || !bytes.Equal(answer.Body, answers[0].Body)) {
						t.Errorf("%s: %d %s\nbeside %s", o.OperationID, answer.Status, answer.Body, answers[0].Body)
					}
					if answer.Header.Get("Idempotent-Replayed") == "" {
						fresh++
					}
				}
				after := s.Book(t)
				if fresh != 1 || after.Cards+after.Entries-before.Cards-before.Entries != added(o) {
					t.Errorf("%s: done %d times, %d entries, %d cards", o.OperationID, fresh, after.Entries-before.Entries, after.Cards-before.Cards)
				}
			}
		})
	}
}

// again makes the site as good as new.
func (s *site) again(t *testing.T) {
	t.Helper()
	fresh := siteOn(t, s.API)
	*s = *fresh
}

// Tills of one shop scan one card at once, each with a code of its own: nothing is
// lost and no balance is shown twice.
func TestOneCardAtManyTills(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	b := a.Beside(t, apitest.Alone)
	card := a.NewCard(t, a.Shop, a.Shop.Points).ID
	calls := make([]apitest.Call, 100)
	for i := range calls {
		purchase := bought(apitest.Key(), 100)
		calls[i] = apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
	}
	seen := map[int64]loyalty.EntryID{}
	for _, answer := range atOnce(t, []*apitest.API{a, b}, calls) {
		scan := apitest.Read[gen.Scan](t, answer)
		if other, twice := seen[scan.Card.Balance]; twice {
			t.Errorf("balance %d after %s and after %s", scan.Card.Balance, other, scan.Entries[0].ID)
		}
		seen[scan.Card.Balance] = scan.Entries[0].ID
	}
	if got := a.GetCard(t, a.Shop, card).Balance; got != int64(len(calls)) {
		t.Errorf("the card has %d points", got)
	}
}
