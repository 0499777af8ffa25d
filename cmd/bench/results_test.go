package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stretch makes a second of load.
func stretch(count int, latency time.Duration, s spent) measured {
	return measured{count: count, elapsed: time.Second, latencies: []time.Duration{latency}, spent: s}
}

func someResults() *results {
	scans := spent{client: 20 * time.Millisecond, api: 100 * time.Millisecond, postgres: 60 * time.Millisecond, redis: 20 * time.Millisecond}
	return &results{
		driver: []measured{stretch(1000, time.Millisecond, spent{client: 5 * time.Millisecond})},
		pgbench: []measured{
			stretch(2000, 2*time.Millisecond, spent{client: 20 * time.Millisecond, postgres: 100 * time.Millisecond}),
			stretch(4000, time.Millisecond, spent{client: 40 * time.Millisecond, postgres: 200 * time.Millisecond}),
		},
		rows: []*row{
			{name: "live", prefix: "scan", peak: 50 << 20, rounds: []measured{
				stretch(1000, 4*time.Millisecond, scans), stretch(2000, 2*time.Millisecond, scans),
			}},
			{name: "purchase", prefix: "purchase", rounds: []measured{stretch(800, time.Millisecond, scans), stretch(1600, time.Millisecond, scans)}},
			{name: "rules", prefix: "rules", rounds: []measured{stretch(760, time.Millisecond, scans), stretch(1520, time.Millisecond, scans)}},
			{name: "hot", prefix: "hot_card", rounds: []measured{stretch(500, time.Millisecond, scans), stretch(1000, time.Millisecond, scans)}},
			{name: "sqlite", prefix: "sqlite", peak: 40 << 20, rounds: []measured{
				stretch(100, time.Millisecond, scans), stretch(200, time.Millisecond, scans),
			}},
		},
	}
}

func TestFiguresOfABench(t *testing.T) {
	t.Parallel()
	got := someResults().figures()
	wanted := figures{
		"rounds":              2,
		"scan_vs_pgbench":     0.5, // of each pair, though pgbench itself doubled
		"scan_p99_vs_pgbench": 2,
		"scan_per_s":          1500,
		"scan_api_us":         75, // the median of 100 and 50
		"scan_core_us":        150,
		"driver_us":           5,
		"hot_card_vs_pgbench": 0.25,
		"rules_ratio":         0.95,
		"rules_core_ratio":    1 / 0.95, // the same CPU time for fewer scans
		"pgbench_tps":         3000,
		"pgbench_postgres_us": 50,
		"server_rss_mib":      50,
		"sqlite_scans_per_s":  150,
		"sqlite_vs_live":      0.1,
	}
	for name, want := range wanted {
		if value, ok := got[name]; !ok || math.Abs(value-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}

func TestFiguresOfOneRow(t *testing.T) {
	t.Parallel()
	all := someResults()
	all.rows = all.rows[4:]
	got := all.figures()
	if _, ok := got["sqlite_vs_live"]; ok {
		t.Error("there is a ratio to a row that was not measured")
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	if err := someResults().print(&said); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"vs pgbench", "live  0.500", "sqlite  0.050", "Medians of 2 rounds"} {
		if !strings.Contains(strings.Join(strings.Fields(said.String()), "  "), strings.Join(strings.Fields(want), "  ")) {
			t.Errorf("the table lacks %q:\n%s", want, said.String())
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	good := func() *outcomes {
		return &outcomes{
			floods: []floodOutcome{{name: "on", credentials: 2, presented: 1000, credits: 2, earns: 2}},
			storms: []stormOutcome{
				{name: "PostgreSQL", prefix: "postgres_", scans: 10, verdict: verdict{acknowledged: 10, redeemed: 1}},
				{name: "SQLite", prefix: "sqlite_", scans: 10, verdict: verdict{acknowledged: 10, redeemed: 1}},
			},
			campaign: campaignOutcome{wallets: 100, kills: 2, sent: 103, doubled: 3, interrupted: 5},
		}
	}
	if all := good(); !all.hold() || all.figures()["acknowledged"] != 20 || all.figures()["sqlite_acknowledged"] != 10 || all.figures()["lost"] != 0 {
		t.Errorf("a good run is told as %+v", all.figures())
	}
	for name, spoil := range map[string]func(*outcomes){
		"doubled":          func(o *outcomes) { o.floods[0].earns = 3 },
		"lost":             func(o *outcomes) { o.storms[1].lost = 1 },
		"double_redeemed":  func(o *outcomes) { o.storms[0].doubleRedeemed = 1 },
		"changed_answers":  func(o *outcomes) { o.storms[0].changed = 1 },
		"jobs_lost":        func(o *outcomes) { o.storms[1].jobsLost = 1 },
		"jobs_astray":      func(o *outcomes) { o.storms[0].astray = 1 },
		"jobs_forged":      func(o *outcomes) { o.storms[0].forged = 1 },
		"troubles":         func(o *outcomes) { o.storms[0].troubles = []string{"status 500"} },
		"audit_failed":     func(o *outcomes) { o.storms[1].audit = errors.New("a chain is broken") },
		"flood_badly_told": func(o *outcomes) { o.floods[0].badlyTold = 1 },
		"updates_lost":     func(o *outcomes) { o.campaign.stale = 1 },
		"updates_doubled":  func(o *outcomes) { o.campaign.doubled = 6 }, // of which a kill explains 5
	} {
		all := good()
		spoil(all)
		var said strings.Builder
		if err := all.print(&said); err != nil {
			t.Fatal(err)
		}
		if all.hold() || all.figures()[name] != 1 || !strings.Contains(said.String(), "NO") {
			t.Errorf("%s: holds %v, figures %v\n%s", name, all.hold(), all.figures(), said.String())
		}
	}
	if f := good().figures(); f["updates_sent"] != 203 || f["updates_repeated"] != 3 || f["updates_cut_off"] != 5 || f["updates_doubled"] != 0 {
		t.Errorf("a good campaign is told as %v", f)
	}
	for what, spoil := range map[string]func(*campaignOutcome){
		"missed": func(o *campaignOutcome) { o.missed = 1 }, "lost": func(o *campaignOutcome) { o.lost = 1 },
		"left": func(o *campaignOutcome) { o.left = 1 }, "dead": func(o *campaignOutcome) { o.dead = 1 },
		"wrong": func(o *campaignOutcome) { o.wrong = 1 }, "told again": func(o *campaignOutcome) { o.again = 1 },
	} {
		all := good()
		spoil(&all.campaign)
		if f := all.figures(); all.hold() || f["updates_lost"]+f["updates_doubled"] != 1 {
			t.Errorf("%s: holds %v, figures %v", what, all.hold(), f)
		}
	}
	short := good()
	short.storms[1].acknowledged = 9
	if short.hold() {
		t.Error("a scan that was never acknowledged passes")
	}
}

func TestFiguresAreWrittenFlat(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "figures.json")
	if err := (figures{"b": 2, "a": 1.5}).write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]float64
	if err := json.Unmarshal(text, &read); err != nil || read["a"] != 1.5 || read["b"] != 2 {
		t.Errorf("%s was written (%v)", text, err)
	}
	if err := (figures{"a": math.NaN()}).write(path); err == nil {
		t.Error("what is no number was written")
	}
	if err := (figures{"a": math.NaN()}).write(""); err != nil {
		t.Errorf("nothing was to be written: %v", err)
	}
}
