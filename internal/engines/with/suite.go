package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"stempel/internal/engines"
	"stempel/internal/engines/enginetest"
)

// suite is what one run has to test with: engines, and programs that hold our work
// against what others make of it.
type suite struct {
	environment []string // NAME=value, for the command
	lacking     []lack
	stops       []func()
}

// lack is what could not be had, and whose suites therefore do not run.
type lack struct {
	name string
	why  error
}

// readers are the Debian packages of the small programs that tests run. Chromium is
// large: who wants tests in a browser installs it.
var readers = []string{"zbar-tools", "openssl", "ghostscript"}

// start takes or starts every engine, and installs what is missing where it may. It
// reports whether a signal ended it before it was through; what fails otherwise is noted
// as lacking.
func (s *suite) start() (interrupted bool) {
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	s.provide(ctx, "PostgreSQL", enginetest.DatabaseVariable, startPostgres)
	s.provide(ctx, "Redis", enginetest.RedisVariable, startRedis)
	for _, debianPackage := range readers {
		if err := engines.Ensure(ctx, debianPackage); err != nil {
			s.lacking = append(s.lacking, lack{debianPackage, err})
		}
	}
	return ctx.Err() != nil
}

// starter starts an engine and returns where it is and how to stop it.
type starter func(context.Context) (url string, stop func(), err error)

func startPostgres(ctx context.Context) (string, func(), error) {
	if err := engines.Ensure(ctx, "postgresql"); err != nil {
		return "", nil, err
	}
	p, err := engines.StartPostgres(ctx, engines.Options{Fast: true})
	if err != nil {
		return "", nil, err
	}
	return p.URL(), p.Stop, nil
}

func startRedis(ctx context.Context) (string, func(), error) {
	if err := engines.Ensure(ctx, "redis-server"); err != nil {
		return "", nil, err
	}
	r, err := engines.StartRedis(ctx)
	if err != nil {
		return "", nil, err
	}
	return r.URL(), r.Stop, nil
}

// provide puts the engine's URL into the environment, unless it is there.
func (s *suite) provide(ctx context.Context, engine, variable string, start starter) {
	if os.Getenv(variable) != "" {
		return
	}
	url, stop, err := start(ctx)
	if err != nil {
		s.lacking = append(s.lacking, lack{engine, err})
		return
	}
	s.environment = append(s.environment, variable+"="+url)
	s.stops = append(s.stops, stop)
}

func (s *suite) stop() {
	for _, stop := range s.stops {
		stop()
	}
}

// complain says loudly which suites did not run.
func (s *suite) complain(w io.Writer) {
	for _, l := range s.lacking {
		fmt.Fprintf(w, "\n*** THE %s SUITES DID NOT RUN ***\n%v\n", l.name, l.why)
	}
}
