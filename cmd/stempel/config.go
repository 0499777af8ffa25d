package main

import (
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// storage is where things are kept: what every command but version needs.
type storage struct {
	Data        string `default:"stempel-data" env:"STEMPEL_DATA" placeholder:"DIR" help:"Folder of the embedded database and of keys made on first start (${default})."`
	DatabaseURL string `env:"DATABASE_URL" placeholder:"URL" help:"postgres://… instead of the embedded database."`
	MasterKey   string `env:"STEMPEL_MASTER_KEY" placeholder:"KEY" help:"32 bytes, base64 or hex, that seal all signing keys. With the embedded database one is made in the data folder."`
}

// network is what a server needs besides.
type network struct {
	Listen   string `default:"127.0.0.1:8080" env:"STEMPEL_LISTEN" placeholder:"HOST:PORT" help:"Address to serve on (${default})."`
	BaseURL  string `env:"STEMPEL_BASE_URL" placeholder:"URL" help:"How the world reaches this server; links are made with it. Default: http:// and the address."`
	RedisURL string `env:"REDIS_URL" placeholder:"URL" help:"redis://…, redis+cluster://… or redis+sentinel://…; without it the guard is in memory, which is enough for one process."`
	LogLevel string `default:"info" env:"STEMPEL_LOG_LEVEL" placeholder:"LEVEL" help:"debug, info, warn or error (${default})."`
	TillRate number `default:"300" env:"STEMPEL_TILL_RATE" placeholder:"N" help:"Requests a second that one till may make (${default}; 0: any number)."`
	KeyRate  number `default:"100" env:"STEMPEL_KEY_RATE" placeholder:"N" help:"Requests a second that one API key may make (${default}; 0: any number)."`
	Posters  number `default:"2" env:"STEMPEL_POSTERS" placeholder:"N" help:"Posting workers (${default})."`
}

// number is a whole number whose errors wait for check, so that all mistakes of
// a configuration are told at once.
type number struct {
	value   int
	problem string
}

var _ encoding.TextUnmarshaler = (*number)(nil)

func (n *number) UnmarshalText(text []byte) error {
	value, err := strconv.Atoi(string(text))
	n.value, n.problem = value, ""
	if err != nil {
		n.problem = fmt.Sprintf("%q is not a whole number", text)
	}
	return nil
}

// problems collects what is wrong with a configuration.
type problems []error

func (p *problems) add(variable, format string, args ...any) {
	*p = append(*p, fmt.Errorf("%s: %s", variable, fmt.Sprintf(format, args...)))
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("the configuration has %d mistake(s):\n%w", len(p), errors.Join(p...))
}

func (s *storage) check(p *problems) {
	if s.DatabaseURL != "" {
		parsed, err := url.Parse(s.DatabaseURL)
		if err != nil || (parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") || parsed.Host == "" && parsed.Query().Get("host") == "" {
			p.add("DATABASE_URL", "must look like postgres://user:password@host:5432/name") // and is not shown: it has a password
		}
		if s.MasterKey == "" {
			p.add("STEMPEL_MASTER_KEY", "is needed with DATABASE_URL, the same for every process (stempel keys new-master prints one)")
		}
	}
	if s.MasterKey != "" {
		if _, err := parseMaster(s.MasterKey); err != nil {
			p.add("STEMPEL_MASTER_KEY", "%v", err)
		}
	}
	if s.DatabaseURL == "" {
		if err := writable(s.Data); err != nil {
			p.add("STEMPEL_DATA", "%v", err)
		}
	}
}

func (n *network) check(p *problems) {
	if _, port, err := net.SplitHostPort(n.Listen); err != nil || !isPort(port) {
		p.add("STEMPEL_LISTEN", "%q must look like 127.0.0.1:8080", n.Listen)
	}
	if n.BaseURL == "" {
		n.BaseURL = "http://" + n.Listen
	}
	if base, err := url.Parse(n.BaseURL); err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		p.add("STEMPEL_BASE_URL", "%q must look like https://loyalty.example.com", n.BaseURL)
	}
	n.BaseURL = strings.TrimRight(n.BaseURL, "/")
	if err := new(slog.Level).UnmarshalText([]byte(n.LogLevel)); err != nil {
		p.add("STEMPEL_LOG_LEVEL", "%q must be debug, info, warn or error", n.LogLevel)
	}
	if n.RedisURL != "" {
		if err := checkRedisURL(n.RedisURL); err != nil {
			p.add("REDIS_URL", "%v", err)
		}
	}
	n.TillRate.check(p, "STEMPEL_TILL_RATE", 0, 1_000_000)
	n.KeyRate.check(p, "STEMPEL_KEY_RATE", 0, 1_000_000)
	n.Posters.check(p, "STEMPEL_POSTERS", 1, 64)
}

func (n number) check(p *problems, variable string, least, most int) {
	switch {
	case n.problem != "":
		p.add(variable, "%s", n.problem)
	case n.value < least || n.value > most:
		p.add(variable, "%d must lie between %d and %d", n.value, least, most)
	}
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port <= 65535
}

// writable makes the folder, readable by its owner only, and tries it.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the data folder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return fmt.Errorf("cannot write in the data folder: %w", err)
	}
	probe.Close()
	return os.Remove(filepath.Clean(probe.Name()))
}

// secretFiles lets NAME_FILE stand for NAME: the value is the file's content
// less its last line end, as container secrets are mounted.
func secretFiles(lookup func(string) (string, bool), read func(string) ([]byte, error)) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			file, ok := lookup(name + "_FILE")
			if !ok || file == "" {
				continue
			}
			if value, both := lookup(name); both && value != "" {
				return nil, fmt.Errorf("both %s and %s_FILE are given: keep one", name, name)
			}
			content, err := read(file)
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %w", name, err)
			}
			return strings.TrimRight(string(content), "\r\n"), nil
		}
		return nil, nil
	})
}
