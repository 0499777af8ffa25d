package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines"
	"stempel/internal/keys"
)

// site is what a run stands on: the built binary, private engines, and servers.
// All of it is gone after close.
type site struct {
	dir      string
	binary   string
	master   string // key, the same for all servers
	postgres *engines.Postgres
	redis    *engines.Redis
	servers  []*server
}

// serverPackage is what is measured.
const serverPackage = "stempel/cmd/stempel"

// openSite builds the binary and starts the engines.
func openSite(ctx context.Context) (s *site, err error) {
	s = &site{master: keys.NewMaster()}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "stempel-bench-"); err != nil {
		return s, err
	}
	s.binary = filepath.Join(s.dir, "stempel")
	note("building the server")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", s.binary, serverPackage)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return s, fmt.Errorf("build the server: %w\n%s", err, said)
	}
	note("starting PostgreSQL and Redis")
	for _, debianPackage := range []string{"postgresql", "redis-server"} {
		if err := engines.Ensure(ctx, debianPackage); err != nil {
			return s, err
		}
	}
	if s.postgres, err = engines.StartPostgres(ctx, engines.Options{Settings: roomy}); err != nil {
		return s, err
	}
	s.redis, err = engines.StartRedis(ctx)
	return s, err
}

// roomy spares both sides of the bench what would hit them by chance: the tables
// fit into memory, no checkpoint is due for the amount that was written, and the
// files of the log are there (see reuseWAL). Nothing here touches durability, which is PostgreSQL's default: full.
var roomy = map[string]string{"shared_buffers": "2GB", "min_wal_size": "4GB", "max_wal_size": "16GB"}

// close stops everything. What goes wrong now does no harm.
func (s *site) close() {
	for _, server := range s.servers {
		server.kill()
	}
	if s.redis != nil {
		s.redis.Stop()
	}
	if s.postgres != nil {
		s.postgres.Stop()
	}
	_ = os.RemoveAll(s.dir)
}

// storage is where a server keeps everything: PostgreSQL, or SQLite in a folder.
type storage struct {
	databaseURL string // empty: SQLite
	data        string
}

func (s *site) onPostgres() storage {
	return storage{databaseURL: s.postgres.URL(), data: filepath.Join(s.dir, "data-postgres")}
}

// apart is a new database on PostgreSQL, whose servers know nothing of the others'.
func (s *site) apart(ctx context.Context, name string) (storage, error) {
	conn, err := pgx.Connect(ctx, s.postgres.URL())
	if err != nil {
		return storage{}, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return storage{}, err
	}
	at, err := url.Parse(s.postgres.URL())
	if err != nil {
		return storage{}, err
	}
	at.Path = "/" + name
	return storage{databaseURL: at.String(), data: filepath.Join(s.dir, "data-"+name)}, nil
}

func (s *site) onSQLite() storage { return storage{data: filepath.Join(s.dir, "data-sqlite")} }

// url is the storage as internal/store opens it.
func (s storage) url() string {
	if s.databaseURL != "" {
		return s.databaseURL
	}
	return "sqlite:" + filepath.Join(s.data, "stempel.db")
}

// environment is what every command of the binary needs to reach a storage.
func (s *site) environment(kept storage) []string {
	return []string{"DATABASE_URL=" + kept.databaseURL, "STEMPEL_DATA=" + kept.data, "STEMPEL_MASTER_KEY=" + s.master}
}

// serve starts a server. An empty redisURL gives it a guard of its own. Rates are
// counted, but never reached, and webhooks may go to this machine, where the
// receiver is. What else the environment says, such as
// STEMPEL_POSTERS, holds; and settings, each NAME=value, before all.
func (s *site) serve(ctx context.Context, kept storage, redisURL string, settings ...string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	started := &server{
		address: address, binary: s.binary,
		log: filepath.Join(s.dir, fmt.Sprintf("server-%d.log", len(s.servers))),
		config: slices.Concat(s.environment(kept), []string{
			"REDIS_URL=" + redisURL, "STEMPEL_LISTEN=" + address, "STEMPEL_TILL_RATE=1000000", "STEMPEL_KEY_RATE=1000000",
			"STEMPEL_WEBHOOKS_PRIVATE=true",
		}, settings),
	}
	if err := started.start(ctx); err != nil {
		return nil, err
	}
	s.servers = append(s.servers, started)
	return started, nil
}

// serveSeveral starts so many servers on one storage.
func (s *site) serveSeveral(ctx context.Context, n int, kept storage, redisURL string) ([]*server, error) {
	var all []*server
	for range n {
		one, err := s.serve(ctx, kept, redisURL)
		if err != nil {
			return nil, errors.Join(err, stopAll(all))
		}
		all = append(all, one)
	}
	return all, nil
}

func stopAll(servers []*server) error {
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.stop())
	}
	return errors.Join(errs...)
}

func addresses(servers []*server) []string {
	list := make([]string, len(servers))
	for i, s := range servers {
		list[i] = s.address
	}
	return list
}

// audit lets the binary prove the ledger. Its error is that something does not hold.
func (s *site) audit(ctx context.Context, kept storage) error {
	cmd := exec.CommandContext(ctx, s.binary, "audit")
	cmd.Env = append(os.Environ(), s.environment(kept)...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("stempel audit: %w\n%s", err, said)
	}
	return nil
}

// note says on standard error how far we are; standard output is for the tables.
func note(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
