package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

const (
	exportPage     = 500 // rows read at once
	exportPatience = time.Minute
)

// ExportMember streams all that is kept of a person. When something fails on the
// way, the connection breaks off: half of it must not pass for the whole.
func (s *Server) ExportMember(c *fiber.Ctx, id gen.MemberInPath) error {
	member, err := s.Store.Member(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return orNoMember(err)
	}
	views, err := s.memberViews(c.UserContext(), []loyalty.Member{member})
	if err != nil {
		return err
	}
	return s.sendExport(c, &member, func(x *export) { x.write(views[0]) })
}

// sendExport streams what write makes.
func (s *Server) sendExport(c *fiber.Ctx, member *loyalty.Member, write func(*export)) error {
	reader, writer := io.Pipe()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), exportPatience)
		defer cancel()
		x := export{server: s, ctx: ctx, to: writer, member: member}
		defer func() {
			if recover() != nil { // nobody else would, and the process would end
				x.err = errExportPanicked
			}
			writer.CloseWithError(x.err)
		}()
		write(&x)
	}()
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.SendStream(reader) // which is closed when nobody reads on: then writing fails
}

var errExportPanicked = errors.New("an export panicked")

// export writes one until the first error.
type export struct {
	server *Server
	ctx    context.Context
	to     io.Writer
	member *loyalty.Member
	err    error
}

func (x *export) write(view gen.Member) {
	x.text(`{"member":`)
	x.value(view)
	x.text(`,"consents":[`)
	x.consents()
	x.text(`],"cards":[`)
	x.cards()
	x.text(`]}`)
}

func (x *export) text(text string) {
	if x.err == nil {
		_, x.err = io.WriteString(x.to, text)
	}
}

func (x *export) value(value any) {
	if x.err != nil {
		return
	}
	var text []byte
	if text, x.err = json.Marshal(value); x.err == nil {
		_, x.err = x.to.Write(text)
	}
}

// next writes one more of a list.
func (x *export) next(first *bool, value any) {
	if !*first {
		x.text(",")
	}
	*first = false
	x.value(value)
}

func (x *export) consents() {
	var after loyalty.ConsentID
	first := true
	for more := true; more && x.err == nil; {
		var page []loyalty.Consent
		page, x.err = x.server.Store.Consents(x.ctx, x.member.ID, after, exportPage)
		if more = len(page) == exportPage; more {
			after = page[exportPage-1].ID
		}
		var views []gen.Consent
		if x.err == nil {
			views, x.err = x.server.consentViews(x.member.Merchant, page)
		}
		for _, view := range views {
			x.next(&first, view)
		}
	}
}

func (x *export) cards() {
	var after loyalty.CardID
	first := true
	for more := true; more && x.err == nil; {
		var states []*loyalty.State
		var since []time.Time
		states, since, x.err = x.server.Store.MemberCards(x.ctx, x.member.ID, after, exportPage)
		if more = len(states) == exportPage; more {
			after = states[exportPage-1].Card.ID
		}
		for i, state := range states {
			if !first {
				x.text(",")
			}
			first = false
			x.card(state, since[i])
		}
	}
}

func (x *export) card(state *loyalty.State, since time.Time) {
	x.text(`{"card":`)
	x.value(cardView(state.Program, &state.Card, state.Vouchers, x.server.now()))
	if !since.IsZero() { // else it is nobody's
		x.text(`,"attached_at":`)
		x.value(since)
	}
	x.text(`,"entries":[`)
	var after int64
	first := true
	for more := true; more && x.err == nil; {
		var page []loyalty.DetailedEntry
		page, x.err = x.server.Store.DetailedEntries(x.ctx, state.Card.ID, after, exportPage)
		if more = len(page) == exportPage; more {
			after = page[exportPage-1].Seq
		}
		for i := range page {
			x.next(&first, gen.EntryExport{Entry: entryView(&page[i].Entry), Detail: page[i].Detail})
		}
	}
	x.text(`]}`)
}
