package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// shop is what is in one database: a merchant with tills and cards, and the means
// to make their credentials without asking a server.
type shop struct {
	url    string // of the database
	admin  string // API key
	stamps loyalty.ProgramID
	reward loyalty.RewardID // of a full card
	tills  []till
	cards  []loyalty.CardID
	hot    []loyalty.CardID // in a program whose card takes long to fill
	ruled  []loyalty.CardID // in a program with five conditions
	tokens *credential.Live
	texts  *credential.Static
	passes *credential.PassTokens
}

// till is a till with its bearer token.
type till struct {
	loyalty.Till
	token string
}

const (
	hotCards    = 64
	cardSize    = 10
	hotCardSize = loyalty.MaxCardSize
)

// seed makes the tables and fills them.
func seed(ctx context.Context, url, masterKey string, tills, cards int) (_ *shop, err error) {
	note("seeding %d cards", cards)
	master, err := keys.ParseMaster(masterKey)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	now := time.Now()
	ring, err := keys.Open(ctx, db, master, now)
	if err != nil {
		return nil, err
	}
	s := &shop{
		url:    url,
		tokens: credential.NewLive(ring.Signing(keys.Live)),
		texts:  credential.NewStatic(ring.MACs(keys.Static)),
		passes: credential.NewPassTokens(ring.MACs(keys.Pass)),
	}
	_, pinKey := ring.MACs(keys.PIN).Current(now)
	programs, err := s.insertShop(ctx, db, credential.NewPINs(pinKey), tills, now)
	if err != nil {
		return nil, fmt.Errorf("seed the shop: %w", err)
	}
	s.stamps, s.reward = programs[0].ID, programs[0].Card.Reward
	if s.cards, err = insertCards(ctx, db, programs[0], cards, now); err != nil {
		return nil, fmt.Errorf("seed the cards: %w", err)
	}
	if s.hot, err = insertCards(ctx, db, programs[1], hotCards, now); err != nil {
		return nil, fmt.Errorf("seed the hot cards: %w", err)
	}
	s.ruled, err = insertCards(ctx, db, programs[2], cards, now)
	return s, err
}

// insertShop stores all but the cards, and returns the three programs.
func (s *shop) insertShop(ctx context.Context, db *store.Store, pins *credential.PINs, tills int, now time.Time) ([]loyalty.Program, error) {
	merchant := loyalty.Merchant{ID: loyalty.NewID(), Name: "Bench", Created: now}
	location := loyalty.Location{ID: loyalty.NewID(), Merchant: merchant.ID, Name: "Everywhere", Zone: time.UTC}
	manager := loyalty.Staff{ID: loyalty.NewID(), Merchant: merchant.ID, Name: "Manager", Role: loyalty.Manager}
	key := loyalty.Access{Key: loyalty.NewID(), Merchant: merchant.ID, Scope: loyalty.Admin}
	s.admin, key.Hash = credential.NewKeySecret(key.Key)
	programs := []loyalty.Program{stampCard(merchant.ID, cardSize), stampCard(merchant.ID, hotCardSize), ruledCard(merchant.ID)}
	steps := []func(*store.Tx) error{
		func(tx *store.Tx) error { return tx.InsertMerchant(merchant) },
		func(tx *store.Tx) error { return tx.InsertLocation(location) },
		func(tx *store.Tx) error { return tx.InsertAPIKey(key, "bench", now) },
		func(tx *store.Tx) error { return tx.InsertStaff(manager, pins.MAC(merchant.ID, "4711"), now) },
	}
	for _, p := range programs {
		steps = append(steps, func(tx *store.Tx) error { return tx.InsertProgram(p, now) })
	}
	for i := range tills {
		t := till{Till: loyalty.Till{
			ID: loyalty.NewID(), Merchant: merchant.ID, Location: location.ID, Name: fmt.Sprintf("Till %d", i+1), Zone: time.UTC,
		}}
		var hash loyalty.Hash
		t.token, hash = credential.NewTillSecret(t.ID)
		steps = append(steps, func(tx *store.Tx) error { return tx.InsertTill(t.Till, hash, now) })
		s.tills = append(s.tills, t)
	}
	_, err := db.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		for _, step := range steps {
			if err := step(tx); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return loyalty.Answer{}, nil
	})
	return programs, err
}

// stampCard is the plainest program: no cooldown, no cap, nothing else to decide.
func stampCard(merchant loyalty.MerchantID, size int64) loyalty.Program {
	reward := loyalty.Reward{ID: loyalty.NewID(), Name: "One for free"}
	return loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: merchant, Rules: loyalty.Rules{
		Name: fmt.Sprintf("%d stamps", size), Kind: loyalty.Stamps,
		Earn:    loyalty.EarnRule{By: loyalty.ByUnits},
		Card:    loyalty.StampRule{Size: size, Reward: reward.ID},
		Rewards: []loyalty.Reward{reward},
	}}
}

// ruledCard asks five conditions at each scan, three of them about the purchase, of
// which one holds: two stamps instead of one, on a card of twice the size, so that it
// fills as often. None is decided by its first term at every scan.
func ruledCard(merchant loyalty.MerchantID) loyalty.Program {
	p := stampCard(merchant, 2*cardSize)
	for i, when := range []string{
		`base >= 1 && purchase.total >= money(1000, "EUR")`,
		`purchase.items.exists(i, i.category in ["fruit", "vegetables"] || i.sku == "5900000000046")`,
		`now.date >= "2020-12-01" && now.date <= "2020-12-24"`,
		`card.visit % 2 == 1 && "parents" in card.tags`,
		`location != "elsewhere" && purchase.items.filter(i, i.unit == "piece").map(i, i.amount).sum() >= money(5000, "EUR")`,
	} {
		p.Earn.Bonuses = append(p.Earn.Bonuses, loyalty.Bonus{Name: fmt.Sprintf("Rule %d", i+1), When: when, Units: 1})
	}
	return p
}

// insertCards stores empty cards.
func insertCards(ctx context.Context, db *store.Store, p loyalty.Program, n int, now time.Time) ([]loyalty.CardID, error) {
	ids := make([]loyalty.CardID, n)
	cards := make([]loyalty.Card, n)
	for i := range cards {
		cards[i] = loyalty.NewCard(loyalty.NewID(), &p, now)
		ids[i] = cards[i].ID
	}
	return ids, db.InsertCards(ctx, cards)
}
