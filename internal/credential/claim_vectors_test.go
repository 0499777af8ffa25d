package credential

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// claimCase is a claim code as somebody typed it, and how it is read.
type claimCase struct {
	Name   string       `json:"name"`
	Text   string       `json:"text"`
	Result loyalty.Code `json:"result"`         // ok, or the code of the refusal
	Code   string       `json:"code,omitempty"` // as it is printed
}

func TestClaimVectors(t *testing.T) {
	t.Parallel()
	file := vectorFile[claimCase]{
		About: "Claim codes as people type them: see tokens.md. No server has given them out.",
		Cases: claimCases(),
	}
	for _, c := range readVectors(t, "claim.json", file) {
		got, err := ParseClaim(c.Text)
		if codeOf(t, err) != c.Result {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Result)
			continue
		}
		checkRefusal(t, c.Text, err)
		if err != nil {
			continue
		}
		if want, err := ParseClaim(c.Code); err != nil || got != want {
			t.Errorf("%s is not read as %s (%v)", c.Name, c.Code, err)
		}
	}
}

func claimCases() []claimCase {
	printed := NewClaims(claimKey).Mint(fixedID(1), time.Time{}).Text
	plain := strings.ReplaceAll(printed, "-", "")
	accepted := func(name, text string) claimCase { return claimCase{name, text, "ok", printed} }
	refused := func(name, text string) claimCase { return claimCase{Name: name, Text: text, Result: ClaimMalformed} }
	ones := bytes.Repeat([]byte{1}, claimDigits)
	check := string(claimText[times2(remainder(ones))])
	return []claimCase{
		accepted("as printed", printed),
		accepted("without groups", plain),
		accepted("lower case", strings.ToLower(printed)),
		accepted("other groups, other dashes", plain[:3]+" – "+plain[3:9]+"—"+plain[9:]),
		accepted("line breaks, tabs, spaces that do not break", "\t"+plain[:5]+"\r\n"+plain[5:10]+"\u00a0"+plain[10:]+" \n"),
		{"letters for digits", "7zq4m k2tre ov9wo", "ok", "7ZQ4M-K2TRE-0V9W0"},
		{"I and L for 1", "liIL1 lI1i1 111I" + check, "ok", "11111-11111-1111" + check},
		{"all zeros", "OOOOO-00000-ooooo", "ok", "00000-00000-00000"},

		refused("empty", ""),
		refused("only dashes", "--"),
		refused("cut short", printed[:len(printed)-1]),
		refused("a character too long", printed+"0"),
		refused("twice", printed+printed),
		refused("one wrong character", swapped(printed, 0, 'Z')),
		refused("wrong check character", swapped(printed, len(printed)-1, 'Z')),
		refused("two characters that changed places", printed[:1]+printed[2:3]+printed[1:2]+printed[3:]),
		refused("the first and the last changed places", plain[14:]+plain[1:14]+plain[:1]),
		refused("a U, which is not in the alphabet", "U"+printed[1:]),
		refused("a dot between groups", plain[:5]+"."+plain[5:10]+"."+plain[10:]),
		refused("an underscore between groups", plain[:5]+"_"+plain[5:]),
		refused("letters of full width", "Ａ"+printed[1:]),
		refused("a Kelvin sign for K", "7ZQ4M-\u212a2TRE-0V9W0"),
		refused("a dotless i for 1", "\u0131\u0131\u0131\u0131\u0131-11111-11111"),
		refused("NUL at the end", printed+"\x00"),
		refused("more than 64 bytes", strings.Repeat(" ", 60)+printed),
		refused("the id of a claim", "claim_01h455vb4pex5vsknk084sn02q"),
	}
}

// swapped is a text with another character at a place.
func swapped(text string, at int, c byte) string {
	if text[at] == c {
		c = 'Y'
	}
	return text[:at] + string(c) + text[at+1:]
}
