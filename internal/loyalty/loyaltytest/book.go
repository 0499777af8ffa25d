package loyaltytest

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

// Book is a store in maps. It is not safe for concurrent use.
type Book struct {
	Programs map[loyalty.ProgramID]*loyalty.Program // current versions
	Tills    map[loyalty.TillID]loyalty.Till
	Cards    map[loyalty.CardID]loyalty.Card
	Entries  map[loyalty.CardID][]loyalty.Entry
	Details  map[loyalty.EntryID]loyalty.Detail
	Vouchers map[loyalty.CardID][]loyalty.Voucher // as they were issued
	Stock    map[loyalty.RewardID]int64
	Tallies  map[TallyKey]int64
	Uses     map[UseKey]loyalty.Use
	Credits  map[loyalty.Credit]loyalty.EntryID
	Answers  map[loyalty.RequestID]loyalty.Answer
	Claims   map[loyalty.ClaimID]loyalty.ClaimCode
	Tags     map[loyalty.TagID]loyalty.Tag
	Lots     map[loyalty.CardID][]loyalty.Lot
	Refunds  map[loyalty.EntryID]loyalty.Refunded
	Leases   map[loyalty.LeaseID]loyalty.Lease
	Synced   map[loyalty.Slot]loyalty.Synced

	Approvals map[loyalty.ApprovalID]loyalty.Approval
	Gaps      []loyalty.Gap
	Codes     []loyalty.GiftCode
	Holders   map[loyalty.CardID]loyalty.MemberID
	Former    map[FormerKey]int64 // what members had with cards that are theirs no more
	Partners  map[loyalty.Partnership]loyalty.Partner
}

// TallyKey, FormerKey and UseKey are the primary keys of their rows.
type (
	TallyKey struct {
		Card   loyalty.CardID
		Reward loyalty.RewardID
	}
	FormerKey struct {
		Member loyalty.MemberID
		TallyKey
	}
	UseKey struct {
		Nonce  loyalty.Nonce
		Action loyalty.EntryKind
	}
)

// NewBook is a book without any rows.
func NewBook() *Book {
	return &Book{
		Programs: map[loyalty.ProgramID]*loyalty.Program{},
		Tills:    map[loyalty.TillID]loyalty.Till{},
		Cards:    map[loyalty.CardID]loyalty.Card{},
		Entries:  map[loyalty.CardID][]loyalty.Entry{},
		Details:  map[loyalty.EntryID]loyalty.Detail{},
		Vouchers: map[loyalty.CardID][]loyalty.Voucher{},
		Stock:    map[loyalty.RewardID]int64{},
		Tallies:  map[TallyKey]int64{},
		Uses:     map[UseKey]loyalty.Use{},
		Credits:  map[loyalty.Credit]loyalty.EntryID{},
		Answers:  map[loyalty.RequestID]loyalty.Answer{},
		Claims:   map[loyalty.ClaimID]loyalty.ClaimCode{},
		Tags:     map[loyalty.TagID]loyalty.Tag{},
		Lots:     map[loyalty.CardID][]loyalty.Lot{},
		Refunds:  map[loyalty.EntryID]loyalty.Refunded{},
		Leases:   map[loyalty.LeaseID]loyalty.Lease{},
		Synced:   map[loyalty.Slot]loyalty.Synced{},

		Approvals: map[loyalty.ApprovalID]loyalty.Approval{},
		Holders:   map[loyalty.CardID]loyalty.MemberID{},
		Former:    map[FormerKey]int64{},
		Partners:  map[loyalty.Partnership]loyalty.Partner{},
	}
}

// Read returns what the keys name and nothing else. The facts share no memory
// with the book.
func (b *Book) Read(keys *loyalty.Keys) *loyalty.Facts {
	f := &loyalty.Facts{
		Cards:   map[loyalty.CardID]*loyalty.State{},
		Tills:   pick(b.Tills, keys.Tills),
		Stock:   pick(b.Stock, keys.Rewards),
		Origins: map[loyalty.EntryID]loyalty.Origin{},
		Credits: map[loyalty.Credit]loyalty.EntryID{},
		Answers: pick(b.Answers, keys.Requests),
	}
	for _, id := range keys.Cards {
		if _, ok := b.Cards[id]; ok {
			f.Cards[id] = b.state(id, keys)
		}
	}
	for _, id := range keys.Origins {
		if origin, ok := b.origin(id); ok {
			f.Origins[id] = origin
		}
	}
	for credit, entry := range b.Credits {
		if slices.Contains(keys.Purchases, credit.Purchase) {
			f.Credits[credit] = entry
		}
	}
	if claims := pick(b.Claims, keys.Claims); len(claims) > 0 {
		f.Claims = claims
		for id, code := range claims {
			code.Purchase, code.Hash, code.Key = nil, loyalty.Hash{}, ""
			claims[id] = code
		}
	}
	if tags := pick(b.Tags, keys.Tags); len(tags) > 0 {
		f.Tags = tags
	}
	if approvals := pick(b.Approvals, keys.Approvals); len(approvals) > 0 {
		f.Approvals = approvals
	}
	if leases := pick(b.Leases, keys.Leases); len(leases) > 0 {
		f.Leases = leases
	}
	for name, partner := range b.Partners {
		if slices.Contains(keys.Merchants, name.Merchant) {
			if f.Partners == nil {
				f.Partners = map[loyalty.Partnership]loyalty.Partner{}
			}
			f.Partners[name] = partner
		}
	}
	for slot, synced := range pick(b.Synced, keys.Slots) {
		if f.Items == nil {
			f.Items = map[loyalty.Slot]loyalty.Hash{}
		}
		f.Items[slot] = synced.Item.Hash
	}
	b.readPools(f, keys)
	b.readMembers(f, keys)
	b.readShown(f, keys)
	return f
}

func (b *Book) state(id loyalty.CardID, keys *loyalty.Keys) *loyalty.State {
	card := b.Cards[id]
	s := &loyalty.State{Program: b.Programs[card.Program], Card: card}
	for _, v := range b.Vouchers[id] {
		if slices.Contains(keys.Histories, id) || v.State == loyalty.Issued || v.State == loyalty.Reserved {
			s.Vouchers = append(s.Vouchers, v)
		}
	}
	for _, l := range b.Lots[id] {
		if slices.Contains(keys.Histories, id) || l.Left > 0 {
			s.Lots = append(s.Lots, l)
		}
	}
	slices.SortFunc(s.Vouchers, func(a, b loyalty.Voucher) int { // a row has no other age
		return cmp.Or(a.Issued.Compare(b.Issued), a.ID.Compare(b.ID))
	})
	if slices.Contains(keys.Waiting, id) {
		for _, a := range b.Approvals {
			if a.Card == id && a.Decided.IsZero() {
				s.Waiting = append(s.Waiting, a)
			}
		}
	}
	if slices.Contains(keys.Tallies, id) || isShown(keys, id) {
		s.Tallies = map[loyalty.RewardID]int64{}
		for key, count := range b.Tallies {
			if key.Card == id {
				s.Tallies[key.Reward] = count
			}
		}
	}
	for _, nonce := range keys.Nonces {
		for _, action := range []loyalty.EntryKind{loyalty.Earn, loyalty.Redeem, loyalty.Grant, loyalty.Opening} {
			use, ok := b.Uses[UseKey{nonce, action}]
			use.TillName, use.Merchant = b.Tills[use.Till].Name, b.Tills[use.Till].Merchant
			if ok && use.Card == id && !slices.Contains(s.Uses, use) {
				s.Uses = append(s.Uses, use)
			}
		}
	}
	return s
}

// origin finds an entry, whether it was taken back, and the purchase it was for.
func (b *Book) origin(id loyalty.EntryID) (origin loyalty.Origin, found bool) {
	for _, entries := range b.Entries {
		for _, e := range entries {
			if e.ID == id {
				origin.Entry, found = e, true
			}
			if e.Kind == loyalty.Void && e.Origin == id {
				origin.Voided = true
			}
		}
	}
	for credit, entry := range b.Credits {
		if entry == id {
			origin.Credit = credit
		}
	}
	origin.Refunded = b.Refunds[id]
	return origin, found
}

// endOfTime is after every merge: a book is read in one moment.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Verify proves every card, and what was merged.
func (b *Book) Verify() error {
	var auditor loyalty.Auditor
	for id, card := range b.Cards {
		if err := auditor.Card(&card, b.Vouchers[id], b.Lots[id], Stream(b.Entries[id])); err != nil {
			return err
		}
	}
	for _, flaw := range auditor.Merges(endOfTime) {
		return flaw
	}
	return b.verifyCodes()
}

// Stream yields entries one by one, as stores do.
func Stream(entries []loyalty.Entry) iter.Seq2[loyalty.Entry, error] {
	return func(yield func(loyalty.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func pick[K comparable, V any](from map[K]V, keys []K) map[K]V {
	picked := map[K]V{}
	for _, key := range keys {
		if value, ok := from[key]; ok {
			picked[key] = value
		}
	}
	return picked
}
