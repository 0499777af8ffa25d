package api

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// metrics are what the API counts of itself.
type metrics struct {
	requests *prometheus.HistogramVec // by route, method and status; seconds
	problems *prometheus.CounterVec   // by code
	page     fasthttp.RequestHandler
}

func newMetrics(registry *prometheus.Registry) metrics {
	m := metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "stempel_http_request_duration_seconds",
			Help:    "Time to answer a request, by route, method and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method", "status"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stempel_problems_total",
			Help: "Answers that were not a success, by problem code.",
		}, []string{"code"}),
		page: fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})),
	}
	registry.MustRegister(m.requests, m.problems)
	return m
}

// measure counts every request, answered or not. Routes, not paths, are the
// label: a label per card would fill the memory of whoever collects them.
func (s *Server) measure(c *fiber.Ctx) error {
	began := time.Now()
	if err := c.Next(); err != nil {
		if err := s.problem(c, err); err != nil {
			return err
		}
	}
	route := c.Route().Path
	if route == "/" {
		route = "none"
	}
	status := strconv.Itoa(c.Response().StatusCode())
	s.metrics.requests.WithLabelValues(route, c.Method(), status).Observe(time.Since(began).Seconds())
	if code, ok := c.Locals(codeLocal).(string); ok {
		s.metrics.problems.WithLabelValues(code).Inc()
	}
	return nil
}
