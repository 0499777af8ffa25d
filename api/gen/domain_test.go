package gen_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/internal/loyalty"
	contract "stempel/mobile-contracts"
)

func schemas(t *testing.T) openapi3.Schemas {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas
}

// Types that overlay.yaml borrows from the domain have the fields of the
// contract.
func TestBorrowedTypesHaveTheContractsFields(t *testing.T) {
	all := schemas(t)
	for name, value := range map[string]any{"Purchase": loyalty.Purchase{}, "Item": loyalty.Item{}} {
		var got, optional []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(value)) {
			tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			got = append(got, tag)
			if options != "" {
				optional = append(optional, tag)
			}
		}
		slices.Sort(got)
		if want := slices.Sorted(maps.Keys(all[name].Value.Properties)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, the contract %v", name, got, want)
		}
		for _, required := range all[name].Value.Required {
			if slices.Contains(optional, required) {
				t.Errorf("%s.%s is optional, but not in the contract", name, required)
			}
		}
	}
}

// The names of values in the contract are those that the domain reads and writes.
func TestValuesAreTheDomains(t *testing.T) {
	all := schemas(t)
	for name, want := range map[string][]string{
		"EntryKind": names(loyalty.ParseEntryKind, loyalty.Earn, loyalty.Complete, loyalty.Redeem, loyalty.Grant, loyalty.Expire,
			loyalty.Void, loyalty.Adjust, loyalty.Opening, loyalty.Merge, loyalty.Refund),
		"Method": names(loyalty.ParseMethod, loyalty.Live, loyalty.Rotating, loyalty.Static, loyalty.Tap,
			loyalty.VAS, loyalty.SmartTap, loyalty.Manual, loyalty.Slip, loyalty.Counter, loyalty.Office),
		"ApprovalState":   {string(loyalty.Waiting), string(loyalty.Approved), string(loyalty.Rejected), string(loyalty.RanOut)},
		"CounterApproval": {loyalty.ByTill, loyalty.ByNobody},
		"Reader":          names(loyalty.ParseReader, loyalty.SmartTapReader),
		"Surface":         names(loyalty.ParseSurface, loyalty.Print, loyalty.Wallet),
		"DeviceKind":      names(loyalty.ParseDeviceKind, loyalty.Phone, loyalty.Browser, loyalty.Google, loyalty.Recovery),
		"Role":            names(loyalty.ParseRole, loyalty.Cashier, loyalty.Manager, loyalty.Owner),
		"VoucherState":    names(loyalty.ParseVoucherState, loyalty.Issued, loyalty.Reserved, loyalty.Redeemed, loyalty.Expired, loyalty.Withdrawn),
		"ChangeKind":      names(loyalty.ParseChangeKind, loyalty.Block, loyalty.Unblock, loyalty.Reissue),
		"Rounding":        {string(loyalty.Down), string(loyalty.HalfUp), string(loyalty.Up)},
		"ProgramKind":     {string(loyalty.Stamps), string(loyalty.Points), string(loyalty.Discount)},
		"EarnBasis":       {string(loyalty.ByUnits), string(loyalty.ByVisit), string(loyalty.BySpend)},
		"Span":            {string(loyalty.Lifetime), string(loyalty.Rolling), string(loyalty.Yearly), string(loyalty.Quarter), string(loyalty.Monthly)},
		"TierBasis":       {string(loyalty.TierBySpend), string(loyalty.TierByUnits)},
		"Fall":            {string(loyalty.FallToEarned), string(loyalty.FallOneStep)},
	} {
		var got []string
		for _, value := range all[name].Value.Enum {
			got = append(got, value.(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the contract has %v, the domain %v", name, got, want)
		}
	}
}

// names are the texts of values, each of which parse reads back.
func names[T interface {
	comparable
	String() string
}](parse func(string) (T, error), values ...T) []string {
	var texts []string
	for _, value := range values {
		text := value.String()
		if back, err := parse(text); err != nil || back != value {
			text += " (not read back)"
		}
		texts = append(texts, text)
	}
	return texts
}

func TestBoundsAreTheDomains(t *testing.T) {
	all := schemas(t)
	purchase, item := all["Purchase"].Value.Properties, all["Item"].Value.Properties
	for name, bound := range map[string]struct{ got, want float64 }{
		"units":    {*all["Units"].Value.Max, loyalty.MaxUnits},
		"taken":    {*all["Adjustment"].Value.Properties["units"].Value.Min, -loyalty.MaxUnits},
		"given":    {*all["Adjustment"].Value.Properties["units"].Value.Max, loyalty.MaxUnits},
		"total":    {*purchase["total"].Value.Max, loyalty.MaxAmount},
		"ref":      {float64(*purchase["ref"].Value.MaxLength), loyalty.MaxRefLength},
		"items":    {float64(*purchase["items"].Value.MaxItems), loyalty.MaxItems},
		"sku":      {float64(*item["sku"].Value.MaxLength), loyalty.MaxFieldLength},
		"category": {float64(*item["category"].Value.MaxLength), loyalty.MaxFieldLength},
		"unit":     {float64(*item["unit"].Value.MaxLength), loyalty.MaxFieldLength},
		"quantity": {*item["quantity"].Value.Max, loyalty.MaxAmount},
		"amount":   {*item["amount"].Value.Max, loyalty.MaxAmount},
		"refund":   {*item["amount"].Value.Min, -loyalty.MaxAmount},
	} {
		if bound.got != bound.want {
			t.Errorf("%s: the contract says %v, the domain %v", name, bound.got, bound.want)
		}
	}
}
