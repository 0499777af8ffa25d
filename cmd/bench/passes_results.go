package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// passResults are the rounds of all ways.
type passResults struct {
	ways    []*way // the yardstick first
	missing error  // why passkit-generator was not measured; nil: it was
}

// perSecond is the median of a way's rounds.
func (w *way) perSecond() float64 { return median(w.rates) }

// versus is the median of the ratios to another way in the same round.
func (w *way) versus(other *way) float64 {
	bare := func(rate float64) float64 { return rate }
	return medianRatio(w.rates, other.rates, bare, bare)
}

// print writes the table.
func (all *passResults) print(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tper core and s\tvs RSA\tKiB\t")
	yardstick := all.ways[0]
	for _, w := range all.ways {
		fmt.Fprintf(table, "%s\t%.0f\t%.3f\t%.1f\t\n", w.name, w.perSecond(), w.versus(yardstick), float64(w.size)/(1<<10))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if all.missing != nil {
		fmt.Fprintf(to, "\npasskit-generator: %v.\n", all.missing)
	}
	_, err := fmt.Fprintf(to, "\nMedians of %d rounds of CPU time; ratios are between neighbours of one round. RSA is Go's rsa.SignPKCS1v15 of a\n"+
		"SHA-256 with the key of the passes. The pass of a changed card is in no cache: it is made from the card's state, its\n"+
		"words in three languages included; only its pictures were drawn before, for another card that has come as far.\n", len(yardstick.rates))
	return err
}

// figures are the same as flat numbers.
func (all *passResults) figures() figures {
	f := figures{}
	byPrefix := map[string]*way{}
	for _, w := range all.ways {
		byPrefix[w.prefix] = w
		f[w.prefix+"_per_s"] = w.perSecond()
		if w != all.ways[0] {
			f[w.prefix+"_vs_rsa"] = w.versus(all.ways[0])
		}
	}
	if other := byPrefix["passkit"]; other != nil {
		f["pass_vs_passkit"] = byPrefix["pass"].versus(other)
	}
	return f
}
