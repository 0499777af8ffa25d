package api

import (
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// absent stands, while a body is read, in number fields that are required or where
// 0 is not the same as nothing. It is outside of every range.
const absent = math.MinInt64

// earned is what an Earning asks for. A till's 0 is refused, where a missing
// number would let the purchase decide. Errors: units_out_of_range.
func earned(units int64, purchase *loyalty.Purchase) (loyalty.Earning, error) {
	switch {
	case units == absent:
		units = 0
	case units < 1:
		return loyalty.Earning{}, refuse(loyalty.UnitsOutOfRange, "Units must be a whole number of at least 1.")
	}
	return loyalty.Earning{Units: units, Purchase: purchase}, nil
}

// readEarning reads an Earning whose units are absent where none were given.
func readEarning(from *jsontext.Decoder, into *gen.Earning) error {
	type plain gen.Earning // without this function
	e := plain{Units: absent}
	err := json.UnmarshalDecode(from, &e)
	*into = gen.Earning(e)
	return err
}

// readPurchase reads a purchase and holds that its required fields are there.
func readPurchase(from *jsontext.Decoder, into *loyalty.Purchase) error {
	type plain loyalty.Purchase
	p := plain{Total: absent}
	if err := json.UnmarshalDecode(from, &p); err != nil {
		return err
	}
	switch {
	case p.Ref == "":
		return missingIn(from, "ref")
	case p.Total == absent:
		return missingIn(from, "total")
	case p.Currency == "":
		return missingIn(from, "currency")
	}
	*into = loyalty.Purchase(p)
	return nil
}

// readItem is readPurchase for one line of it.
func readItem(from *jsontext.Decoder, into *loyalty.Item) error {
	type plain loyalty.Item
	i := plain{Quantity: absent, Amount: absent}
	if err := json.UnmarshalDecode(from, &i); err != nil {
		return err
	}
	switch {
	case i.Quantity == absent:
		return missingIn(from, "quantity")
	case i.Unit == "":
		return missingIn(from, "unit")
	case i.Amount == absent:
		return missingIn(from, "amount")
	}
	*into = loyalty.Item(i)
	return nil
}

// missingIn is missing for a field of the object that was just read.
func missingIn(from *jsontext.Decoder, field string) error {
	return wrongField(missingField, from.StackPointer()+jsontext.Pointer("/"+field), "is missing")
}
