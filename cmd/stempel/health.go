package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCommand struct {
	Listen string `long:"listen" default:"127.0.0.1:8080" env:"STEMPEL_LISTEN" value-name:"HOST:PORT" description:"Address that the server on this machine serves on."`
}

func (h *healthCommand) check(wrong *problems) { checkAddress(wrong, "STEMPEL_LISTEN", h.Listen) }

// healthTimeout is longer than a server takes to find out what it lacks.
const healthTimeout = 5 * time.Second

// Run asks the server whether it is ready: what a container without a shell has
// for a health check.
func (h *healthCommand) Run(ctx context.Context, s streams) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, localURL(h.Listen)+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer response.Body.Close()
	const most = 4 << 10
	said, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return fmt.Errorf("the server broke off: %w", err)
	}
	text := strings.TrimSpace(string(said))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", text)
	}
	_, err = fmt.Fprintln(s.out, text)
	return err
}

// localURL is how a server that listens there is reached from its own machine.
func localURL(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // which check has done before
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
