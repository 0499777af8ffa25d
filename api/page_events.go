package api

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// Rhythm of streams.
const (
	watchLife    = 2 * time.Minute  // how long a card counts as shown
	watchAgain   = time.Minute      // and how often that is said
	heartbeat    = 15 * time.Second // by which a page that has gone is noticed
	streamLife   = time.Hour        // then the page asks for a new one
	lookPatience = 5 * time.Second
)

// Bounds of streams: of one card or till, and of all customers' pages, or all tills.
const (
	streamsOfOne = 8
	streamsInAll = 5000
)

// streams counts open streams, and ends them all. However many pages customers have
// open, tills find room.
type streams struct {
	closing chan struct{}
	once    sync.Once

	pages, tills room
}

func (s *streams) close() { s.once.Do(func() { close(s.closing) }) }

// room counts the streams of one kind.
type room struct {
	mu   sync.Mutex
	all  int
	open map[[16]byte]int // by the id of the card or till
}

// enter reports whether there is room for one more of a card or till.
func (r *room) enter(of [16]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all >= streamsInAll || r.open[of] >= streamsOfOne {
		return false
	}
	if r.open == nil {
		r.open = map[[16]byte]int{}
	}
	r.all++
	r.open[of]++
	return true
}

func (r *room) leave(of [16]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all--
	if r.open[of]--; r.open[of] == 0 {
		delete(r.open, of)
	}
}

// cardEvents tells an open page when its card shows something else (server-sent
// events, WHATWG HTML §9.2): each event's data is the version of what it shows. A page
// that finds no room polls.
func (s *Server) cardEvents(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	p := principalOf(c)
	t := teller{server: s, merchant: p.Merchant, device: p.Device, card: seen.card.ID, program: seen.card.Program, language: pageLanguage(c)}
	return s.stream(c, &s.streams.pages, t.card, t.tell)
}

// teller tells one page of one card.
type teller struct {
	server   *Server
	merchant loyalty.MerchantID
	device   loyalty.DeviceID
	card     loyalty.CardID
	program  loyalty.ProgramID
	language passes.Language
	told     string // the version
}

// tell goes on until nobody listens, the device is revoked, or the server stops.
func (t *teller) tell(say func(string) error) {
	changed, leave := t.server.Pages.Wait(t.card, t.program, t.merchant)
	defer leave()
	beat, again, end := time.NewTicker(heartbeat), time.NewTicker(watchAgain), time.NewTimer(streamLife)
	defer beat.Stop()
	defer again.Stop()
	defer end.Stop()

	t.watch()
	if say("retry: 3000\n\n") != nil || !t.look(say) {
		return
	}
	for {
		select {
		case <-t.server.streams.closing:
			return
		case <-end.C:
			return
		case <-changed:
			if !t.look(say) {
				return
			}
		case <-again.C:
			t.watch()
			if !t.look(say) {
				return
			}
		case <-beat.C:
			if say(":\n\n") != nil {
				return
			}
		}
	}
}

// watch has changes of the card be told for a while. Where that fails, the page
// is late, and asks by itself.
func (t *teller) watch() {
	ctx, cancel := context.WithTimeout(context.Background(), lookPatience)
	defer cancel()
	now := t.server.now()
	if err := t.server.Store.Watch(ctx, t.card, now.Add(watchLife).UnixMicro(), now); err != nil {
		t.server.log.Warn("a card is not watched", slog.Any("error", err))
	}
}

// look says so if the card shows something else than was told, and reports
// whether to go on.
func (t *teller) look(say func(string) error) bool {
	ctx, cancel := context.WithTimeout(context.Background(), lookPatience)
	defer cancel()
	access, err := t.server.Store.DeviceAccess(ctx, t.device)
	if err == nil && access.Revoked {
		_ = say("data: revoked\n\n")
		return false
	}
	seen, err := t.server.seeCard(ctx, t.merchant, t.card, t.language)
	if err != nil || seen.card.ID != t.card { // it was merged: the page asks for a stream of the survivor
		return false
	}
	version := seen.version(t.server.now())
	if version == t.told {
		return true
	}
	t.told = version
	return say(fmt.Sprintf("data: %s\n\n", t.told)) == nil
}

// tellAll tells the open pages of a card, of all cards of a program, or of a merchant,
// that there is something new to see, unless the change of it failed.
func (s *Server) tellAll(err error, of [16]byte) {
	if err == nil {
		s.Pages.TellAll(of)
	}
}
