package api

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// bodies are all that a request can hold.
func bodies() []any {
	return []any{
		&gen.NewCard{}, &gen.Adjustment{}, &gen.TokenRequest{}, &gen.ScanRequest{}, &gen.EarnRequest{}, &gen.RedeemRequest{}, &gen.VoidRequest{},
		&gen.NewProgram{}, &gen.DraftRequest{}, &gen.Publication{}, &gen.StockCount{}, &gen.StockDelivery{}, &gen.ChangeNote{}, &gen.Loss{},
	}
}

// ofGo are words of our side of the wire.
var ofGo = regexp.MustCompile(`(?i)\bgo\b|loyalty|gen\.|jsontext|json:|int64|string|struct|unmarshal|reflect|\bnil\b|0x|EOF|invalid character`)

// FuzzDecode: whatever comes as a body is read or refused, with a code of 400 and
// a sentence that shows nothing of how it was read.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, `null`, `[]`, `{"program":"program_01m0wyf4npfqdbdnpqxa7mtfh7"}`, `{"program":"PROGRAM_01"}`, `{"units":1e400}`,
		`{"units":9223372036854775808}`, `{"units":1,"units":1}`, `{"units":null,"note":"\ud800"}`, "{\"note\":\"\xff\"}",
		`{"credential":"x","channel":"nfc","earn":{"units":1,"purchase":{"ref":"1","total":1,"currency":"EUR","items":[{"quantity":1,"unit":"piece","amount":1}]}},"pin":"4711"}`,
		`{"earn":{"purchase":{"items":[{"quantity":null}]}}}`, `{"earn":{"purchase":{"items":[1]}}}`, `{"a~1b/c":{"0":[]}}`,
		`{"scan":"sc.","reward":"","voucher":"voucher_01m05sp5wjf2fbhyzye37m9q9z"}`, `{"method":"static","surface":"print"}{}`, `{"pin":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range bodies() {
			kind := reflect.TypeOf(into).Elem().Name()
			err := decodeJSON(body, into)
			if err == nil {
				if !json.Valid(body) {
					t.Errorf("%s took %q", kind, body)
				}
				continue
			}
			code, sentence := told(t, err)
			if m := gen.Problems[gen.ProblemCode(code)]; m.Status != 400 {
				t.Errorf("%s: %q is answered with %s (%d)", kind, body, code, m.Status)
			}
			if ofGo.MatchString(sentence) || !utf8.ValidString(sentence) || len(sentence) > 300 {
				t.Errorf("%s: %q is told %q", kind, body, sentence)
			}
		}
	})
}

// told is what the asker sees of an error, less the asker's own words.
func told(t *testing.T, err error) (loyalty.Code, string) {
	t.Helper()
	var field *badField
	var refusal *loyalty.Refusal
	switch {
	case errors.As(err, &field):
		if len(field.field) > longestPath+len("…") {
			t.Errorf("the field's name has %d bytes", len(field.field))
		}
		return field.code, field.problem
	case errors.As(err, &refusal):
		return refusal.Code, refusal.Message
	}
	t.Fatalf("decoding fails with %T: %v", err, err)
	return "", ""
}

func TestFieldPaths(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ö", 200)
	for body, want := range map[string]string{
		`{"earn":{"purchase":{"ref":"1","total":1,"currency":"EUR","items":[{},{"amount":"1"}]}}}`: "earn.purchase.items[0].quantity",
		`{"earn":{"purchase":{"items":[{"quantity":1,"unit":"l","amount":1},{"amount":"1"}]}}}`:    "earn.purchase.items[1].amount",
		`{"earn":{"purchase":{"ref":"1"}}}`: "earn.purchase.total",
		`{"earn":{"unit":1}}`:               "earn.unit",
		`{"credential":7}`:                  "credential",
		`7`:                                 "body",
		`{"":1}`:                            "body",
		`{"` + long + `":1}`:                strings.Repeat("ö", 50) + "…",
	} {
		var field *badField
		if err := decodeJSON([]byte(body), &gen.ScanRequest{}); !errors.As(err, &field) || field.field != want {
			t.Errorf("%.80s: %v, want the field %s", body, err, want)
		}
	}
}
