package main

import "time"

// measured is what one stretch of load came to: scans over HTTP, or pgbench's
// transactions.
type measured struct {
	count     int
	elapsed   time.Duration
	latencies []time.Duration // sorted; all, or a fair sample
	spent     spent
}

func (m measured) perSecond() float64 { return float64(m.count) / m.elapsed.Seconds() }
func (m measured) p50() float64       { return millis(percentile(m.latencies, 0.50)) }
func (m measured) p99() float64       { return millis(percentile(m.latencies, 0.99)) }

// each is CPU time per scan or transaction, in µs on one core.
func (m measured) each(d time.Duration) float64 { return micros(d) / float64(m.count) }
