package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type expiryCommand struct {
	Lots    int    `long:"lots" default:"1000000" description:"Lots that expire, each on a card of its own: the dearest way."`
	Cards   int    `long:"cards" default:"100000" description:"Cards that are scanned meanwhile."`
	Rounds  int    `long:"rounds" default:"5" description:"Stretches of scans before, and as many beside it."`
	Seconds int    `long:"seconds" default:"3" description:"Length of each stretch."`
	Tills   int    `long:"tills" default:"32" description:"Tills, each on a connection of its own."`
	JSON    string `long:"json" env:"EXPIRY_JSON" value-name:"PATH" description:"Where to write the figures as one flat JSON object."`
}

func (e *expiryCommand) Validate() error {
	if e.Lots < 1 || e.Cards < 1 || e.Rounds < 1 || e.Seconds < 1 || e.Tills < 1 || e.Tills > maxTills {
		return fmt.Errorf("lots, cards, rounds, seconds and tills must be positive, and tills at most %d", maxTills)
	}
	return nil
}

// expiryBegins is how long the server may take to notice that points have run out.
const expiryBegins = 3 * time.Minute

// Run measures scans in peace, lets all lots run out at one moment, as at the end of
// a year, and measures scans while the server posts that.
func (e *expiryCommand) Run(ctx context.Context) error {
	s, err := openSite(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	kept := s.onPostgres()
	shop, err := seed(ctx, kept.url(), s.master, e.Tills, e.Cards)
	if err != nil {
		return err
	}
	if err := seedLots(ctx, shop, e.Lots); err != nil {
		return fmt.Errorf("seed the lots: %w", err)
	}
	if err := reuseWAL(ctx, s.postgres.URL()); err != nil {
		return err
	}
	server, err := s.serve(ctx, kept, s.redis.URL())
	if err != nil {
		return err
	}
	scans := &row{name: "scans", server: server, tills: shop.tills, mint: shop.mintLive, earn: oneUnit}
	if _, err := scans.measure(ctx, s, 0, warmUp); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, s.postgres.URL())
	if err != nil {
		return err
	}
	defer db.Close(context.WithoutCancel(ctx))
	return e.measure(ctx, s, scans, db, kept)
}

func (e *expiryCommand) measure(ctx context.Context, s *site, scans *row, db *pgx.Conn, kept storage) error {
	peace, err := e.stretches(ctx, s, scans, "in peace", nil)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "UPDATE lots SET expires_at = $1", time.Now().UnixMicro()); err != nil {
		return err
	}
	if err := await(ctx, expiryBegins, func(ctx context.Context) (bool, error) {
		left, err := lotsLeft(ctx, db)
		return left < e.Lots, err
	}); err != nil {
		return fmt.Errorf("nothing expires: %w", err)
	}
	before, err := lotsLeft(ctx, db)
	if err != nil {
		return err
	}
	began := time.Now()
	beside, err := e.stretches(ctx, s, scans, "beside expiry", func() (bool, error) {
		left, err := lotsLeft(ctx, db)
		return left > 0, err
	})
	if err != nil {
		return err
	}
	after, err := lotsLeft(ctx, db)
	if err != nil {
		return err
	}
	rate := float64(before-after) / time.Since(began).Seconds()
	if err := await(ctx, time.Hour, func(ctx context.Context) (bool, error) {
		left, err := lotsLeft(ctx, db)
		return left == 0, err
	}); err != nil {
		return fmt.Errorf("not all has expired: %w", err)
	}
	took := time.Since(began)
	if err := errors.Join(stopAll(s.servers), s.audit(ctx, kept)); err != nil {
		return err
	}
	return e.print(peace, beside, rate, took)
}

// stretches measures scans a few times, as long as it makes sense.
func (e *expiryCommand) stretches(ctx context.Context, s *site, scans *row, how string, goOn func() (bool, error)) ([]measured, error) {
	var all []measured
	for round := range e.Rounds {
		m, err := scans.measure(ctx, s, round, time.Duration(e.Seconds)*time.Second)
		if err != nil {
			return nil, err
		}
		if goOn != nil {
			if more, err := goOn(); err != nil {
				return nil, err
			} else if !more {
				break // this stretch was partly in peace
			}
		}
		note("%s: %.0f scans a second, p99 %.2f ms", how, m.perSecond(), m.p99())
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, errors.New("everything had expired before a stretch was over: take more lots")
	}
	return all, nil
}

func (e *expiryCommand) print(peace, beside []measured, rate float64, took time.Duration) error {
	f := figures{
		"expiry_lots": float64(e.Lots), "expiry_lots_per_s": rate, "expiry_seconds": took.Seconds(),
		"expiry_p99_without_ms": medianOf(peace, measured.p99), "expiry_p99_with_ms": medianOf(beside, measured.p99),
		"expiry_scans_without_per_s": medianOf(peace, measured.perSecond), "expiry_scans_with_per_s": medianOf(beside, measured.perSecond),
	}
	f["expiry_p99_ratio"] = f["expiry_p99_with_ms"] / f["expiry_p99_without_ms"]
	fmt.Printf("expiry of %d lots: scan p99 %.2f ms beside it, %.2f ms without, %.2f times; %.0f scans a second beside it, %.0f without;\n"+
		"%.0f lots a second beside the scans, all of them in %s (medians of %d and %d stretches). The audit holds.\n",
		e.Lots, f["expiry_p99_with_ms"], f["expiry_p99_without_ms"], f["expiry_p99_ratio"], f["expiry_scans_with_per_s"],
		f["expiry_scans_without_per_s"], rate, took.Round(time.Second), len(beside), len(peace))
	return f.write(e.JSON)
}

// lotsLeft is how many have not expired yet.
func lotsLeft(ctx context.Context, db *pgx.Conn) (n int, err error) {
	return n, db.QueryRow(ctx, "SELECT count(*) FROM lots WHERE remaining > 0").Scan(&n)
}

// lotsTogether is how many cards move in with one transaction.
const lotsTogether = 2000

// seedLots moves cards in whose points expire, long after the bench is over.
func seedLots(ctx context.Context, s *shop, lots int) (err error) {
	note("seeding %d lots", lots)
	db, err := store.Open(ctx, s.url, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	merchant, now := s.tills[0].Merchant, time.Now().UTC().Truncate(time.Microsecond)
	program := loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: merchant, Rules: loyalty.Rules{
		Name: "Points", Kind: loyalty.Points, Earn: loyalty.EarnRule{By: loyalty.ByUnits},
		Lots: &loyalty.LotRule{Expires: loyalty.YearEnd, After: 1},
	}}
	if _, err := db.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{}, tx.InsertProgram(program, now)
	}); err != nil {
		return err
	}
	cards := make([]loyalty.CardID, lots)
	for i := range cards {
		cards[i] = loyalty.NewID()
	}
	for part := range slices.Chunk(cards, lotsTogether) {
		if _, err := db.MoveIn(ctx, loyalty.Answer{}, loyalty.Arriving{Cards: part}, func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error) {
			var all loyalty.Arrivals
			for _, card := range part {
				d, err := loyalty.MoveIn(&program, loyalty.Command{Merchant: merchant, Card: card}, 100, time.Time{}, now, loyalty.NewID)
				if err != nil {
					return all, loyalty.Answer{}, err
				}
				all.Cards = append(all.Cards, d)
			}
			return all, loyalty.Answer{}, nil
		}); err != nil {
			return err
		}
	}
	return nil
}
