package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/offline"
	"stempel/scanner"
)

// syncing is one item on its way to the ledger.
type syncing struct {
	item      *offline.Item
	command   loyalty.Command
	contested loyalty.Contested // as it would be listed, but for Code and Detail
	err       error             // why it cannot be posted
}

// begin says what an item asks for, as of its capture. What is wrong with it is in
// err: a *loyalty.Refusal, or trouble with the store.
func (s *Server) begin(ctx context.Context, p *principal, item *offline.Item, now time.Time) *syncing {
	i := &syncing{item: item}
	captured, badContact := s.capture(item, p.Till.ID, now)
	i.command = loyalty.Command{
		Merchant: p.Merchant, Till: p.Till.ID, Pairing: p.Till.Pairing, Location: p.Till.Location,
		Captured: captured, Offline: &loyalty.Offline{Item: item.Name},
		Request: itemRequest(&item.Name), BodyHash: item.Name.Hash,
	}
	rand.Read(i.command.Salt[:])
	if staff, err := s.PINs.OpenShift(item.Shift, p.Till, captured); err == nil { // else nobody is named: a shift approves nothing
		i.command.Staff = staff
	}
	lease, badLease := s.lease(i)
	i.contested = loyalty.Contested{
		ID: loyalty.NewID(), Item: item.Name, Merchant: p.Merchant, Till: p.Till.ID, Staff: i.command.Staff,
		Captured: captured, Synced: now, Action: loyalty.Earn, Units: item.Units, Lease: lease,
	}
	if item.Redeems {
		i.contested.Action, i.contested.Voucher = loyalty.Redeem, item.Voucher
	}
	if p := item.Purchase; p != nil && p.Total >= 0 && isCurrencyCode(p.Currency) {
		i.contested.Total, i.contested.Currency = p.Total, p.Currency
	}
	switch tooOld := loyalty.CheckCaptured(captured, now); {
	case badContact != nil:
		i.err = badContact
	case tooOld != nil:
		i.err = tooOld
	default:
		i.err = s.present(ctx, p, i, badLease)
	}
	return i
}

// isCurrencyCode reports whether a text can be listed as a currency. A till may write
// anything there.
func isCurrencyCode(text string) bool {
	return len(text) == 3 && !strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// capture is when an item was done: not before the till last heard of the server, and
// not after now. Where the till has not heard of it for as long as items are known, its
// clock counts for nothing, or what was forgotten could come again. Errors:
// contact_invalid.
func (s *Server) capture(item *offline.Item, till loyalty.TillID, now time.Time) (time.Time, error) {
	captured := item.Captured
	if captured.After(now) {
		captured = now
	}
	contact, err := s.Leases.ParseContact(item.Contact, till)
	forgotten := now.Sub(contact) >= loyalty.ItemMemory
	if err == nil && (captured.Before(contact) || forgotten) && !contact.After(now) {
		captured = contact
	}
	return captured, err
}

// lease is the one on which an item hands out a reward. Errors: lease_invalid,
// lease_expired.
func (s *Server) lease(i *syncing) (loyalty.LeaseID, error) {
	if !i.item.Redeems {
		return loyalty.LeaseID{}, nil
	}
	lease, err := s.Leases.Parse(i.item.Lease)
	switch {
	case err != nil:
		return loyalty.LeaseID{}, err
	case lease.Till != i.command.Till:
		return loyalty.LeaseID{}, refuse(loyalty.LeaseInvalid, "The reward was handed out on another till's lease.")
	case i.command.Captured.After(lease.Expires.Add(loyalty.Leeway)):
		return lease.Lease, refuse(loyalty.LeaseExpired, "The lease had ended when the reward was handed out.")
	}
	return lease.Lease, nil
}

// present reads the credential as of the capture, and completes the command.
func (s *Server) present(ctx context.Context, p *principal, i *syncing, badLease error) error {
	item, command := i.item, &i.command
	shown, err := s.Verifier.Verify(ctx, scanner.Reading{
		Merchant: command.Merchant, Till: command.Till, Readers: p.Till.Readers, Channel: scanner.Channel(item.Channel),
		Text: item.Credential, Request: command.Request, At: command.Captured,
	})
	if err != nil {
		return err
	}
	i.contested.Card, i.contested.Method = shown.Card, shown.Scan.Method
	command.Card, command.Scan = shown.Card, shown.Scan
	if !takenOffline(shown.Scan.Method, item) {
		return refuse(loyalty.CredentialNotAccepted, "Without a network a till takes no such code for this.")
	}
	if !item.Redeems {
		command.Do = loyalty.Earning{Units: item.Units, Purchase: item.Purchase}
		return nil
	}
	voucher, err := s.Statements.Parse(item.Statement, command.Captured)
	switch {
	case err != nil:
		return err
	case voucher.Voucher != item.Voucher || voucher.Card != shown.Card:
		return refuse(credential.StatementInvalid, "The statement is of another voucher, or of another card than the code.")
	case badLease != nil:
		return badLease
	}
	command.Offline.Lease = i.contested.Lease
	command.Do = loyalty.Redemption{Reward: voucher.Reward, Voucher: voucher.Voucher}
	return nil
}

// takenOffline reports what a till without a network takes. What a Smart Tap reader
// has opened is such a text as phones show; a session that it hands over raw is not.
func takenOffline(m loyalty.Method, item *offline.Item) bool {
	switch m {
	case loyalty.Live:
		return true
	case loyalty.Rotating, loyalty.Static, loyalty.Tap:
		return !item.Redeems
	case loyalty.SmartTap:
		return !item.Redeems && strings.HasPrefix(item.Credential, credential.StaticPrefix)
	}
	return false
}

// itemRequest is the request that an item is: sent again, it is the same one.
func itemRequest(item *loyalty.QueueItem) loyalty.RequestID {
	slot := item.Slot()
	h := sha256.New()
	h.Write([]byte("stempel offline item 1"))
	h.Write(slot[:])
	h.Write(item.Hash[:])
	return loyalty.RequestID(h.Sum(nil))
}
