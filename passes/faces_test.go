package passes

import (
	"context"
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// drawer is a shelf with one card's holder on it.
type drawer struct {
	holder loyalty.Member
	err    error
}

func (drawer) Merchant(context.Context, loyalty.MerchantID) (loyalty.Merchant, error) {
	return loyalty.Merchant{Name: "Gelateria Sole"}, nil
}

func (drawer) Brand(context.Context, loyalty.MerchantID) (loyalty.Brand, error) {
	return loyalty.Brand{}, nil
}

func (drawer) Locations(context.Context, loyalty.MerchantID, loyalty.LocationID, int) ([]loyalty.Location, error) {
	return nil, nil
}

func (drawer) Entries(context.Context, loyalty.MerchantID, loyalty.CardID, int64, int) ([]loyalty.Entry, error) {
	return nil, nil
}

func (d drawer) MemberOfCard(context.Context, loyalty.MerchantID, loyalty.CardID) (loyalty.Member, error) {
	return d.holder, d.err
}

// A face says whose card it is where the program wants that, and where it is known;
// nobody opens a name otherwise.
func TestFacesSayWhoseCardItIs(t *testing.T) {
	t.Parallel()
	damaged := errors.New("it does not open")
	opens := func(name string, err error) func(*loyalty.Member) (string, error) {
		return func(m *loyalty.Member) (string, error) {
			if string(m.Sealed) != "sealed" {
				t.Errorf("opened %q", m.Sealed)
			}
			return name, err
		}
	}
	anna := loyalty.Member{Sealed: []byte("sealed")}
	for name, tt := range map[string]struct {
		shows bool
		shelf drawer
		open  func(*loyalty.Member) (string, error)
		want  string
		err   error
	}{
		"shown":              {true, drawer{holder: anna}, opens("Anna", nil), "Anna", nil},
		"not to be shown":    {false, drawer{err: damaged}, opens("Anna", damaged), "", nil},
		"nobody's":           {true, drawer{err: loyalty.ErrNotFound}, opens("Anna", nil), "", nil},
		"without a name":     {true, drawer{holder: anna}, opens("", nil), "", nil},
		"nobody opens names": {true, drawer{err: damaged}, nil, "", nil},
		"it does not open":   {true, drawer{holder: anna}, opens("", damaged), "", damaged},
		"it cannot be read":  {true, drawer{err: damaged}, opens("Anna", nil), "", damaged},
	} {
		t.Run(name, func(t *testing.T) {
			program := loyaltytest.Program(t, func(r *loyalty.Rules) { r.ShowsName = tt.shows })
			state := &loyalty.State{Card: loyaltytest.Card(program, "anna"), Program: program}
			faces := Faces{Shelf: tt.shelf, Name: tt.open, Now: func() time.Time { return loyaltytest.Now }}
			face, err := faces.Face(t.Context(), state, English)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if face.Holder != tt.want {
				t.Errorf("it is %q's, want %q", face.Holder, tt.want)
			}
			faces.Name = nil
			if plain, err := faces.Face(t.Context(), state, English); err != nil || (plain.Version == face.Version) != (tt.want == "") {
				t.Errorf("with and without %q the versions are %v and %v, %v", tt.want, face.Version, plain.Version, err)
			}
		})
	}
}
