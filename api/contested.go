package api

import (
	"net/http"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// ListContested shows what tills did offline and the ledger did not take.
func (s *Server) ListContested(c *fiber.Ctx, params gen.ListContestedParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ContestedID], params.After)
	if err != nil {
		return err
	}
	open, settled := true, false
	switch params.State {
	case "", gen.ContestedFilterOpen:
	case gen.ContestedFilterSettled:
		open, settled = false, true
	case gen.ContestedFilterAll:
		settled = true
	default:
		return invalid("state", "must be open, settled or all")
	}
	m := principalOf(c).Merchant
	items, err := s.Store.ContestedItems(c.UserContext(), m, params.Till, open, settled, after, limit+1)
	if err != nil {
		return err
	}
	items, next := cut(items, limit, func(i *loyalty.Contested) string { return i.ID.String() })
	page := gen.ContestedPage{Contested: views(items, contestedView), Next: next}
	if page.Open, page.OpenLosses, err = s.Store.OpenContested(c.UserContext(), m); err != nil {
		return err
	}
	return s.json(c, http.StatusOK, page)
}

// maxSettlementNote is in characters.
const maxSettlementNote = 200

// SettleContested closes a contested item.
func (s *Server) SettleContested(c *fiber.Ctx, id gen.ContestedInPath, params gen.SettleContestedParams) error {
	var body gen.ContestedSettlement
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Note == "":
		return missing("note")
	case utf8.RuneCountInString(body.Note) > maxSettlementNote:
		return invalid("note", "has more than 200 characters")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.SettleContested(c.UserContext(), request, principalOf(c).Merchant, id, body.Note, s.moment(),
		func(i *loyalty.Contested) (loyalty.Answer, error) { return render(http.StatusOK, contestedView(i)) })
	return finish(c, answer, err)
}

func contestedView(i *loyalty.Contested) gen.Contested {
	view := gen.Contested{
		ID: i.ID, Till: i.Till, Staff: i.Staff, Queue: i.Item.Queue, Counter: i.Item.Counter,
		CapturedAt: i.Captured, SyncedAt: i.Synced, Do: gen.OfflineAction(i.Action.String()), Card: i.Card,
		Units: i.Units, Total: i.Total, Currency: i.Currency, Voucher: i.Voucher,
		Code: gen.ProblemCode(i.Code), Detail: i.Detail, Loss: i.Loss(),
		State: gen.ContestedStateOpen, SettledAt: i.Settled, Note: i.Note,
	}
	if i.Method != loyalty.Office {
		view.Method = gen.Method(i.Method.String())
	}
	if !i.Settled.IsZero() {
		view.State = gen.ContestedStateSettled
	}
	return view
}
