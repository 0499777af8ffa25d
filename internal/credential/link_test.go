package credential

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	links := NewLinks(linkKey)
	const path = "/v1/cards/card_01jd6rm400e008000000000001/qr.png"
	end := now.Add(LinkLife)
	signature := links.Sign(path, end, now)
	if url.QueryEscape(signature) != signature {
		t.Errorf("%s cannot stand in a URL", signature)
	}
	other := NewLinks(macKey("u02", "stempel test link")).Sign(path, end, now)
	stranger := NewLinks(macKey("u01", "stempel test of another deployment")).Sign(path, end, now)
	tooLong := now.Add(time.Hour)
	tests := []struct {
		name      string
		path      string
		expires   time.Time
		signature string
		at        time.Time
		want      loyalty.Code
	}{
		{"good", path, end, signature, now, "ok"},
		{"good, as read from the URL's seconds", path, time.Unix(end.Unix(), 0), signature, now, "ok"},
		{"good at its end", path, end, signature, end, "ok"},
		{"expired", path, end, signature, end.Add(time.Second), LinkExpired},
		{"another path", path + "x", end, signature, now, LinkInvalid},
		{"prolonged", path, end.Add(time.Second), signature, now, LinkInvalid},
		{"signed for too long", path, tooLong, links.Sign(path, tooLong, now), now, LinkInvalid},
		{"unknown key", path, end, other, now, LinkInvalid},
		{"another deployment", path, end, stranger, now, LinkInvalid},
		{"empty", path, end, "", now, LinkInvalid},
		{"no MAC", path, end, "u01.", now, LinkInvalid},
		{"a longer MAC", path, end, signature + "AA", now, LinkInvalid},
		{"a line break", path, end, signature + "\n", now, LinkInvalid},
		{"another spelling", path, end, signature[:len(signature)-1] + otherSpelling(signature), now, LinkInvalid},
		{"forged and expired", path + "x", end, signature, end.Add(time.Hour), LinkInvalid},
	}
	for _, tt := range tests {
		err := links.Check(tt.path, tt.expires, tt.signature, tt.at)
		if codeOf(t, err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v shows the path", tt.name, err)
		}
	}
	for changed := range flips(signature) {
		if links.Check(path, end, changed, now) == nil {
			t.Errorf("accepted %q for %q", changed, signature)
		}
	}
}

func FuzzLinkCheck(f *testing.F) {
	links := NewLinks(linkKey)
	f.Add("/x", links.Sign("/x", now, now))
	f.Add("/x", "u01.AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, path, signature string) {
		err := links.Check(path, now, signature, now)
		if code := codeOf(t, err); code != LinkInvalid && signature != links.Sign(path, now, now) {
			t.Fatalf("%s for %q with %q", code, path, signature)
		}
	})
}
