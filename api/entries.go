package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// entryStore reads the ledger.
type entryStore interface {
	FindEntries(ctx context.Context, m loyalty.MerchantID, f loyalty.EntryFilter, after loyalty.EntryID, limit int) ([]loyalty.Entry, loyalty.EntryID, error)
	Detail(ctx context.Context, entry loyalty.EntryID) (loyalty.Detail, error)
}

// FindEntries shows entries of all cards, newest first.
func (s *Server) FindEntries(c *fiber.Ctx, params gen.FindEntriesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.EntryID], params.After)
	if err != nil {
		return err
	}
	if !params.From.IsZero() && !params.To.IsZero() && !params.To.After(params.From) {
		return invalid("to", "must be later than from")
	}
	filter := loyalty.EntryFilter{
		Card: params.Card, Program: params.Program, Till: params.Till, Staff: params.Staff, From: params.From, To: params.To,
	}
	if c.Context().QueryArgs().Has("kind") {
		if filter.Kind, err = loyalty.ParseEntryKind(string(params.Kind)); err != nil {
			return invalid("kind", "must be a kind of entry")
		}
	}
	entries, next, err := s.Store.FindEntries(c.UserContext(), principalOf(c).Merchant, filter, after, limit)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.EntryList{Entries: wholeEntriesView(entries), Next: nextOf(next)})
}

// GetEntry shows one entry; to the office also what it commits to.
func (s *Server) GetEntry(c *fiber.Ctx, id gen.EntryInPath) error {
	p := principalOf(c)
	entry, err := s.Store.Entry(c.UserContext(), p.Merchant, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.EntryNotFound, "There is no such entry.")
	}
	if err != nil {
		return err
	}
	view := wholeEntryView(&entry)
	if p.Scope == loyalty.Admin && view.Commitment != "" {
		if view.Detail, err = s.detail(c, id); err != nil {
			return err
		}
	}
	return s.json(c, http.StatusOK, view)
}

// detail is what an entry commits to; nil where it was erased.
func (s *Server) detail(c *fiber.Ctx, entry loyalty.EntryID) (*gen.Detail, error) {
	kept, err := s.Store.Detail(c.UserContext(), entry)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var says struct {
		Note string           `json:"note"`
		Why  []loyalty.Reason `json:"why"`
		loyalty.Purchase
	}
	if err := json.Unmarshal(kept.Body, &says); err != nil {
		return nil, err
	}
	view := gen.Detail{Salt: base64.RawURLEncoding.EncodeToString(kept.Salt[:]), Text: string(kept.Body), Note: says.Note, Why: says.Why}
	if says.Ref != "" {
		view.Purchase = &says.Purchase
	}
	return &view, nil
}

// wholeEntryView shows every field that the entry's hash is made of. Answers that
// post leave some out: they are made at every scan.
func wholeEntryView(e *loyalty.Entry) gen.Entry {
	view := entryView(e)
	view.Card, view.Merchant, view.Operator, view.Location = e.Card, e.Merchant, e.Operator, e.Location
	if e.Commitment != (loyalty.Hash{}) {
		view.Commitment = base64.RawURLEncoding.EncodeToString(e.Commitment[:])
	}
	return view
}

func wholeEntriesView(entries []loyalty.Entry) []gen.Entry {
	views := make([]gen.Entry, len(entries))
	for i := range entries {
		views[i] = wholeEntryView(&entries[i])
	}
	return views
}
