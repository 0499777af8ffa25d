package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// drive sends scans that earn to an address for a while: each till on a connection of its
// own, one request after the other, each with the next credential. It ends early
// when the credentials do. Anything but a 200 is an error: a bench that measures
// refusals measures nothing.
//
// All connections are served by one thread with an epoll loop of its own. With a
// goroutine for each, a third more CPU time went into the Go scheduler falling
// asleep and waking up: time that the server lacks on a small machine.
func drive(ctx context.Context, address string, tills []till, credentials []string, earn string, d time.Duration) (_ measured, err error) {
	if len(credentials) == 0 {
		return measured{}, errors.New("there are no credentials to scan")
	}
	l := &load{credentials: credentials}
	defer l.close()
	if err := l.dial(address, tills, earn); err != nil {
		return measured{}, err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := ownTime()
	if err != nil {
		return measured{}, err
	}
	begin := time.Now()
	if err := l.run(ctx, begin.Add(d)); err != nil {
		return measured{}, err
	}
	m := measured{elapsed: time.Since(begin), count: len(l.latencies), latencies: l.latencies}
	after, err := ownTime()
	m.spent.client = after - before
	slices.Sort(m.latencies)
	return m, err
}

// load is a number of connections with a request under way on each.
type load struct {
	credentials []string // those left
	lines       []*line
	ready       *poll
	latencies   []time.Duration
}

// line is one till's connection.
type line struct {
	till      string
	socket    socket
	request   *scanRequest
	responses *responses
	sent      time.Time
}

func (l *load) dial(address string, tills []till, earn string) (err error) {
	if l.ready, err = newPoll(len(tills)); err != nil {
		return err
	}
	l.latencies = make([]time.Duration, 0, len(l.credentials))
	for i, t := range tills {
		s, err := connect(address)
		if err != nil {
			return fmt.Errorf("connect to %s: %w", address, err)
		}
		l.lines = append(l.lines, &line{
			till: t.Name, socket: s,
			request:   newScanRequest(address, t.token, len(l.credentials[0]), earn),
			responses: newResponses(s),
		})
		if err := l.ready.add(s, i); err != nil {
			return err
		}
	}
	return nil
}

// run keeps every line busy until the time is up or credentials run out, and
// returns when all answers are there.
func (l *load) run(ctx context.Context, until time.Time) error {
	waiting := 0
	send := func(to *line) error {
		if len(l.credentials) == 0 || !time.Now().Before(until) {
			return nil
		}
		waiting++
		return l.send(to)
	}
	for _, one := range l.lines {
		if err := send(one); err != nil {
			return err
		}
	}
	for waiting > 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(until) > grace {
			return fmt.Errorf("%d tills had no answer %v after the end", waiting, grace)
		}
		answered, err := l.ready.wait()
		if err != nil {
			return err
		}
		for _, i := range answered {
			waiting--
			if err := errors.Join(l.receive(l.lines[i]), send(l.lines[i])); err != nil {
				return fmt.Errorf("%s: %w", l.lines[i].till, err)
			}
		}
	}
	return nil
}

// grace is how long after the end of a stretch an answer may still come.
const grace = 20 * time.Second

func (l *load) send(to *line) error {
	request, err := to.request.with(l.credentials[0])
	if err != nil {
		return err
	}
	l.credentials = l.credentials[1:]
	to.sent = time.Now()
	return to.socket.send(request)
}

func (l *load) receive(from *line) error {
	status, body, err := from.responses.next()
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("a scan was answered %d: %s", status, body)
	}
	l.latencies = append(l.latencies, time.Since(from.sent))
	return nil
}

func (l *load) close() {
	for _, one := range l.lines {
		one.socket.close()
	}
	if l.ready != nil {
		l.ready.close()
	}
}
