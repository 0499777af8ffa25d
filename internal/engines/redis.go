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

	"github.com/redis/go-redis/v9"
)

// Redis is a private Redis server that keeps nothing on disk: killed or
// restarted, it comes back empty.
type Redis struct {
	*Server
	password string
	settings []string // besides what every private server has
}

// StartRedis starts a Redis server on loopback only and returns when it
// answers. ctx bounds the start, not the server's life. It returns ErrMissing
// when redis-server is not installed.
func StartRedis(ctx context.Context) (*Redis, error) { return startRedis(ctx, rand.Text()) }

// startRedis starts a server with settings of its own.
func startRedis(ctx context.Context, password string, settings ...string) (*Redis, error) {
	r, binary, err := newRedis("redis", password, settings)
	if err != nil {
		return nil, err
	}
	r.command = func() *exec.Cmd {
		cmd := exec.Command(binary, "-") // reads its configuration from standard input
		cmd.Stdin = strings.NewReader(r.configuration())
		return cmd
	}
	if err := r.startAnywhere(ctx); err != nil {
		r.Stop()
		return nil, err
	}
	return r, nil
}

// newRedis makes a server that has everything but its command.
func newRedis(name, password string, settings []string) (r *Redis, binary string, err error) {
	if binary, err = exec.LookPath("redis-server"); err != nil {
		return nil, "", missing("redis-server", "redis-server")
	}
	server, err := newServer(name)
	if err != nil {
		return nil, "", err
	}
	r = &Redis{Server: server, password: password, settings: settings}
	r.answers = r.ping
	r.shutdown, r.crash = syscall.SIGTERM, syscall.SIGKILL
	return r, binary, nil
}

// URL is the connection string of database 0.
func (r *Redis) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", r.password), Host: address(r.port), Path: "/0"}
	return u.String()
}

// client is for what is done to a server, not on it.
func (r *Redis) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: address(r.port), Password: r.password})
}

// configuration has a password because other users of the machine can reach the
// port.
func (r *Redis) configuration() string {
	return fmt.Sprintf("bind 127.0.0.1\nport %d\nrequirepass %s\nsave \"\"\nappendonly no\n%s\n",
		r.port, r.password, strings.Join(r.settings, "\n"))
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
