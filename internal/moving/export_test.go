package moving_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/moving"
	"stempel/internal/personal"
)

// books are what there is of a merchant. The office has nothing but its name, a
// location, and a program.
type books struct {
	moving.Source
	cards   []*loyalty.CardBook
	entries [][]loyalty.Entry
	members []loyalty.MemberBook
}

func (b *books) Merchant(_ context.Context, id loyalty.MerchantID) (loyalty.Merchant, error) {
	if id != loyaltytest.Merchant {
		return loyalty.Merchant{}, loyalty.ErrNotFound
	}
	return loyalty.Merchant{ID: id, Name: "=cmd|' /C calc'!A0", Created: loyaltytest.Now}, nil
}

func (b *books) Locations(_ context.Context, _ loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error) {
	var page []loyalty.Location
	for n := after[0] + 1; n != 0 && n < 0xff && len(page) < limit; n++ {
		page = append(page, loyalty.Location{ID: loyalty.LocationID{n}, Name: "Corner", Zone: time.UTC, Place: loyalty.Place{Latitude: -int64(n - 1)}})
	}
	return page, nil
}

func (b *books) Tills(_ context.Context, _ loyalty.MerchantID, _ bool, after loyalty.TillID, _ int) ([]loyalty.TillListing, error) {
	if !after.IsZero() {
		return nil, nil
	}
	return []loyalty.TillListing{
		{Till: loyalty.Till{ID: loyalty.TillID{2}, Name: "Counter", Readers: loyalty.ReadersOf(loyalty.SmartTapReader)}, Lease: loyalty.DefaultLease},
		{Till: loyalty.Till{ID: loyalty.TillID{1}, Name: "Window"}},
	}, nil
}

func (b *books) Staff(context.Context, loyalty.MerchantID, bool, loyalty.StaffID, int) ([]loyalty.StaffListing, error) {
	return nil, nil
}

func (b *books) APIKeys(context.Context, loyalty.MerchantID, bool, loyalty.APIKeyID, int) ([]loyalty.KeyListing, error) {
	return nil, nil
}

func (b *books) Webhooks(context.Context, loyalty.MerchantID, loyalty.WebhookID, int) ([]loyalty.Webhook, error) {
	return []loyalty.Webhook{
		{ID: loyalty.WebhookID{1}, Kinds: loyalty.AllKinds, Secret: []byte("secret")},
		{ID: loyalty.WebhookID{2}, Kinds: loyalty.KindsOf(loyalty.Earn, loyalty.Void)},
	}, nil
}

func (b *books) BrandBook(context.Context, loyalty.MerchantID) (loyalty.BrandBook, error) {
	logo := loyalty.Image{Hash: loyalty.Hash{1}, Width: 100, Height: 50, PNG: []byte("the logo"), Added: loyaltytest.Now}
	return loyalty.BrandBook{
		Brand:  loyalty.Brand{Name: "@Sole", Colors: loyalty.ColorsOn(loyalty.White), Logo: logo.Hash, PrivacyURL: "https://sole.example/privacy", Changed: loyaltytest.Now},
		Images: []loyalty.Image{logo},
	}, nil
}

func (b *books) PartnersOf(_ context.Context, _ loyalty.MerchantID, program loyalty.ProgramID, after loyalty.MerchantID, _ int) ([]loyalty.PartnerListing, error) {
	return []loyalty.PartnerListing{{Partner: loyalty.Partner{Program: program, Merchant: loyalty.MerchantID{7}, Invited: loyaltytest.Now}}}, nil
}

func (b *books) Partnerships(context.Context, loyalty.MerchantID, loyalty.ProgramID, int) ([]loyalty.PartnerListing, error) {
	return []loyalty.PartnerListing{{Partner: loyalty.Partner{
		Program: loyalty.ProgramID{8}, Merchant: loyalty.MerchantID{1}, Invited: loyaltytest.Now, Since: loyaltytest.Now,
	}}}, nil
}

// Stock is of what was, is and will be handed out.
func (b *books) Stock(_ context.Context, rewards []loyalty.RewardID) (map[loyalty.RewardID]int64, error) {
	left := map[loyalty.RewardID]int64{}
	for _, id := range rewards {
		if id[0] != 2 { // was never counted
			left[id] = int64(id[0]) - 1
		}
	}
	return left, nil
}

func (b *books) Programs(context.Context, loyalty.MerchantID) ([]*loyalty.Program, error) {
	return []*loyalty.Program{{ID: loyalty.ProgramID{1}}}, nil
}

// Versions are as many as fill one page and begin another.
func (b *books) Versions(_ context.Context, _ loyalty.MerchantID, id loyalty.ProgramID, before int32, limit int) ([]loyalty.Published, error) {
	if before == 0 {
		before = int32(limit) + 6
	}
	var page []loyalty.Published
	for n := before - 1; n > 0 && len(page) < limit; n-- {
		rules := loyalty.Rules{Name: "Card", Rewards: []loyalty.Reward{{ID: loyalty.RewardID{1 + byte(n%2)}}, {ID: loyalty.RewardID{5}}}}
		page = append(page, loyalty.Published{Program: loyalty.Program{ID: id, Version: n, Rules: rules}, At: loyaltytest.Now})
	}
	return page, nil
}

func (b *books) Draft(context.Context, loyalty.MerchantID, loyalty.ProgramID) (*loyalty.Draft, error) {
	return nil, &loyalty.Refusal{Code: loyalty.DraftNotFound}
}

func (b *books) Agreements(_ context.Context, _ loyalty.MerchantID, after loyalty.AgreementID, _ int) ([]loyalty.Agreement, error) {
	if !after.IsZero() {
		return nil, nil
	}
	return []loyalty.Agreement{{ID: loyalty.AgreementID{1}, Kind: loyalty.WithCompany, Name: "Harbour", Domains: []string{"a.example", "b.example"}, RosterKey: []byte("secret")}}, nil
}

func (b *books) CounterTags(_ context.Context, _ loyalty.MerchantID, after loyalty.TagID, _ int) ([]loyalty.Tag, error) {
	if !after.IsZero() {
		return nil, nil
	}
	return []loyalty.Tag{{
		ID: loyalty.TagID{1}, Location: loyalty.LocationID{2}, Program: loyalty.ProgramID{3}, UID: loyalty.TagUID{4, 0xcd}, Epoch: 1, Label: "Counter",
		Created: loyaltytest.Now,
	}}, nil
}

func (b *books) EachMember(_ context.Context, _ loyalty.MerchantID, f func(*loyalty.MemberBook) error) error {
	for i := range b.members {
		if err := f(&b.members[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachClaim(_ context.Context, _ loyalty.MerchantID, f func(*loyalty.ClaimCode) error) error {
	purchase := &loyalty.Purchase{Ref: "=1", Total: 5, Currency: "EUR"}
	return f(&loyalty.ClaimCode{ID: loyalty.ClaimID{1}, Earning: loyalty.Earning{Purchase: purchase}, Hash: loyalty.Hash{9}, Key: "secret key"})
}

func (b *books) ContestedItems(_ context.Context, _ loyalty.MerchantID, _ loyalty.TillID, _, _ bool, after loyalty.ContestedID, _ int) ([]loyalty.Contested, error) {
	if !after.IsZero() {
		return nil, nil
	}
	return []loyalty.Contested{{
		ID: loyalty.ContestedID{1}, Till: loyalty.TillID{2}, Item: loyalty.QueueItem{Queue: loyalty.QueueID{3}, Counter: 17}, Captured: loyaltytest.Now,
		Synced: loyaltytest.Now, Action: loyalty.Earn, Units: 2, Code: loyalty.CredentialUsed, Detail: "=used", Note: "@by hand",
	}}, nil
}

func (b *books) EachCardOf(_ context.Context, _ loyalty.MerchantID, f func(*loyalty.CardBook, iter.Seq2[loyalty.DetailedEntry, error]) error) error {
	for i, card := range b.cards {
		err := f(card, func(yield func(loyalty.DetailedEntry, error) bool) {
			for n, entry := range b.entries[i] {
				detailed := loyalty.DetailedEntry{Entry: entry}
				if n == 0 {
					detailed.Salt, detailed.Detail = [16]byte{1}, []byte(`{"note":"why"}`)
				}
				if !yield(detailed, nil) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }

func export(t *testing.T, from *books, f moving.Format) (map[string]*file, moving.Counts) {
	t.Helper()
	files := map[string]*file{}
	work := moving.Export{
		Merchant: loyaltytest.Merchant, Box: box(), Source: from, Format: f,
		Create: func(name string) (io.WriteCloser, error) { files[name] = new(file); return files[name], nil },
	}
	counts, err := work.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return files, counts
}

func somebodysBooks(t *testing.T) *books {
	t.Helper()
	program, all := loyaltytest.Program(t), new(books)
	member := loyalty.Member{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Created: loyaltytest.Now, Changed: loyaltytest.Now}
	box().SealMember(&member, &personal.Profile{
		Name: "Anna", Phone: annas, Email: "anna@example.org", Others: []personal.Contact{{Kind: personal.Phone, Value: bens}},
	}, loyaltytest.Now)
	consent := loyalty.Consent{ID: loyalty.NewID(), Member: member.ID, Purpose: "marketing_email", Given: true, At: loyaltytest.Now}
	box().SealConsent(loyaltytest.Merchant, &consent, &personal.Shown{Wording: "@SUM(A1)"}, loyaltytest.Now)
	all.members = []loyalty.MemberBook{
		{Member: member, Consents: []loyalty.Consent{consent}},
		{Member: loyalty.Member{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant}, Into: member.ID},
	}
	for i, name := range []string{"a", "b", "c"} {
		id := loyalty.MovedCardID(loyaltytest.Merchant, program.ID, name)
		d, err := loyalty.MoveIn(program, loyalty.Command{Merchant: loyaltytest.Merchant, Card: id}, int64(i)*12, loyaltytest.Now.AddDate(-1, 0, 0), loyaltytest.Now, loyalty.NewID)
		if err != nil {
			t.Fatal(err)
		}
		book := &loyalty.CardBook{Card: d.Card, Vouchers: d.Issued}
		if i > 0 {
			book.Member, book.Attached, book.MergedInto, book.Inherited = member.ID, loyaltytest.Now, loyalty.CardID{1}, 5
			book.Changes = []loyalty.CardChange{{ID: loyalty.NewID(), Card: id, Kind: loyalty.Reissue, Surface: loyalty.Print, At: loyaltytest.Now, Note: "=lost"}}
			book.Devices = []loyalty.Device{{
				ID: loyalty.NewID(), Card: id, Home: loyalty.CardID{7}, Kind: loyalty.Browser, Name: "-Pixel",
				Secret: loyalty.Secret{Number: 3, Epoch: 2}, Created: loyaltytest.Now,
			}}
			book.Tags = []loyalty.Tag{{ID: loyalty.NewID(), Card: id, UID: loyalty.TagUID{4, 0xab}, Epoch: 2, Counter: 61, Label: "=fob", Created: loyaltytest.Now}}
			book.Passes = []loyalty.Pass{{ID: loyalty.NewID(), Card: id, Wallet: loyalty.AppleWallet, Language: "pl", Created: loyaltytest.Now}}
		}
		all.cards, all.entries = append(all.cards, book), append(all.entries, d.Entries)
	}
	return all
}

func TestExport(t *testing.T) {
	t.Parallel()
	from := somebodysBooks(t)
	tables, counts := export(t, from, moving.CSV)
	objects, again := export(t, from, moving.NDJSON)
	if !maps.Equal(counts, again) || counts["entries"] == 0 || counts["vouchers"] == 0 {
		t.Errorf("%+v and %+v", counts, again)
	}
	for name, want := range map[string]int{
		"merchant": 1, "locations": 254, "programs": 505, "cards": 3, "members": 1, "merged_members": 1, "contacts": 3, "consents": 1,
		"card_changes": 2, "devices": 2, "details": 2, "claims": 1, "drafts": 0, "brand": 1, "images": 1, "webhooks": 2, "stock": 2, "partners": 2, "passes": 2, "tags": 3, "contested": 1, "agreements": 1,
	} {
		if counts[name] != want {
			t.Errorf("%d %s, want %d", counts[name], name, want)
		}
	}
	for name, want := range counts {
		rows, err := csv.NewReader(tables[name+".csv"]).ReadAll()
		if err != nil || len(rows) != want+1 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		lines := strings.Split(strings.TrimSuffix(objects[name+".ndjson"].String(), "\n"), "\n")
		if want == 0 {
			lines = nil
		}
		if len(lines) != want && (want > 0 || objects[name+".ndjson"].Len() > 0) {
			t.Fatalf("%s: %d objects", name, len(lines))
		}
		for i, line := range lines {
			var object map[string]json.RawMessage
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("%s: %v in %s", name, err, line)
			}
			for column, heading := range rows[0] { // both say the same
				value, given := object[heading]
				cell := rows[i+1][column]
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") && !isNumber(cell) {
					t.Errorf("%s %d: a spreadsheet would reckon with %q", name, i, cell)
				}
				if given != (cell != "") || given && strings.TrimPrefix(cell, "'") != shownAs(value) {
					t.Errorf("%s %d: %s is %q and %v", name, i, heading, cell, value)
				}
			}
		}
	}
}

// What cards look like, who shows them and what is left comes out, too.
func TestExportShows(t *testing.T) {
	t.Parallel()
	objects, _ := export(t, somebodysBooks(t), moving.NDJSON)
	for name, want := range map[string][]string{
		"brand":    {`"name":"@Sole","background":"#ffffff","foreground":"#000000"`, `"logo":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`},
		"images":   {`"width":100,"height":50`, `"file":"image-AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.png"}`},
		"webhooks": {`"kinds":["earn","void"]`},
		"tills":    {`"name":"Counter","readers":["smart_tap"],"offline_redemptions":5,"offline_hours":12}`, `"name":"Window","offline_redemptions":0`},
		"stock":    {`"left":0}`, `"left":4}`},
		"devices":  {`"home":"` + loyalty.CardID{7}.String() + `","kind":"web","name":"-Pixel","number":3,"epoch":2`},
		"tags": {
			`"uid":"04AB0000000000","epoch":2,"counter":61,"label":"=fob"`,
			`"location":"` + loyalty.LocationID{2}.String() + `","program":"` + loyalty.ProgramID{3}.String() + `","uid":"04CD0000000000"`,
		},
		"contested": {`"counter":17`, `"action":"earn","units":2`, `"detail":"=used","note":"@by hand"`},
		"passes":    {`"wallet":"apple","language":"pl"`},
		"claims":    {`"role":"none"`},
		"locations": {`"latitude":-5,"longitude":0}`, `"zone":"UTC"}`}, // the second is not known
	} {
		for _, words := range want {
			if text := objects[name+".ndjson"].String(); !strings.Contains(text, words) {
				t.Errorf("%s: no %s in\n%.600s", name, words, text)
			}
		}
	}
	if got := objects["image-AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.png"]; got == nil || got.String() != "the logo" {
		t.Errorf("the logo is %v", got)
	}
	if text := objects["webhooks.ndjson"].String(); strings.Count(text, "kinds") != 1 || strings.Contains(text, "secret") {
		t.Errorf("one of the webhooks is told of everything: %s", text)
	}
}

// shownAs is a value as a table has it, but for the apostrophe before formulas.
func shownAs(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

func isNumber(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && text[0] != '+'
}

// Nothing is made for a merchant who is not there, and nothing secret comes out.
func TestExportRefuses(t *testing.T) {
	t.Parallel()
	work := moving.Export{
		Merchant: loyaltytest.Stranger, Box: box(), Source: somebodysBooks(t), Format: moving.CSV,
		Create: func(name string) (io.WriteCloser, error) { t.Errorf("%s was made", name); return new(file), nil },
	}
	if _, err := work.Run(t.Context()); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	objects, _ := export(t, somebodysBooks(t), moving.NDJSON)
	if claims := objects["claims.ndjson"].String(); strings.Contains(claims, "secret") || strings.Contains(claims, "hash") {
		t.Error(claims)
	}
}

func TestExportFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	work := moving.Export{
		Merchant: loyaltytest.Merchant, Box: box(), Source: somebodysBooks(t), Format: moving.CSV,
		Create: func(name string) (io.WriteCloser, error) {
			if name == "entries.csv" {
				return nil, full
			}
			return new(file), nil
		},
	}
	if _, err := work.Run(t.Context()); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
