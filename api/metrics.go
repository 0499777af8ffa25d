package api

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// metrics are what the API counts of itself. Their labels are words of the
// contract: routes, not paths, and no ids. A label per card would fill the memory
// of whoever collects them.
type metrics struct {
	requests series[answered, prometheus.Observer]
	problems series[string, prometheus.Counter] // by code
	scans    series[scanned, prometheus.Counter]
	waits    series[string, prometheus.Observer] // by action
	repeated prometheus.Counter
	lookups  map[string]prometheus.Counter // by result
	taps     *prometheus.CounterVec        // at the counter, by result
	skipped  prometheus.Counter
	late     prometheus.Counter
	synced   series[gen.SyncState, prometheus.Counter]
	page     fasthttp.RequestHandler
}

// answered is what a request is counted by.
type answered struct {
	route, method string
	status        int
}

// scanned is what the action of a till is counted by.
type scanned struct {
	action string
	method loyalty.Method // Office: not known, the code could not be read
	result string
	code   string // of the problem; empty for a success
}

// actions are what tills do with people waiting, by route.
var actions = map[string]string{
	"/v1/scans":                 "scan",
	"/v1/scans/earn":            "earn",
	"/v1/scans/redeem":          "redeem",
	"/v1/scans/grant":           "grant",
	"/v1/scans/opening":         "opening",
	"/v1/claims":                "slip", // a claim code for somebody without a phone
	"/v1/entries/:entry/void":   "void",
	"/v1/entries/:entry/refund": "refund",
}

// How the action of a till can end.
const (
	posted   = "posted"   // the ledger has an entry more
	looked   = "looked"   // the card was shown, nothing was asked for
	issued   = "issued"   // a claim code was given out, which posts later
	repeated = "repeated" // the stored answer of a request that was sent again
	refused  = "refused"  // nothing happened; the code says why
	failed   = "failed"   // our fault, or too much to do
)

// How a look-up can end, other than refused.
const (
	foundSomebody = "found"
	foundNobody   = "not_found"
)

func newMetrics(registry *prometheus.Registry) *metrics {
	requests := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "stempel_http_request_duration_seconds",
		Help:    "Time to answer a request, by route, method and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"route", "method", "status"})
	problems := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_problems_total",
		Help: "Answers that were not a success, by problem code.",
	}, []string{"code"})
	scans := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_scans_total",
		Help: "What tills asked for with a customer waiting, by action (scan, earn, redeem, grant, opening, slip, void, refund), method of the " +
			"code, result (posted, looked, issued, repeated, refused, failed) and problem code.",
	}, []string{"action", "method", "result", "code"})
	waits := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "stempel_scan_duration_seconds",
		Help:    "Time until a till has its answer, network excluded, by action.",
		Buckets: []float64{.001, .002, .003, .005, .0075, .01, .015, .02, .03, .05, .075, .1, .2, .3, .5, 1, 2, 5, 10},
	}, []string{"action"})
	again := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "stempel_idempotent_replays_total",
		Help: "Requests that were sent again with their Idempotency-Key and got the stored answer.",
	})
	lookups := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_lookups_total",
		Help: "Customers and receipts that staff looked up by hand, by result: found, not_found or refused.",
	}, []string{"result"})
	taps := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_counter_taps_total",
		Help: "What became of taps at the counter, by result (posted, waiting, refused; then approved or refused_by_till).",
	}, []string{"result"})
	for _, result := range []string{"posted", "waiting", "refused", "approved", "refused_by_till"} {
		taps.WithLabelValues(result)
	}
	skipped := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "stempel_counter_taps_skipped_total",
		Help: "Taps of counter tags that nobody had come with when a later one came.",
	})
	late := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "stempel_counter_taps_late_total",
		Help: "Taps of counter tags that came after a later one, and in time.",
	})
	items := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_offline_items_total",
		Help: "What tills did without a network and sent later, by what became of it: posted, contested, later (to be sent again), refused. An item that is sent again counts again.",
	}, []string{"state"})
	for _, state := range []gen.SyncState{gen.SyncStatePosted, gen.SyncStateContested, gen.SyncStateLater, gen.SyncStateRefused} {
		items.WithLabelValues(string(state)) // so that they begin at 0
	}
	registry.MustRegister(requests, problems, scans, waits, again, lookups, taps, skipped, late, items)
	m := &metrics{
		taps: taps, skipped: skipped, late: late,
		repeated: again,
		lookups: map[string]prometheus.Counter{
			foundSomebody: lookups.WithLabelValues(foundSomebody), foundNobody: lookups.WithLabelValues(foundNobody), refused: lookups.WithLabelValues(refused),
		},
		page: fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})),
	}
	m.requests.find = func(a answered) prometheus.Observer {
		return requests.WithLabelValues(a.route, a.method, strconv.Itoa(a.status))
	}
	m.problems.find = func(code string) prometheus.Counter { return problems.WithLabelValues(code) }
	m.scans.find = func(s scanned) prometheus.Counter {
		return scans.WithLabelValues(s.action, methodLabel(s.method), s.result, s.code)
	}
	m.synced.find = func(state gen.SyncState) prometheus.Counter { return items.WithLabelValues(string(state)) }
	m.waits.find = func(action string) prometheus.Observer { return waits.WithLabelValues(action) }
	return m
}

func methodLabel(m loyalty.Method) string {
	if m == loyalty.Office {
		return "unknown"
	}
	return m.String()
}

// measure counts every request, answered or not, and logs it. It costs a few
// atomic additions: no lock that tills share, and nothing allocated.
func (s *Server) measure(c *fiber.Ctx) error {
	began := time.Now()
	if err := c.Next(); err != nil {
		if err := s.problem(c, err); err != nil {
			return err
		}
	}
	took := time.Since(began)
	route := routeOf(c)
	code, _ := c.Locals(codeLocal).(string)
	s.metrics.count(c, route, code, took)
	s.logRequest(c, route, code, took)
	return nil
}

// routeOf is the pattern of the address that a request came to, or none.
func routeOf(c *fiber.Ctx) string {
	if route := c.Route().Path; route != "/" {
		return route
	}
	return "none"
}

func (m *metrics) count(c *fiber.Ctx, route, code string, took time.Duration) {
	status := c.Response().StatusCode()
	m.requests.of(answered{route, c.Method(), status}).Observe(took.Seconds())
	if code != "" {
		m.problems.of(code).Inc()
	}
	again := len(c.Response().Header.Peek(replayedHeader)) > 0
	if again {
		m.repeated.Inc()
	}
	action, ok := actions[route]
	if !ok || c.Method() != fiber.MethodPost {
		return
	}
	method, _ := c.Locals(methodLocal).(loyalty.Method)
	m.scans.of(scanned{action, method, result(c, status, again), code}).Inc()
	m.waits.of(action).Observe(took.Seconds())
}

// lookedUp counts a look-up; what failed through our fault is none.
func (m *metrics) lookedUp(matches int, err error) {
	var refusal *loyalty.Refusal
	switch {
	case errors.As(err, &refusal):
		m.lookups[refused].Inc()
	case err != nil:
	case matches > 0:
		m.lookups[foundSomebody].Inc()
	default:
		m.lookups[foundNobody].Inc()
	}
}

func result(c *fiber.Ctx, status int, again bool) string {
	success, told := c.Locals(successLocal).(string)
	switch {
	case status >= fiber.StatusInternalServerError:
		return failed
	case status >= fiber.StatusBadRequest:
		return refused
	case again:
		return repeated
	case told:
		return success
	}
	return posted
}
