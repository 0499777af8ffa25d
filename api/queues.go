package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/offline"
)

// offlineStore keeps what tills do without a network.
type offlineStore interface {
	RegisterQueue(ctx context.Context, q loyalty.Queue) (loyalty.Queue, error)
	Queues(ctx context.Context, till loyalty.TillID, ids []loyalty.QueueID) (map[loyalty.QueueID]loyalty.Queue, error)
	TakeLease(ctx context.Context, m loyalty.MerchantID, till loyalty.TillID, now time.Time) (loyalty.Lease, error)
	Settled(ctx context.Context, items []loyalty.QueueItem) (map[loyalty.QueueItem]loyalty.Settled, error)
	Contest(ctx context.Context, items []loyalty.Contested) (map[loyalty.QueueItem]loyalty.Settled, error)
	ContestedItems(ctx context.Context, m loyalty.MerchantID, till loyalty.TillID, open, settled bool, after loyalty.ContestedID, limit int) ([]loyalty.Contested, error)
	CardContested(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.ContestedID, limit int) ([]loyalty.Contested, error)
	OpenContested(ctx context.Context, m loyalty.MerchantID) (open, losses int64, err error)
	SettleContested(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ContestedID, note string, now time.Time, render editing[loyalty.Contested]) (loyalty.Answer, error)
}

// RegisterQueue makes a queue of a till's key, or finds the one that it is.
func (s *Server) RegisterQueue(c *fiber.Ctx) error {
	var body gen.NewQueue
	if err := decode(c, &body); err != nil {
		return err
	}
	key, err := queueKey(&body.PublicKey)
	if err != nil {
		return err
	}
	p := principalOf(c)
	queue, err := s.Store.RegisterQueue(c.UserContext(), loyalty.Queue{
		ID: loyalty.NewID(), Merchant: p.Merchant, Till: p.Till.ID, Key: key, Created: s.moment(),
	})
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.Queue{Queue: queue.ID, NextCounter: queue.Last + 1})
}

// queueKey reads the public half of a queue's key. Errors: missing_field,
// invalid_field.
func queueKey(jwk *gen.QueueKey) (key [64]byte, err error) {
	if *jwk == (gen.QueueKey{}) {
		return key, missing("public_key")
	}
	for _, member := range []struct{ name, text string }{{"kty", jwk.Kty}, {"crv", jwk.Crv}, {"x", jwk.X}, {"y", jwk.Y}} {
		if member.text == "" {
			return key, missing("public_key." + member.name)
		}
	}
	switch {
	case jwk.Kty != "EC":
		return key, invalid("public_key.kty", "must be EC")
	case jwk.Crv != "P-256":
		return key, invalid("public_key.crv", "must be P-256")
	}
	for i, half := range []struct{ name, text string }{{"x", jwk.X}, {"y", jwk.Y}} {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(half.text)
		if err != nil || len(decoded) != 32 || len(half.text) != 43 {
			return key, invalid("public_key."+half.name, "must be 32 bytes in base64url")
		}
		copy(key[32*i:], decoded)
	}
	if offline.CheckKey(key) != nil {
		return key, invalid("public_key", "is no point of P-256")
	}
	return key, nil
}

// TakeLease gives a till the lease that it may have now.
func (s *Server) TakeLease(c *fiber.Ctx) error {
	if err := s.working(c); err != nil {
		return err
	}
	p, now := principalOf(c), s.moment()
	lease, err := s.Store.TakeLease(c.UserContext(), p.Merchant, p.Till.ID, now)
	if err != nil {
		return err
	}
	text, err := s.Leases.Sign(&lease, now)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusCreated, gen.Lease{
		Lease: text, Redemptions: lease.Redemptions, Remaining: lease.Redemptions - lease.Used, ExpiresAt: lease.Expires,
	})
}

// offlineWork is what a till needs to go on without a network.
func (s *Server) offlineWork(till *loyalty.TillListing, now time.Time) (gen.OfflineWork, error) {
	contact, err := s.Leases.SignContact(till.ID, now)
	return gen.OfflineWork{
		Contact: contact, HorizonSeconds: int64(loyalty.OfflineHorizon / time.Second),
		Redemptions: till.Lease.Redemptions, Hours: till.Lease.Hours,
	}, err
}
