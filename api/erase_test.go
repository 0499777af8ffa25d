package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
)

// A person with values that stand nowhere by chance.
var unmistakable = apitest.Map{
	"name": "Żaneta Ünverwechselbar-Quitsch", "phone": "+4915778231946", "email": "zaneta.quitsch@ünverwechselbar.example",
	"external_id": "crm-QX7734-Quitsch", "language": "pl",
}

// What is known of her, as it is kept; and what was bought and noted.
var (
	sheIs = []string{
		"Żaneta Ünverwechselbar-Quitsch", "+4915778231946", "15778231946", "zaneta.quitsch@ünverwechselbar.example",
		"zaneta.quitsch@xn--nverwechselbar-9rb.example", "zaneta.quitsch", "crm-QX7734-Quitsch", "Quitsch was shown this",
	}
	sheDid = []string{
		"receipt/QX-0815-4711", "haemorrhoid-cream-QX", "lost her purse, QX called",
		"QX-for-the-lent-one", "QX-lent-it", "phone of QX",
	}
)

// After a member is erased, nothing in the database tells of her, in any encoding;
// before, nothing does in plain but what she bought. The ledger holds throughout,
// and her cards go on.
func TestEraseMember(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "stempel.db")
		a := apitest.Boot(t, func(s *apitest.Setup) { s.Database = "sqlite:" + path })
		testEraseMember(t, a, func() []byte { return files(t, path) })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		at := enginetest.Postgres(t)
		a := apitest.Boot(t, func(s *apitest.Setup) { s.Database = at })
		testEraseMember(t, a, func() []byte { return tables(t, at) })
	})
}

func testEraseMember(t *testing.T, a *apitest.API, dump func() []byte) {
	she, cards, phones := live(t, a)
	at := "/v1/members/" + she.String()
	before := dump()
	for _, value := range sheIs {
		if bytes.Contains(before, []byte(value)) {
			t.Errorf("%q can be read before she is erased", value)
		}
	}
	for _, value := range sheDid { // else the search finds nothing because it cannot
		if !holdsAny(before, value) {
			t.Errorf("%q is not found although it is there", value)
		}
	}

	lent := cards[2] // it is another's from now on
	a.Do(t, apitest.Call{Method: http.MethodDelete, Path: "/v1/cards/" + lent.String() + "/member", Token: a.Shop.Admin, Key: apitest.Key()})
	for _, token := range phones {
		a.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + lent.String(), Token: token}, gen.ProblemCodeUnauthorized)
	}
	erase := apitest.Call{Method: http.MethodDelete, Path: at, Token: a.Shop.Admin, Key: apitest.Key()}
	answer := a.Do(t, erase)
	erased := apitest.Read[gen.Erasure](t, answer)
	if erased.Member != she || erased.Cards != 2 { // the lent one is nobody's
		t.Errorf("erased %+v", erased)
	}
	after := dump()
	for _, value := range append(sheIs, sheDid...) {
		for _, form := range spellings(value) {
			if bytes.Contains(after, form) {
				t.Errorf("%q is still there, as %q", value, form)
			}
		}
	}

	for _, gone := range []string{at, at + "/consents", at + "/cards", at + "/export", "/v1/cards/" + cards[0].String() + "/member"} {
		a.Refused(t, apitest.Call{Method: http.MethodGet, Path: gone, Token: a.Shop.App}, gen.ProblemCodeMemberNotFound)
	}
	if found := search(t, a, apitest.Map{"phone": unmistakable["phone"]}); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	repeated(t, a, erase, answer)
	if card := a.GetCard(t, a.Shop, cards[0]); card.Balance != 4 {
		t.Errorf("her card has %d stamps, want 4", card.Balance)
	}
	a.Stamp(t, a.Shop, a.Shop.Front, cards[0], 1)
	a.NewMember(t, a.Shop, unmistakable) // who comes back is somebody new
}

// live is what a member does: everything that leaves a trace. The last card is one
// that will be detached; the tokens are its phones'.
func live(t *testing.T, a *apitest.API) (loyalty.MemberID, []loyalty.CardID, []string) {
	t.Helper()
	she := a.NewMember(t, a.Shop, unmistakable, apitest.Map{"phone": "+4915711111111"}).ID
	twin := a.NewMember(t, a.Shop, apitest.Map{"phone": "+4915722222222"}).ID
	at := "/v1/members/" + she.String()
	change := apitest.Map{"phone": unmistakable["phone"], "region": "DE"}
	post := func(method, path string, body apitest.Map) *apitest.Answer {
		t.Helper()
		answer := a.Do(t, apitest.Call{Method: method, Path: path, Token: a.Shop.Admin, Key: apitest.Key(), Body: body})
		if answer.Status >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
		}
		return answer
	}
	post(http.MethodPatch, at, change)
	post(http.MethodPost, at+"/consents", apitest.Map{"purpose": "marketing_email", "state": "given", "wording": "Quitsch was shown this"})
	post(http.MethodPost, "/v1/members/"+twin.String()+"/merge", apitest.Map{"into": she})
	stamps := apitest.Read[gen.Card](t, post(http.MethodPost, "/v1/cards", apitest.Map{"program": a.Shop.Stamps.ID, "member": she})).ID
	points := a.NewCard(t, a.Shop, a.Shop.Points).ID
	a.Attach(t, a.Shop, points, twin)
	a.Stamp(t, a.Shop, a.Shop.Front, stamps, 3)
	purchase := apitest.Map{
		"ref": sheDid[0], "total": 1250, "currency": "EUR",
		"items": []any{apitest.Map{"sku": sheDid[1], "quantity": 1000, "unit": "piece", "amount": 1250}},
	}
	a.Do(t, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, points), apitest.Map{"earn": apitest.Map{"purchase": purchase}}))
	post(http.MethodPost, "/v1/cards/"+stamps.String()+"/adjustments", apitest.Map{"units": 1, "note": sheDid[2]})

	lent, first := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	named := apitest.Map{"name": sheDid[5]}
	phones := []string{
		apitest.Read[gen.DeviceToken](t, post(http.MethodPost, "/v1/cards/"+first.String()+"/devices", named)).Token,
		apitest.Read[gen.DeviceToken](t, post(http.MethodPost, "/v1/cards/"+lent.String()+"/devices", named)).Token,
	}
	post(http.MethodPost, "/v1/cards/"+first.String()+"/merge", apitest.Map{"into": lent})
	a.Attach(t, a.Shop, lent, she)
	post(http.MethodPost, "/v1/cards/"+lent.String()+"/adjustments", apitest.Map{"units": 2, "note": sheDid[3]})
	post(http.MethodPost, "/v1/cards/"+lent.String()+"/block", apitest.Map{"note": sheDid[4]})
	post(http.MethodPost, "/v1/cards/"+lent.String()+"/unblock", apitest.Map{})
	return she, []loyalty.CardID{stamps, points, lent}, phones
}

// files are the bytes of an SQLite database, its log included.
func files(t *testing.T, path string) []byte {
	t.Helper()
	var all []byte
	for _, end := range []string{"", "-wal", "-shm"} {
		part, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

// tables are all rows of a PostgreSQL schema as text; blobs, which are shown in
// hex, also as they are.
func tables(t *testing.T, at string) []byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) < 15 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	var all []byte
	for _, name := range names {
		rows, err := conn.Query(t.Context(), fmt.Sprintf("SELECT t::text FROM %q t", name))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			all = append(all, line...)
			for _, part := range strings.Split(line, `\x`)[1:] {
				blob, _ := hex.DecodeString(part[:strings.IndexAny(part+`"`, `",)\`)/2*2])
				all = append(all, blob...)
			}
		}
	}
	return all
}

func holdsAny(dump []byte, value string) bool {
	for _, form := range spellings(value) {
		if bytes.Contains(dump, form) {
			return true
		}
	}
	return false
}

// spellings are a value in every encoding in which it may lie about.
func spellings(value string) [][]byte {
	var all [][]byte
	for _, text := range []string{value, strings.ToUpper(value), strings.ToLower(value)} {
		escaped, _ := json.Marshal(text)
		all = append(all, []byte(text), bytes.Trim(escaped, `"`), []byte(strings.Trim(fmt.Sprintf("%+q", text), `"`)),
			[]byte(url.QueryEscape(text)), []byte(url.PathEscape(text)))
		var little, big []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			little = append(little, byte(unit), byte(unit>>8))
			big = append(big, byte(unit>>8), byte(unit))
		}
		all = append(all, little, big)
		for _, raw := range [][]byte{[]byte(text), little, big} {
			all = append(all, []byte(hex.EncodeToString(raw)), []byte(strings.ToUpper(hex.EncodeToString(raw))))
			for shift := range 3 { // which bits share a character depends on what stands before
				for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
					shifted := encoding.EncodeToString(append(make([]byte, shift), raw...))
					all = append(all, []byte(shifted[[]int{0, 2, 3}[shift]:len(shifted)-1]))
				}
			}
		}
	}
	return all
}
