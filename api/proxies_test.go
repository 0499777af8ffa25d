package api

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Only what a trusted proxy has appended is believed, never what the asker wrote.
func TestWhoAsksBehindProxies(t *testing.T) {
	t.Parallel()
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("192.0.2.7/32")}
	for name, test := range map[string]struct {
		proxies proxies
		remote  string
		header  []string
		want    string
	}{
		"no proxy is set up":          {nil, "10.0.0.1", []string{"203.0.113.9"}, "10.0.0.1"},
		"not through the proxy":       {trusted, "198.51.100.3", []string{"203.0.113.9"}, "198.51.100.3"},
		"through the proxy":           {trusted, "10.0.0.1", []string{"203.0.113.9"}, "203.0.113.9"},
		"through two":                 {trusted, "10.0.0.1", []string{"203.0.113.9, 192.0.2.7"}, "203.0.113.9"},
		"a made-up first address":     {trusted, "10.0.0.1", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		"a made-up header line":       {trusted, "10.0.0.1", []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9"},
		"a made-up proxy":             {trusted, "10.0.0.1", []string{"198.51.100.1, 10.9.9.9, 203.0.113.9"}, "203.0.113.9"},
		"the proxy itself":            {trusted, "10.0.0.1", nil, "10.0.0.1"},
		"an empty header":             {trusted, "10.0.0.1", []string{""}, "10.0.0.1"},
		"nonsense before the proxy":   {trusted, "10.0.0.1", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		"nonsense before the asker":   {trusted, "10.0.0.1", []string{"<script>, 203.0.113.9"}, "203.0.113.9"},
		"proxies alone":               {trusted, "10.0.0.1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"with a port":                 {trusted, "10.0.0.1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"IPv6, whose /64 is one host": {trusted, "fd00::1", []string{"[2001:db8:1:2:3::4]:4711"}, "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                {trusted, "::ffff:10.0.0.1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var request fasthttp.RequestCtx
			request.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(test.remote)}, nil)
			for _, line := range test.header {
				request.Request.Header.Add(fiber.HeaderXForwardedFor, line)
			}
			app := fiber.New()
			c := app.AcquireCtx(&request)
			defer app.ReleaseCtx(c)
			if got := test.proxies.from(c); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
