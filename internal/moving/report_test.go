package moving

import (
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

func TestCSVReport(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	id := loyalty.MovedCardID(loyalty.MerchantID{1}, loyalty.ProgramID{2}, "a")
	report, err := NewCSVReport(&text)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []Line{
		{Number: 2, Ref: "a,b", Card: id, Result: Stored},
		{Number: 3, Result: Refused, Field: "=cmd|x", Detail: "@evil \"quoted\""},
	} {
		if err := report.Line(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := report.Close(); err != nil {
		t.Fatal(err)
	}
	want := "line,ref,card,member,result,field,detail\n" +
		"2,\"a,b\"," + id.String() + ",,stored,,\n" +
		"3,,,,refused,'=cmd|x,\"'@evil \"\"quoted\"\"\"\n"
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
}
