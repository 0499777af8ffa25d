package loyaltytest

import (
	"crypto/sha256"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// Command asks for an action on a card at a till, without a PIN. Its name makes
// the request; what scans does so with a fresh live code of the same name.
func Command(name string, card loyalty.CardID, till loyalty.Till, now time.Time, do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Command {
	c := &loyalty.Command{
		Merchant: Merchant, Card: card, Do: do,
		Till: till.ID, Pairing: till.Pairing, Location: till.Location, Captured: now,
		Request:  sha256.Sum256([]byte("request " + name)),
		BodyHash: sha256.Sum256([]byte("body " + name)),
		Salt:     ID("salt " + name),
	}
	switch do.(type) {
	case loyalty.Earning, loyalty.Redemption, loyalty.Granting, loyalty.OpeningBalance:
		c.Scan.Method = loyalty.Live
		c.Scan.Expires = now.Add(time.Minute)
		Presenting(name)(c)
	}
	for _, change := range changes {
		change(c)
	}
	if c.Scan.Nonce != (loyalty.Nonce{}) {
		c.Scan.ID = ScanID(c.Scan.Nonce, c.Till)
	}
	return c
}

// Presenting makes the command show the code of that name: the same name is the
// same code.
func Presenting(code string) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Scan.Nonce = loyalty.NewNonce(loyalty.Live, c.Card, []byte(code))
	}
}

// Photographable makes the command show a static text of that generation.
func Photographable(surface loyalty.Surface, generation int32) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Scan.Method, c.Scan.Surface, c.Scan.Generation = loyalty.Static, surface, generation
		c.Scan.Expires = time.Time{}
	}
}

// ByPhone makes the command show a wallet's text for readers of that generation, which a
// phone gave an NFC reader.
func ByPhone(m loyalty.Method, generation int32) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Scan.Method, c.Scan.Surface, c.Scan.Generation = m, loyalty.WalletNFC, generation
	}
}

// Rotating makes the command show a code of that secret.
func Rotating(secret loyalty.Secret) func(*loyalty.Command) {
	return func(c *loyalty.Command) { c.Scan.Method, c.Scan.Secret = loyalty.Rotating, secret }
}

// Tapping makes the command show a tap of a tag, with its present keys.
func Tapping(tag loyalty.Tag, counter uint32) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Scan.Method, c.Scan.Expires = loyalty.Tap, time.Time{}
		c.Scan.Tapped = loyalty.Tapped{Tag: tag.ID, Epoch: tag.Epoch, Counter: counter}
		c.Scan.Nonce = loyalty.NewNonce(loyalty.Tap, tag.Card, fmt.Append(nil, tag.ID, tag.Epoch, counter))
	}
}

// AtCounter makes the command a tap of a shop's own tag, with its present keys.
func AtCounter(tag loyalty.Tag, counter uint32) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Till, c.Pairing, c.Location = loyalty.TillID{}, 0, tag.Location
		c.Scan = loyalty.Scanned{
			Method: loyalty.Counter, Tapped: loyalty.Tapped{Tag: tag.ID, Epoch: tag.Epoch, Counter: counter},
			Nonce: loyalty.NewNonce(loyalty.Counter, loyalty.CardID{}, fmt.Append(nil, tag.ID, tag.Epoch, counter)),
		}
	}
}

// ScannedAgo lets the card have been presented some time before.
func ScannedAgo(age time.Duration) func(*loyalty.Command) {
	return func(c *loyalty.Command) { c.Captured = c.Captured.Add(-age) }
}

// ByHandle lets the till come back with the handle of a scan.
func ByHandle(c *loyalty.Command) { c.Scan.ByHandle = true }

// Approved adds the PIN of a member of staff.
func Approved(role loyalty.Role) func(*loyalty.Command) {
	return func(c *loyalty.Command) {
		c.Role, c.Staff = role, loyalty.StaffID(ID("staff "+role.String()))
	}
}

// AtOffice takes the till and the scan away: the merchant's own system asks.
func AtOffice(c *loyalty.Command) {
	c.Till, c.Location, c.Scan = loyalty.TillID{}, loyalty.LocationID{}, loyalty.Scanned{}
}

// Queued makes the command an item of an offline queue.
func Queued(item loyalty.QueueItem, lease loyalty.LeaseID) func(*loyalty.Command) {
	return func(c *loyalty.Command) { c.Offline = &loyalty.Offline{Item: item, Lease: lease} }
}
