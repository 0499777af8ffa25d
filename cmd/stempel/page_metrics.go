package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/live"
)

// openPages counts the pages of cards that this process tells of changes.
func openPages(hub *live.Hub) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "stempel_open_pages", Help: "Pages of cards that are open in browsers and told of changes by this process.",
	}, func() float64 { return float64(hub.Pages()) })
}
