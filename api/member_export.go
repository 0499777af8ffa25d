package api

import (
	"bufio"
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
	exportPage     = 500              // rows read at once
	exportPiece    = 16 << 10         // bytes sent at once
	exportPatience = 30 * time.Minute // for all of it, at the pace of whoever reads
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
	lasting(c)
	reader, writer := io.Pipe()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), exportPatience)
		defer cancel()
		x := export{server: s, ctx: ctx, to: bufio.NewWriterSize(writer, exportPiece), member: member}
		defer func() {
			if recover() != nil { // nobody else would, and the process would end
				x.err = errExportPanicked
			}
			writer.CloseWithError(x.err)
		}()
		write(&x)
		if x.err == nil {
			x.err = x.to.Flush()
		}
	}()
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.SendStream(reader) // which is closed when nobody reads on: then writing fails
}

var errExportPanicked = errors.New("an export panicked")

// export writes one until the first error.
type export struct {
	server *Server
	ctx    context.Context
	to     *bufio.Writer
	member *loyalty.Member
	err    error
}

func (x *export) write(view gen.Member) {
	x.text(`{"member":`)
	x.value(view)
	x.text(`,"consents":[`)
	exportList(x, func(c *gen.Consent) loyalty.ConsentID { return c.ID }, x.consents)
	x.text(`],"cards":[`)
	x.cards()
	x.text(`]}`)
}

func (x *export) text(text string) {
	if x.err == nil {
		_, x.err = x.to.WriteString(text)
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

// exportList writes the items of a list, page by page: read gets the key of the
// last one before.
func exportList[T, K any](x *export, key func(*T) K, read func(after K) ([]T, error)) {
	var after K
	separator := ""
	for more := true; more && x.err == nil; {
		var page []T
		page, x.err = read(after)
		if more = len(page) == exportPage; more {
			after = key(&page[exportPage-1])
		}
		for i := range page {
			x.text(separator)
			x.value(page[i])
			separator = ","
		}
	}
}

func (x *export) consents(after loyalty.ConsentID) ([]gen.Consent, error) {
	page, err := x.server.Store.Consents(x.ctx, x.member.ID, after, exportPage)
	if err != nil {
		return nil, err
	}
	return x.server.consentViews(x.member.Merchant, page)
}

// cards are all that erasing the person would reach.
func (x *export) cards() {
	var cards []loyalty.Attachment
	if x.err == nil {
		cards, x.err = x.server.Store.ReachedCards(x.ctx, x.member.ID)
	}
	separator := ""
	for i := range cards {
		var state *loyalty.State
		if x.err == nil {
			state, x.err = x.server.Store.Card(x.ctx, x.member.Merchant, cards[i].Card)
		}
		if x.err != nil {
			return
		}
		x.text(separator)
		card := exportedCard{export: x, state: state}
		card.write(cards[i].At)
		separator = ","
	}
}
