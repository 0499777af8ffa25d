package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"stempel/internal/loyalty"
)

// row is one way to scan, measured beside pgbench.
type row struct {
	name   string
	prefix string // of its figures
	server *server
	tills  []till
	mint   func(round, n int, now time.Time) ([]string, error)
	earn   string // by each scan

	rate   float64 // the highest so far
	rounds []measured
	peak   int64 // memory of the server, in bytes
}

// measure mints enough credentials and drives the server with them. Minting is
// over when the clock starts: live tokens last a minute, which is far longer.
func (r *row) measure(ctx context.Context, s *site, round int, d time.Duration) (measured, error) {
	const firstGuess, spare = 8000, 1.4
	if r.rate == 0 {
		r.rate = firstGuess
	}
	credentials, err := r.mint(round, int(r.rate*spare*d.Seconds())+len(r.tills), time.Now())
	if err != nil {
		return measured{}, err
	}
	m, err := s.metered(r.server, func() (measured, error) {
		return drive(ctx, r.server.address, r.tills, credentials, r.earn, d)
	})
	if err != nil {
		return measured{}, fmt.Errorf("%s: %w\n%s", r.name, err, r.server.lastWords())
	}
	r.rate = max(r.rate, m.perSecond())
	return m, nil
}

// The ways to scan.
func (s *shop) mintLive(_, n int, now time.Time) ([]string, error) {
	return mintMany(n, func() (string, error) { return s.live(rand.IntN(len(s.cards)), now) })
}

// mintRuled shows cards of a program that asks five conditions at each scan.
func (s *shop) mintRuled(_, n int, now time.Time) ([]string, error) {
	return mintMany(n, func() (string, error) {
		text, _, err := s.tokens.Mint(s.ruled[rand.IntN(len(s.ruled))], now)
		return text, err
	})
}

// mintHot shows one card over and over, another one each round, of a size that
// takes long to fill: thousands of stamps in seconds on a card of ten would make
// it hold more vouchers than any card ever will.
func (s *shop) mintHot(round, n int, now time.Time) ([]string, error) {
	return mintMany(n, func() (string, error) {
		text, _, err := s.tokens.Mint(s.hot[round%len(s.hot)], now)
		return text, err
	})
}

func (s *shop) mintStatic(_, n int, now time.Time) ([]string, error) {
	return mintMany(n, func() (string, error) {
		return s.texts.Mint(s.cards[rand.IntN(len(s.cards))], loyalty.Print, 1, now)
	})
}

func mintMany(n int, mint func() (string, error)) ([]string, error) {
	texts := make([]string, n)
	for i := range texts {
		var err error
		if texts[i], err = mint(); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// live is a fresh live token of a card, by its number.
func (s *shop) live(card int, now time.Time) (string, error) {
	text, _, err := s.tokens.Mint(s.cards[card], now)
	return text, err
}
