package main

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       procStat
		bad        bool
	}{
		{
			name: "a session of PostgreSQL",
			text: "214 (postgres: a) b c) S 200 214 214 0 -1 4194560 900 0 1 0 12 34 5 6 20 0 1 0 99 1 2",
			want: procStat{parent: 200, own: 460 * time.Millisecond, reaped: 110 * time.Millisecond},
		},
		{name: "no name", text: "214 S 200", bad: true},
		{name: "cut short", text: "214 (x) S 200 214 214 0 -1 4194560 900 0 1 0 12 34 5", bad: true},
		{name: "not a number", text: "214 (x) S 200 214 214 0 -1 4194560 900 0 1 0 12 3x 5 6 20", bad: true},
		{name: "empty", text: "", bad: true},
	}
	for _, tt := range tests {
		got, err := parseStat([]byte(tt.text))
		if (err != nil) != tt.bad || got != tt.want {
			t.Errorf("%s: got %+v, %v", tt.name, got, err)
		}
	}
}

func TestTreeTime(t *testing.T) {
	t.Parallel()
	stats := map[int]procStat{
		1: {parent: 0, own: 1000, reaped: 2000},
		2: {parent: 1, own: 1, reaped: 2},
		3: {parent: 2, own: 10, reaped: 20},
		4: {parent: 3, own: 100, reaped: 200},
	}
	if got := treeTime(stats, 2); got != 333 {
		t.Errorf("got %d, want that of 2, 3 and 4", got)
	}
}

func TestParsePeak(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want int64
		bad  bool
	}{
		{text: "Name:\tstempel\nVmPeak:\t 9999 kB\nVmHWM:\t   1024 kB\nVmRSS:\t 512 kB\n", want: 1 << 20},
		{text: "Name:\tstempel\nState:\tZ (zombie)\n", bad: true},
		{text: "VmHWM:\t   1024 MB\n", bad: true},
		{text: "VmHWM:\t kB\n", bad: true},
	}
	for _, tt := range tests {
		got, err := parsePeak([]byte(tt.text))
		if (err != nil) != tt.bad || got != tt.want {
			t.Errorf("%q: got %d, %v", tt.text, got, err)
		}
	}
}

func TestOurselves(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc here")
	}
	for time.Since(started) < 20*tick { // until even /proc shows some work
	}
	used, err := cpuTime(os.Getpid())
	if err != nil || used <= 0 {
		t.Errorf("we used %v of CPU (%v)", used, err)
	}
	peak, err := peakMemory(os.Getpid())
	if err != nil || peak < 1<<20 {
		t.Errorf("we had %d bytes at most (%v)", peak, err)
	}
	if _, err := cpuTime(1 << 30); err == nil {
		t.Error("a process that cannot be has a CPU time")
	}
}

var started = time.Now()
