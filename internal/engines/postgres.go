package engines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Options say how a private PostgreSQL is to run. The zero value is durable:
// fsync, synchronous_commit and full_page_writes are on, as for a real ledger.
type Options struct {
	// Fast gives durability up for speed: a killed server still comes back, a
	// killed machine's would not. For tests, never where figures are taken.
	Fast bool
	// Settings are further settings of the server by name, such as
	// shared_buffers; they override what this package sets, except the
	// addresses it listens on.
	Settings map[string]string
}

// Postgres is a private PostgreSQL server. What was committed outlives Restart
// and Kill; after a Kill it is recovered from the write-ahead log.
type Postgres struct {
	*Server
	password string
}

const superuser = "stempel"

// StartPostgres makes a new database cluster in a temporary folder and starts a
// server on it, on loopback only. It returns when the server answers. ctx
// bounds the start, not the server's life. It returns ErrMissing when
// PostgreSQL is not installed.
func StartPostgres(ctx context.Context, o Options) (*Postgres, error) {
	initdb, errInitdb := PostgresBinary("initdb")
	postgres, errPostgres := PostgresBinary("postgres")
	if err := errors.Join(errInitdb, errPostgres); err != nil {
		return nil, err
	}
	server, err := newServer("postgres")
	if err != nil {
		return nil, err
	}
	p := &Postgres{Server: server, password: rand.Text()}
	p.command = func() *exec.Cmd { return exec.Command(postgres, p.arguments(o)...) }
	p.answers = p.connect
	p.shutdown = syscall.SIGINT // "fast shutdown": ends sessions, writes a checkpoint
	// "Immediate shutdown": no checkpoint, so the next start is a crash
	// recovery. A SIGKILL would save no less, but leave shared memory behind,
	// and backends that go on until they notice.
	p.crash = syscall.SIGQUIT
	if err := p.makeCluster(ctx, initdb); err != nil {
		p.Stop()
		return nil, err
	}
	if err := p.startAnywhere(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// URL is the connection string of the superuser.
func (p *Postgres) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, p.password),
		Host: address(p.port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (p *Postgres) dataFolder() string { return filepath.Join(p.dir, "data") }

// makeCluster runs initdb, without waiting for the disk: a cluster that is lost
// with the machine is no loss.
func (p *Postgres) makeCluster(ctx context.Context, initdb string) error {
	// Other users of the machine can reach the port, hence a password.
	secret := filepath.Join(p.dir, "password")
	if err := os.WriteFile(secret, []byte(p.password), 0o600); err != nil {
		return err
	}
	if err := p.account.own(secret); err != nil {
		return err
	}
	log, err := os.Create(p.logPath())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(initdb, "--pgdata", p.dataFolder(), "--username", superuser,
		"--auth", "scram-sha-256", "--pwfile", secret,
		"--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	cmd.Stdout, cmd.Stderr = log, log
	proc, err := p.launch(cmd)
	if err != nil {
		return err
	}
	if err := proc.wait(ctx); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, p.lastWords())
	}
	return os.Remove(secret)
}

// arguments are the server's command line.
func (p *Postgres) arguments(o Options) []string {
	settings := map[string]string{"max_connections": "200"}
	durable := "on"
	if o.Fast {
		durable = "off"
	}
	for _, name := range []string{"fsync", "full_page_writes"} {
		settings[name] = durable
	}
	settings["synchronous_commit"] = "on" // or a killed server forgets what it acknowledged
	maps.Copy(settings, o.Settings)
	settings["listen_addresses"] = "127.0.0.1"
	settings["port"] = strconv.Itoa(p.port)
	settings["unix_socket_directories"] = p.dir

	args := []string{"-D", p.dataFolder()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// connect opens and closes one session. Only our server knows the password, so
// it cannot be taken in by another one on the same port.
func (p *Postgres) connect(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.URL())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
