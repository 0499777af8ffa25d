package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
)

// passRounds are enough to tell a hundredth, in half a minute.
const passRounds = 15

type passesCommand struct {
	Rounds int    `long:"rounds" default:"15" description:"Paired rounds."`
	JSON   string `long:"json" env:"BENCH_JSON" value-name:"PATH" description:"Where to write the figures as one flat JSON object."`
}

func (c *passesCommand) Validate() error {
	if c.Rounds < 1 {
		return errors.New("it takes 1 round")
	}
	return nil
}

// Run measures passes alone.
func (c *passesCommand) Run(ctx context.Context) error {
	all, err := measurePasses(ctx, c.Rounds)
	if err != nil {
		return err
	}
	return errors.Join(all.print(os.Stdout), all.figures().write(c.JSON))
}

// way is one of the ways to make something that a phone would fetch.
type way struct {
	name   string // in the table
	prefix string // of its figures
	round  func(context.Context) (perSecond float64, size int, err error)

	rates []float64 // of each round: how many a second of one core gives
	size  int       // bytes of one
}

// measurePasses makes passes and bare RSA signatures by turns, on one core.
func measurePasses(ctx context.Context, rounds int) (*passResults, error) {
	note("measuring passes")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p, err := openPress(ctx)
	if err != nil {
		return nil, err
	}
	// Each round of each of our own takes about a tenth of a second.
	all := &passResults{ways: []*way{
		{name: "RSA-2048 signature", prefix: "rsa", round: timed(120, p.sign)},
		{name: "pass of a changed card", prefix: "pass", round: timed(120, p.changed)},
		{name: "the same, pictures drawn anew", prefix: "pass_drawn", round: timed(15, p.drawn)},
		{name: "pass of an unchanged card", prefix: "pass_cached", round: timed(3000, p.unchanged)},
	}}
	other, err := startPasskit(ctx, p)
	switch {
	case err == nil:
		defer other.close()
		all.ways = append(all.ways, &way{name: "passkit-generator, a changed card", prefix: "passkit", round: other.round})
	case errors.Is(err, errNoPasskit):
		all.missing = err
	default:
		return nil, err
	}
	for round := range rounds {
		order := slices.Clone(all.ways)
		if round%2 == 1 { // neither side always has the fresher machine
			slices.Reverse(order)
		}
		for _, w := range order {
			rate, size, err := w.round(ctx)
			if err != nil {
				return nil, err
			}
			w.rates, w.size = append(w.rates, rate), size
		}
	}
	return all, nil
}

// timed is a round of so many. What counts is the time that this process has
// used, collecting garbage included, so that a busy machine does not blur it.
func timed(count int, do func(context.Context) ([]byte, error)) func(context.Context) (float64, int, error) {
	return func(ctx context.Context) (float64, int, error) {
		before, err := ownTime()
		if err != nil {
			return 0, 0, err
		}
		size := 0
		for range count {
			made, err := do(ctx)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return 0, 0, err
			}
			size = len(made)
		}
		after, err := ownTime()
		return float64(count) / (after - before).Seconds(), size, err
	}
}
