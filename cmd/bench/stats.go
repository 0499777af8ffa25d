package main

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// percentile is the smallest value that at least a share p (0 to 1) of the values
// do not exceed: the nearest rank. Values must be sorted; of none it is zero.
func percentile[T cmp.Ordered](sorted []T, p float64) T {
	if len(sorted) == 0 {
		var zero T
		return zero
	}
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the middle value, or the mean of the middle two; of none it is NaN.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// medianOf is the median of one figure over all rounds.
func medianOf[T any](rounds []T, figure func(T) float64) float64 {
	values := make([]float64, len(rounds))
	for i, round := range rounds {
		values[i] = figure(round)
	}
	return median(values)
}

// medianRatio is the median of a figure's ratios, each between two measurements
// of the same round. Machines drift; neighbours in time drift together.
func medianRatio[A, B any](over []A, under []B, figureA func(A) float64, figureB func(B) float64) float64 {
	ratios := make([]float64, min(len(over), len(under)))
	for i := range ratios {
		ratios[i] = figureA(over[i]) / figureB(under[i])
	}
	return median(ratios)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
