package main

import (
	"errors"
	"math"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
)

func somePasses() *passResults {
	return &passResults{ways: []*way{
		{name: "RSA-2048 signature", prefix: "rsa", rates: []float64{1000, 2000, 1000}, size: 256},
		{name: "pass of a changed card", prefix: "pass", rates: []float64{900, 1600, 950}, size: 30 << 10},
		{name: "passkit-generator, a changed card", prefix: "passkit", rates: []float64{90, 80, 10}},
	}}
}

func TestFiguresOfPasses(t *testing.T) {
	t.Parallel()
	got := somePasses().figures()
	wanted := figures{"rsa_per_s": 1000, "pass_per_s": 950, "pass_vs_rsa": 0.9, "passkit_vs_rsa": 0.04, "pass_vs_passkit": 20}
	for name, want := range wanted {
		if value, ok := got[name]; !ok || math.Abs(value-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}

func TestPassesWithoutPasskit(t *testing.T) {
	t.Parallel()
	all := somePasses()
	all.ways, all.missing = all.ways[:2], errNoPasskit
	var said strings.Builder
	if err := all.print(&said); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "passkit-generator: not measured") || !strings.Contains(said.String(), "0.900") {
		t.Errorf("the table says:\n%s", said.String())
	}
	if _, ok := all.figures()["pass_vs_passkit"]; ok {
		t.Error("there is a ratio to what was not measured")
	}
}

// What is measured is what it is called: each changed card has another pass, and
// an unchanged one the same.
func TestPress(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p, err := openPress(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first, errFirst := p.changed(ctx)
	again, errAgain := p.unchanged(ctx)
	second, errSecond := p.changed(ctx)
	third, errThird := p.drawn(ctx)
	if err := errors.Join(errFirst, errAgain, errSecond, errThird); err != nil {
		t.Fatal(err)
	}
	if &first[0] != &again[0] {
		t.Error("an unchanged pass was made again")
	}
	was, errWas := files(first)
	is, errIs := files(second)
	drawn, errDrawn := files(third)
	if err := errors.Join(errWas, errIs, errDrawn); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pass.json", "en.lproj/pass.strings", "strip@3x.png", "manifest.json", "signature"} {
		if was[name] == nil || string(was[name]) == string(is[name]) || string(is[name]) == string(drawn[name]) {
			t.Errorf("%s is the same on cards that differ, or not there", name)
		}
	}
}

func TestPasskitMakesPasses(t *testing.T) {
	t.Parallel()
	enginetest.Program(t, "node")
	enginetest.Package(t, "../../passes/apple/testdata/passkit")
	p, err := openPress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k, err := startPasskit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	rate, size, err := k.round(t.Context())
	if err != nil || rate <= 0 || size < 10_000 {
		t.Errorf("%v a second of %d bytes (%v)", rate, size, err)
	}
}
