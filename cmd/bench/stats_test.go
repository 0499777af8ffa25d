package main

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	tests := []struct {
		name   string
		sorted []int
		p      float64
		want   int
	}{
		{"none", nil, 0.5, 0},
		{"one", []int{7}, 0.99, 7},
		{"lowest", hundred, 0, 1},
		{"middle of an even number", hundred, 0.5, 50},
		{"middle of an odd number", []int{1, 2, 3}, 0.5, 2},
		{"p99", hundred, 0.99, 99},
		{"just above p99", hundred, 0.991, 100},
		{"highest", hundred, 1, 100},
	}
	for _, tt := range tests {
		if got := percentile(tt.sorted, tt.p); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestPercentileDividesTheValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(-50, 50), 1, 200).Draw(t, "values")
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		slices.Sort(values)
		got := percentile(values, p)
		atMost, below := 0, 0
		for _, v := range values {
			if v <= got {
				atMost++
			}
			if v < got {
				below++
			}
		}
		n := float64(len(values))
		if float64(atMost) < p*n-1e-9 || p > 0 && float64(below) >= p*n {
			t.Fatalf("percentile %v is %d: %d are at most that, %d below, of %d", p, got, atMost, below, len(values))
		}
	})
}

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
	}
	for _, tt := range tests {
		before := slices.Clone(tt.values)
		if got := median(tt.values); got != tt.want {
			t.Errorf("the median of %v is %v, want %v", tt.values, got, tt.want)
		}
		if !slices.Equal(before, tt.values) {
			t.Errorf("%v was put in order: %v", before, tt.values)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

// A machine that slows down half-way changes both sides of a pair, not the ratio.
func TestMedianRatioIsOfPairs(t *testing.T) {
	t.Parallel()
	itself := func(x float64) float64 { return x }
	scans, yardstick := []float64{50, 48, 5, 4.8}, []float64{100, 96, 10, 9.6}
	if got := medianRatio(scans, yardstick, itself, itself); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("got %v, want 0.5", got)
	}
	if got := medianRatio(scans, nil, itself, itself); !math.IsNaN(got) {
		t.Errorf("without pairs: got %v", got)
	}
}
