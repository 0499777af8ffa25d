package main

import (
	"encoding/base64"
	"testing"

	"stempel/scanner/smarttap/smarttaptest"
	"stempel/scanner/vas/vastest"
)

// Readers' keys are taken as they are, and open what is theirs.
func TestReaderSettings(t *testing.T) {
	t.Parallel()
	former, reader, tap := vastest.NewReader(), vastest.NewReader(), smarttaptest.NewReader(20180608)
	s := readerSettings{
		VASKeys:      vastest.PEM(former) + vastest.PEM(reader),
		SmartTapKeys: tap.PEM(), SmartTapCollector: "20180608",
	}
	var wrong problems
	s.check(&wrong, base64.StdEncoding.EncodeToString(vastest.SPKI(reader)))
	if err := wrong.err(); err != nil {
		t.Fatal(err)
	}
	got := s.phones("pass.com.example.loyalty")
	if len(got.VAS) != 2 || got.PassType != "pass.com.example.loyalty" || got.SmartTap.Collector != tap.Collector || len(got.SmartTap.Keys) != 1 {
		t.Errorf("%+v", got)
	}
	if none := new(readerSettings).phones(""); len(none.VAS) != 0 || none.SmartTap != nil {
		t.Errorf("without settings: %+v", none)
	}
}
