package rules

import (
	"time"

	"stempel/internal/cel"
	"stempel/internal/loyalty"
)

// Variables are what a condition may look at: the fields of a
// *loyalty.Circumstances. The currency is that of the program; empty where it counts
// none, so that each purchase brings its own.
func Variables(currency string) *cel.Object {
	purchase := cel.Of(purchaseOf(currency))
	return &cel.Object{Name: "condition", Fields: map[string]cel.Field{
		"purchase": {Type: purchase, Get: func(v cel.Value) cel.Value { return cel.Value{O: at(v).Purchase} }},
		"card":     {Type: cel.Of(cardFields), Get: func(v cel.Value) cel.Value { return v }},
		"now":      {Type: cel.Of(nowFields), Get: func(v cel.Value) cel.Value { return cel.Value{O: &at(v).At} }},
		"location": {Type: cel.String, Get: func(v cel.Value) cel.Value { return cel.Value{S: locationOf(at(v))} }},
		"base":     {Type: cel.Int, Get: func(v cel.Value) cel.Value { return cel.Value{N: at(v).Base} }},
	}}
}

func at(v cel.Value) *loyalty.Circumstances { return v.O.(*loyalty.Circumstances) }

func locationOf(c *loyalty.Circumstances) string {
	if c.Location.IsZero() {
		return "" // the merchant's own system
	}
	return c.Location.String()
}

func purchaseOf(currency string) *cel.Object {
	money := cel.Money(currency)
	item := &cel.Object{Name: "item", Fields: map[string]cel.Field{
		"sku":      text(func(i *loyalty.Item) string { return i.SKU }),
		"category": text(func(i *loyalty.Item) string { return i.Category }),
		"unit":     text(func(i *loyalty.Item) string { return i.Unit }),
		"quantity": number(func(i *loyalty.Item) int64 { return i.Quantity }),
		"amount":   {Type: money, Get: func(v cel.Value) cel.Value { return cel.Value{N: v.O.(*loyalty.Item).Amount, S: v.S} }},
	}}
	amount := func(of func(*loyalty.Purchase) int64) cel.Field {
		return cel.Field{Type: money, Get: func(v cel.Value) cel.Value {
			p := v.O.(*loyalty.Purchase)
			return cel.Value{N: of(p), S: p.Currency}
		}}
	}
	return &cel.Object{Name: "purchase", Fields: map[string]cel.Field{
		"total":    amount(func(p *loyalty.Purchase) int64 { return p.Total }),
		"paid":     amount(func(p *loyalty.Purchase) int64 { return p.Total - p.PaidWithReward }),
		"currency": text(func(p *loyalty.Purchase) string { return p.Currency }),
		"items": {Type: cel.ListOf(cel.Of(item), loyalty.MaxItems), Get: func(v cel.Value) cel.Value {
			return cel.Value{O: (*items)(v.O.(*loyalty.Purchase))}
		}},
	}}
}

// items are the lines of a purchase. Each knows the currency of its amount.
type items loyalty.Purchase

func (p *items) Len() int           { return len(p.Items) }
func (p *items) At(i int) cel.Value { return cel.Value{O: &p.Items[i], S: p.Currency} }

var cardFields = &cel.Object{Name: "card", Fields: map[string]cel.Field{
	"balance":  number(func(c *loyalty.Circumstances) int64 { return c.Card.Balance }),
	"lifetime": number(func(c *loyalty.Circumstances) int64 { return c.Card.Earned() }),
	"cycle":    number(func(c *loyalty.Circumstances) int64 { return c.Card.Cycle }),
	"tier":     text(func(c *loyalty.Circumstances) string { return c.Tier }),
	"visit":    number(func(c *loyalty.Circumstances) int64 { return c.Card.Visits + 1 }),
	"tags":     {Type: cel.ListOf(cel.String, loyalty.MaxLabels), Get: func(v cel.Value) cel.Value { return cel.Value{O: words(at(v).Labels.List())} }},
}}

// words are texts as a list.
type words []string

func (w words) Len() int           { return len(w) }
func (w words) At(i int) cel.Value { return cel.Value{S: w[i]} }

// nowFields are the local time of the location.
var nowFields = &cel.Object{Name: "now", Fields: map[string]cel.Field{
	"date":    text(dateOf),
	"time":    text(timeOf),
	"year":    number(func(t *time.Time) int64 { return int64(t.Year()) }),
	"month":   number(func(t *time.Time) int64 { return int64(t.Month()) }),
	"day":     number(func(t *time.Time) int64 { return int64(t.Day()) }),
	"weekday": number(func(t *time.Time) int64 { return int64(t.Weekday()+6)%7 + 1 }), // ISO 8601: 1 is Monday
	"hour":    number(func(t *time.Time) int64 { return int64(t.Hour()) }),
	"minute":  number(func(t *time.Time) int64 { return int64(t.Minute()) }),
}}

// dateOf is as time.DateOnly has it: each earn may ask several times.
func dateOf(t *time.Time) string {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.Format(time.DateOnly)
	}
	b := [...]byte{0, 0, 0, 0, '-', 0, 0, '-', 0, 0}
	twoDigits(b[:2], year/100)
	twoDigits(b[2:4], year%100)
	twoDigits(b[5:7], int(month))
	twoDigits(b[8:], day)
	return string(b[:])
}

// timeOf is as clocks show it: 15:04.
func timeOf(t *time.Time) string {
	hour, minute, _ := t.Clock()
	b := [...]byte{0, 0, ':', 0, 0}
	twoDigits(b[:2], hour)
	twoDigits(b[3:], minute)
	return string(b[:])
}

func twoDigits(b []byte, n int) { b[0], b[1] = '0'+byte(n/10), '0'+byte(n%10) }

func text[T any](of func(*T) string) cel.Field {
	return cel.Field{Type: cel.String, Get: func(v cel.Value) cel.Value { return cel.Value{S: of(v.O.(*T))} }}
}

func number[T any](of func(*T) int64) cel.Field {
	return cel.Field{Type: cel.Int, Get: func(v cel.Value) cel.Value { return cel.Value{N: of(v.O.(*T))} }}
}
