package engines

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
)

// Redis is a private Redis server that keeps nothing on disk: killed or
// restarted, it comes back empty.
type Redis struct {
	*Server
	password string
}

// StartRedis starts a Redis server on loopback only and returns when it
// answers. ctx bounds the start, not the server's life. It returns ErrMissing
// when redis-server is not installed.
func StartRedis(ctx context.Context) (*Redis, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, missing("redis-server", "redis-server")
	}
	server, err := newServer("redis")
	if err != nil {
		return nil, err
	}
	r := &Redis{Server: server, password: rand.Text()}
	r.command = func() *exec.Cmd {
		cmd := exec.Command(binary, "-") // reads its configuration from standard input
		cmd.Stdin = strings.NewReader(r.configuration())
		return cmd
	}
	r.answers = r.ping
	r.shutdown, r.crash = syscall.SIGTERM, syscall.SIGKILL
	if err := r.startAnywhere(ctx); err != nil {
		r.Stop()
		return nil, err
	}
	return r, nil
}

// URL is the connection string of database 0.
func (r *Redis) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", r.password), Host: address(r.port), Path: "/0"}
	return u.String()
}

// configuration has a password because other users of the machine can reach the
// port.
func (r *Redis) configuration() string {
	return fmt.Sprintf(`bind 127.0.0.1
port %d
requirepass %s
save ""
appendonly no
`, r.port, r.password)
}

// ping asks for a PONG with our password, which no other server on the same
// port would accept.
func (r *Redis) ping(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp4", address(r.port))
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", r.password); err != nil {
		return err
	}
	answers := bufio.NewScanner(conn)
	for _, want := range []string{"+OK", "+PONG"} {
		if answers.Scan(); answers.Text() != want {
			return fmt.Errorf("redis answered %q instead of %s", answers.Text(), want)
		}
	}
	return nil
}
