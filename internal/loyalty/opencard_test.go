package loyalty_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func enrol(p *loyalty.Program, now time.Time) (*loyalty.Decision, error) {
	command := loyalty.Command{
		Merchant: loyaltytest.Merchant, Card: loyalty.CardID(loyaltytest.ID("new card")),
		Till: loyalty.TillID(loyaltytest.ID("the till that asks")), Captured: now.Add(-time.Hour),
	}
	return loyalty.OpenCard(p, command, now, loyaltytest.IDs("enrol"))
}

func TestOpenCard(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Program(t)
	decision, err := enrol(program, loyaltytest.Now)
	if err != nil {
		t.Fatal(err)
	}
	want := loyaltytest.Card(program, "", func(c *loyalty.Card) {
		*c = loyalty.NewCard(loyalty.CardID(loyaltytest.ID("new card")), program, loyaltytest.Now)
	})
	if decision.Card != want || len(decision.Entries) != 0 {
		t.Errorf("card %+v with %d entries", decision.Card, len(decision.Entries))
	}
}

func TestOpenCardWelcomes(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Program(t, twoMilestones, func(r *loyalty.Rules) { r.Welcome = 13 })
	decision, err := enrol(program, loyaltytest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := lines(decision.Entries), []string{"opening 13=13", "complete -10=3"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if got, want := rights(decision.Issued), []string{"topping@3", "topping@6", "cone@10", "topping@13"}; !slices.Equal(got, want) {
		t.Errorf("issued %q, want %q", got, want)
	}
	if entry := decision.Entries[0]; entry.Merchant != loyaltytest.Merchant || !entry.Till.IsZero() || !entry.Captured.Equal(loyaltytest.Now) {
		t.Errorf("entry %+v", entry)
	}
}

func TestOpenCardRefuses(t *testing.T) {
	t.Parallel()
	ends := loyaltytest.Now
	tests := []struct {
		name    string
		program *loyalty.Program
		now     time.Time
		want    loyalty.Code
	}{
		{"before the end", loyaltytest.Program(t, func(r *loyalty.Rules) { r.Ends = ends }), ends.Add(-1), ""},
		{"at the end", loyaltytest.Program(t, func(r *loyalty.Rules) { r.Ends = ends }), ends, loyalty.ProgramEnded},
		{"before the start", loyaltytest.Program(t, func(r *loyalty.Rules) { r.Starts, r.Welcome = ends, 1 }), ends.Add(-1), ""},
		{"another merchant's", &loyalty.Program{Merchant: loyaltytest.Stranger}, ends, loyalty.ProgramNotFound},
	}
	for _, tt := range tests {
		_, err := enrol(tt.program, tt.now)
		var refusal *loyalty.Refusal
		if errors.As(err, &refusal); (tt.want == "") != (err == nil) || refusal != nil && refusal.Code != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
