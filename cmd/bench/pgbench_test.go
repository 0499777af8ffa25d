package main

import (
	"slices"
	"testing"
	"time"
)

const pgbenchReport = `pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: script.sql
scaling factor: 1
query mode: prepared
number of clients: 32
number of threads: 2
maximum number of tries: 1
duration: 3 s
number of transactions actually processed: 30000
number of failed transactions: 0 (0.000%)
latency average = 3.198 ms
initial connection time = 91.224 ms
tps = 10000.000000 (without initial connection time)
`

func TestParsePgbench(t *testing.T) {
	t.Parallel()
	got, err := parsePgbench(pgbenchReport)
	if err != nil || got.count != 30000 || got.elapsed != 3*time.Second {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, report := range []string{
		"",
		"number of transactions actually processed: 0\ntps = 0.000000 (without initial connection time)\n",
		"number of transactions actually processed: 5\n",
		"number of transactions actually processed: 5\ntps = NaN (without)\n",
		"tps = 10.0 (without initial connection time)\n",
	} {
		if got, err := parsePgbench(report); err == nil {
			t.Errorf("%q was read as %+v", report, got)
		}
	}
}

func TestAppendLatencies(t *testing.T) {
	t.Parallel()
	got, err := appendLatencies(nil, "0 199 2241 0 1175850568 995598\n31 7 90 0 1175850569 608 1\n")
	if want := []time.Duration{2241 * time.Microsecond, 90 * time.Microsecond}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, log := range []string{"0 199 2241\n", "0 199 skipped 0 1175850568 995598\n", "\n"} {
		if got, err := appendLatencies(nil, log); err == nil {
			t.Errorf("%q was read as %v", log, got)
		}
	}
}

func FuzzAppendLatencies(f *testing.F) {
	f.Add("0 199 2241 0 1175850568 995598\n")
	f.Fuzz(func(t *testing.T, log string) {
		latencies, err := appendLatencies(nil, log)
		for _, l := range latencies {
			if err == nil && l < 0 {
				t.Fatalf("%q took %v", log, l)
			}
		}
	})
}
