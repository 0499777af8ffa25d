package loyaltytest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// Play draws steps: what tills and an office may ask for, in sense and nonsense,
// over a stamps, a points and a discount program with three cards each. It reads its book to
// draw what refers to earlier steps, so whoever plays the steps elsewhere plays
// them on the book too:
//
//	play := loyaltytest.NewPlay(t, "name")
//	// store play.Book's programs, tills, cards, holders, stock and codes
//	step := play.Next(t)
//	// make step.Publish current if it is set, then post step.Batch at step.Now
//	results, err := play.Post(step)
//	// then the same with step.Follow(results), until it is empty
type Play struct {
	Book *Book

	name     string
	now      time.Time
	programs []loyalty.ProgramID
	cards    []loyalty.CardID
	tills    []loyalty.Till
	codes    map[loyalty.CardID][]func(*loyalty.Command) // shown before
	claims   []loyalty.ClaimID                           // given out before
	commands int
}

// Step is one batch, and a new version of a program before it now and then.
type Step struct {
	Now     time.Time
	Publish *loyalty.Program // nil in most steps
	Batch   []*loyalty.Command
}

// NewPlay begins a play. All its ids but those of merchant and tills follow from
// the name.
func NewPlay(t *rapid.T, name string) *Play {
	p := &Play{Book: NewBook(), name: name, now: Now, codes: map[loyalty.CardID][]func(*loyalty.Command){}}
	p.tills = []loyalty.Till{
		Till(t, "front"),
		Till(t, "back"),
		Till(t, "west", func(till *loyalty.Till) {
			till.Zone = Zone(t, "America/New_York")
			till.Location = loyalty.LocationID(ID("western location"))
		}),
	}
	for _, till := range p.tills {
		p.Book.Tills[till.ID] = till
	}
	for _, program := range []*loyalty.Program{p.stamps(t), p.points(t), p.discount(t)} {
		p.programs = append(p.programs, program.ID)
		p.Book.Programs[program.ID] = program
		for _, reward := range program.Rewards {
			if reward.Limited {
				p.Book.Stock[reward.ID] = rapid.Int64Range(0, 4).Draw(t, "stock")
			}
		}
		for i := range 3 {
			card := Card(program, fmt.Sprint(name, program.Kind, i))
			p.cards = append(p.cards, card.ID)
			p.Book.Cards[card.ID] = card
			if holder := choose(t, "holder", "", " anna", " anna", " berta"); holder != "" {
				p.Book.Holders[card.ID] = loyalty.MemberID(ID(fmt.Sprint(name, program.Kind, holder))) // programs share rewards here
			}
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "codes") {
		p.Book.Codes = append(p.Book.Codes, Code(fmt.Sprint(name, i), p.partner()))
	}
	return p
}

// Next draws a step.
func (p *Play) Next(t *rapid.T) Step {
	p.now = p.now.Add(choose(t, "time passes",
		0, time.Microsecond, time.Second, time.Minute, 11*time.Minute, time.Hour, 13*time.Hour, 24*time.Hour, 20*24*time.Hour, 200*24*time.Hour,
		-time.Millisecond, // another process, whose clock lags
	))
	step := Step{Now: p.now}
	if rapid.IntRange(0, 19).Draw(t, "publish") == 0 {
		step.Publish = p.version(t)
	}
	for range rapid.IntRange(1, 4).Draw(t, "commands") {
		step.Batch = append(step.Batch, p.command(t))
	}
	return step
}

// Follow is the step after this one when tills have met merged cards. Its batch
// is empty when they met none.
func (s Step) Follow(results []Result) Step { return Step{Now: s.Now, Batch: Follow(s.Batch, results)} }

// Post plays a step on the book.
func (p *Play) Post(step Step) ([]Result, error) {
	p.Publish(step)
	return p.Book.Post(step.Batch, step.Now)
}

// Publish makes the step's new version current, if it has one.
func (p *Play) Publish(step Step) {
	if step.Publish != nil {
		p.Book.Programs[step.Publish.ID] = step.Publish
	}
}

// choose draws one of the values. What rapid prints of it is its place.
func choose[T any](t *rapid.T, label string, values ...T) T {
	return values[rapid.IntRange(0, len(values)-1).Draw(t, label)]
}
