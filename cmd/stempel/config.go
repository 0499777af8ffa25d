package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/jessevdk/go-flags"

	"stempel/internal/guard"
	"stempel/internal/keys"
	"stempel/internal/store"
)

// storage is where things are kept.
type storage struct {
	Data        string `long:"data" default:"stempel-data" env:"STEMPEL_DATA" value-name:"DIR" description:"Folder of the embedded database and its master key. Typed here, it wins over $DATABASE_URL."`
	DatabaseURL string `long:"database-url" env:"DATABASE_URL" value-name:"URL" description:"postgres://… instead of the embedded database."`
}

// sealed is storage with the key to the keyring that is in it.
type sealed struct {
	storage
	MasterKey string `long:"master-key" env:"STEMPEL_MASTER_KEY" value-name:"KEY" description:"32 bytes, base64 or hex, that seal all signing keys. With the embedded database one is made in its folder."`
}

// network is what a server needs besides.
type network struct {
	Listen          string `long:"listen" default:"127.0.0.1:8080" env:"STEMPEL_LISTEN" value-name:"HOST:PORT" description:"Address to serve on."`
	RedisURL        string `long:"redis-url" env:"REDIS_URL" value-name:"URL" description:"redis://…, redis+cluster://… or redis+sentinel://…; without it the guard is in memory, which is enough for one process."`
	LogLevel        string `long:"log-level" default:"info" env:"STEMPEL_LOG_LEVEL" value-name:"LEVEL" description:"debug, info, warn or error."`
	TillRate        number `long:"till-rate" default:"300" env:"STEMPEL_TILL_RATE" value-name:"N" description:"Requests a second that one till may make (0: any number)."`
	KeyRate         number `long:"key-rate" default:"100" env:"STEMPEL_KEY_RATE" value-name:"N" description:"Requests a second that one API key may make (0: any number)."`
	CardRate        number `long:"card-rate" default:"10" env:"STEMPEL_CARD_RATE" value-name:"N" description:"Requests a second that one phone with a card token may make (0: any number)."`
	Posters         number `long:"posters" default:"1" env:"STEMPEL_POSTERS" value-name:"N" description:"Posting workers."`
	WebhooksPrivate truth  `long:"webhooks-private" default:"false" env:"STEMPEL_WEBHOOKS_PRIVATE" value-name:"BOOL" description:"Let webhooks go to this machine and its network too, for tests: any merchant's admin can then reach what this server can."`

	Test truth `long:"test" default:"false" env:"STEMPEL_TEST" value-name:"BOOL" description:"This server is for trying out: every till says so on every screen."`

	TrustedProxies networks `long:"trusted-proxies" env:"STEMPEL_TRUSTED_PROXIES" value-name:"CIDRS" description:"Networks of reverse proxies, parted by commas, whose X-Forwarded-For says who asks: 10.0.0.0/8,192.0.2.7. Without it the address that connects does."`

	wallets
	mailbox

	OTLPEndpoint string `long:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" value-name:"URL" description:"Where traces go, as OTLP over HTTP: http://127.0.0.1:4318. Without it nothing is traced."`
}

// number is a whole number whose mistakes wait for check, to be told with all
// others.
type number struct {
	value   int
	problem string
}

var _ flags.Unmarshaler = (*number)(nil)

func (n *number) UnmarshalFlag(text string) error {
	value, err := strconv.Atoi(text)
	*n = number{value: value}
	if err != nil {
		n.problem = fmt.Sprintf("%q is not a whole number", text)
	}
	return nil
}

// truth is true or false, whose mistakes wait for check as a number's do.
type truth struct {
	value   bool
	problem string
}

var _ flags.Unmarshaler = (*truth)(nil)

func (b *truth) UnmarshalFlag(text string) error {
	value, err := strconv.ParseBool(text)
	*b = truth{value: value}
	if err != nil {
		b.problem = fmt.Sprintf("%q is neither true nor false", text)
	}
	return nil
}

func (b truth) check(wrong *problems, setting string) {
	if b.problem != "" {
		wrong.add(setting, "%s", b.problem)
	}
}

func (n number) check(wrong *problems, setting string, least, most int) {
	switch {
	case n.problem != "":
		wrong.add(setting, "%s", n.problem)
	case n.value < least || n.value > most:
		wrong.add(setting, "%d must lie between %d and %d", n.value, least, most)
	}
}

func (s *storage) check(wrong *problems) {
	if s.DatabaseURL == "" {
		return
	}
	if err := checkDatabaseURL(s.DatabaseURL); err != nil {
		wrong.add("DATABASE_URL", "%v", err)
	}
}

func (s *sealed) check(wrong *problems) {
	s.storage.check(wrong)
	if s.MasterKey == "" && s.DatabaseURL != "" {
		wrong.add("STEMPEL_MASTER_KEY", "is needed with DATABASE_URL, the same for every process (stempel keys new-master prints one)")
	}
	if s.MasterKey != "" {
		if _, err := keys.ParseMaster(s.MasterKey); err != nil {
			wrong.add("STEMPEL_MASTER_KEY", "%v", err)
		}
	}
}

func (n *network) check(wrong *problems) {
	checkAddress(wrong, "STEMPEL_LISTEN", n.Listen)
	if err := new(slog.Level).UnmarshalText([]byte(n.LogLevel)); err != nil {
		wrong.add("STEMPEL_LOG_LEVEL", "%q must be debug, info, warn or error", n.LogLevel)
	}
	if n.RedisURL != "" {
		if err := checkRedisURL(n.RedisURL); err != nil {
			wrong.add("REDIS_URL", "%v", err)
		}
	}
	if n.OTLPEndpoint != "" {
		if err := checkEndpoint(n.OTLPEndpoint); err != nil {
			wrong.add("OTEL_EXPORTER_OTLP_ENDPOINT", "%v", err)
		}
	}
	n.wallets.check(wrong)
	n.mailbox.check(wrong, n.PublicURL)
	n.TillRate.check(wrong, "STEMPEL_TILL_RATE", 0, 1_000_000)
	n.KeyRate.check(wrong, "STEMPEL_KEY_RATE", 0, 1_000_000)
	n.CardRate.check(wrong, "STEMPEL_CARD_RATE", 0, 1_000_000)
	n.Posters.check(wrong, "STEMPEL_POSTERS", 1, 64)
	n.WebhooksPrivate.check(wrong, "STEMPEL_WEBHOOKS_PRIVATE")
	n.Test.check(wrong, "STEMPEL_TEST")
	n.TrustedProxies.check(wrong, "STEMPEL_TRUSTED_PROXIES")
}

func checkAddress(wrong *problems, setting, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		wrong.add(setting, "%q must look like 127.0.0.1:8080", address)
	}
}

// checkDatabaseURL reads the URL as the store will. It connects to nothing, and
// its errors show no password: a special character in one makes the rest of it
// look like something else, so then nothing is shown at all.
func checkDatabaseURL(text string) error {
	const form = "must look like postgres://user:password@host:5432/name, with special characters in the password percent-encoded"
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" ||
		parsed.Host == "" && parsed.Query().Get("host") == "" ||
		strings.Contains(parsed.EscapedPath()+parsed.RawQuery+parsed.Fragment, "@") {
		return errors.New(form)
	}
	db, err := store.Open(context.Background(), text, store.Options{})
	if err != nil {
		return err
	}
	return db.Close()
}

// checkRedisURL reads the URL as the guard will. It connects to nothing.
func checkRedisURL(text string) error {
	redis, err := guard.OpenRedis(text)
	if err != nil {
		return err
	}
	return redis.Close()
}

// checkFolder makes the data folder, readable by its owner only, and tries it.
func checkFolder(wrong *problems, setting, dir string) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		wrong.add(setting, "cannot make the folder: %v", err)
		return
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		wrong.add(setting, "cannot write in the folder: %v", err)
		return
	}
	probe.Close()
	os.Remove(probe.Name())
}
