package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// settlementStore adds up what partners have done.
type settlementStore interface {
	SettledProgram(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error)
	Settlement(ctx context.Context, program loyalty.ProgramID, from, to time.Time) ([]loyalty.Turnover, map[int32]loyalty.Rules, error)
	ProgramMade(ctx context.Context, id loyalty.ProgramID) (time.Time, error)
	MerchantNames(ctx context.Context, ids []loyalty.MerchantID) (map[loyalty.MerchantID]string, error)
}

// GetSettlement settles a month: the operator sees all of it, a partner its own line.
func (s *Server) GetSettlement(c *fiber.Ctx, id gen.ProgramInPath, params gen.GetSettlementParams) error {
	view, err := s.settlement(c, id, params.Month)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, view)
}

// settlement is that of a month, as whoever asks may see it.
func (s *Server) settlement(c *fiber.Ctx, id loyalty.ProgramID, month string) (*gen.Settlement, error) {
	asks := principalOf(c).Merchant
	program, err := s.Store.SettledProgram(c.UserContext(), asks, id)
	if err != nil {
		return nil, noProgram(err)
	}
	if program.Coalition == nil {
		return nil, refuse(loyalty.NotCoalition, "This program has no partners to settle with: it has no rule coalition.")
	}
	if !c.Context().QueryArgs().Has("month") {
		month = program.Coalition.MonthOf(s.moment())
	}
	from, to, err := program.Coalition.Month(month)
	if err != nil {
		return nil, err
	}
	made, err := s.Store.ProgramMade(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	if !to.After(made) {
		return nil, invalid("month", "is before the program was made")
	}
	giveBack, err := s.settlements.take(asks, s.now())
	if err != nil {
		return nil, err
	}
	defer giveBack()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), settlePatience)
	defer cancel()
	lines, err := s.settle(ctx, program, from, to)
	if err != nil {
		return nil, err
	}
	if asks != program.Merchant {
		lines = ownLines(asks, lines)
	}
	view := &gen.Settlement{
		Program: id, Month: month, From: from.UTC(), To: to.UTC(), Closed: s.moment().After(to.Add(settling)),
		Currency: program.Coalition.Currency,
	}
	view.Lines, err = s.linesView(ctx, program.Merchant, lines)
	return view, err
}

// settling is how long after a month something may still be under way that was
// decided within it.
const settling = time.Minute

// settlePatience is for reading a month of a large house, some million entries: more
// than a request has otherwise.
const settlePatience = time.Minute

func (s *Server) settle(ctx context.Context, p *loyalty.Program, from, to time.Time) ([]loyalty.Line, error) {
	turnovers, versions, err := s.Store.Settlement(ctx, p.ID, from, to)
	if err != nil {
		return nil, err
	}
	return loyalty.Settle(p.Merchant, turnovers, versions)
}

// ownLines is the line of one merchant, also where it did nothing.
func ownLines(m loyalty.MerchantID, lines []loyalty.Line) []loyalty.Line {
	at := slices.IndexFunc(lines, func(l loyalty.Line) bool { return l.Merchant == m })
	if at < 0 {
		return []loyalty.Line{{Share: loyalty.Share{Merchant: m}}}
	}
	return lines[at : at+1]
}

func (s *Server) linesView(ctx context.Context, operator loyalty.MerchantID, lines []loyalty.Line) ([]gen.SettlementLine, error) {
	ids := make([]loyalty.MerchantID, len(lines))
	for i := range lines {
		ids[i] = lines[i].Merchant
	}
	names, err := s.Store.MerchantNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]gen.SettlementLine, len(lines))
	for i := range lines {
		l := &lines[i]
		views[i] = gen.SettlementLine{
			Merchant: l.Merchant, Name: names[l.Merchant], Operator: l.Merchant == operator,
			Issued: l.Issued, TakenBack: l.TakenBack, Redeemed: l.Redeemed, GivenBack: l.GivenBack, Other: l.Other,
			Redemptions: l.Redemptions, GiftCards: l.Cards, Pays: l.Pays, Gets: l.Gets,
		}
		if l.Merchant != operator { // nobody owes itself anything
			views[i].Due = l.Due()
		}
	}
	return views, nil
}
