package api

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

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
	"/v1/scans":               "scan",
	"/v1/scans/earn":          "earn",
	"/v1/scans/redeem":        "redeem",
	"/v1/scans/grant":         "grant",
	"/v1/scans/opening":       "opening",
	"/v1/claims":              "slip", // a claim code for somebody without a phone
	"/v1/entries/:entry/void": "void",
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
		Help: "What tills asked for with a customer waiting, by action (scan, earn, redeem, opening, slip, void), method of the " +
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
	registry.MustRegister(requests, problems, scans, waits, again)
	m := &metrics{
		repeated: again,
		page:     fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})),
	}
	m.requests.find = func(a answered) prometheus.Observer {
		return requests.WithLabelValues(a.route, a.method, strconv.Itoa(a.status))
	}
	m.problems.find = func(code string) prometheus.Counter { return problems.WithLabelValues(code) }
	m.scans.find = func(s scanned) prometheus.Counter {
		return scans.WithLabelValues(s.action, methodLabel(s.method), s.result, s.code)
	}
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
