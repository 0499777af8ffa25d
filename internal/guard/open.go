package guard

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// connectTimeout bounds what go-redis does behind our back, such as dialling or
// asking a Cluster for its nodes. A question that is waiting for it gives up
// earlier; the next one finds the connection made.
const connectTimeout = time.Second

// OpenRedis sets up a guard on what a URL names:
//
//	redis://[user:password@]host[:port][/database]
//	redis+cluster://[user:password@]host[:port],host[:port],…
//	redis+sentinel://[user:password@]host[:port],host[:port],…/master[/database]
//
// and the same with rediss for TLS. Credentials are those of Redis and, if given,
// of its Sentinels. It does not connect, so that a program starts without Redis.
// Errors never show the password.
func OpenRedis(address string, options ...Option) (*Redis, error) {
	config, err := parseURL(address)
	if err != nil {
		return nil, fmt.Errorf("redis URL: %w", err)
	}
	return newRedis(config, options), nil
}

func newRedis(config *redis.UniversalOptions, options []Option) *Redis {
	// go-redis logs each failed dial; we get them as errors, and log the first.
	logging.Disable()
	r := &Redis{
		client:  redis.NewUniversalClient(config),
		prefix:  "stempel",
		log:     slog.Default(),
		timeout: askTimeout,
		breaker: breaker{now: time.Now},
		spares:  newBuckets(time.Now),
		paces:   newPaces(time.Now),
	}
	r.rates = redis_rate.NewLimiter(r.client)
	for _, option := range options {
		option(r)
	}
	return r
}

// parseURL returns what NewUniversalClient needs.
func parseURL(text string) (*redis.UniversalOptions, error) {
	u, hosts, err := splitURL(text)
	if err != nil {
		return nil, err
	}
	config := settings()
	config.Username = u.User.Username()
	config.Password, _ = u.User.Password()

	transport, kind, _ := strings.Cut(u.Scheme, "+")
	switch transport {
	case "redis":
	case "rediss":
		config.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	default:
		return nil, fmt.Errorf("scheme %q is unknown: want redis or rediss, with +cluster or +sentinel where needed", u.Scheme)
	}
	port := "6379"
	path := strings.Trim(u.Path, "/")
	switch kind {
	case "":
		if len(hosts) != 1 {
			return nil, fmt.Errorf("%d hosts are given: say redis+cluster or redis+sentinel", len(hosts))
		}
	case "cluster":
		config.IsClusterMode = true
		if path != "" && path != "0" {
			return nil, fmt.Errorf("a Cluster has no database but 0, and %q is asked for", path)
		}
	case "sentinel":
		port = "26379"
		config.MasterName, path, _ = strings.Cut(path, "/")
		if config.MasterName == "" {
			return nil, errors.New("the name of the Sentinels' master is missing: redis+sentinel://host/master")
		}
		config.SentinelUsername, config.SentinelPassword = config.Username, config.Password
	default:
		return nil, fmt.Errorf("scheme %q is unknown: after the + comes cluster or sentinel", u.Scheme)
	}
	if config.DB, err = database(path); err != nil {
		return nil, err
	}
	config.Addrs, err = addresses(hosts, port)
	return config, err
}

// splitURL takes the list of hosts out of the URL: net/url knows only one.
func splitURL(text string) (u *url.URL, hosts []string, err error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return nil, nil, errors.New("it must look like redis://host:6379/0")
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	start := strings.LastIndexByte(rest[:end], '@') + 1
	u, err = url.Parse(scheme + "://" + rest[:start] + "host" + rest[end:])
	if err != nil || strings.Contains(rest[end:], "@") {
		// Not err itself: it quotes the URL, and with it the password.
		return nil, nil, errors.New("scheme, user, password or path is malformed; special characters in them are percent-encoded")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, nil, errors.New("it takes no options after ? or #")
	}
	return u, strings.Split(rest[start:end], ","), nil
}

func database(path string) (int, error) {
	if path == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(path, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is not the number of a database", path)
	}
	return int(n), nil
}

// addresses completes hosts by the usual port, where they name none.
func addresses(hosts []string, usual string) ([]string, error) {
	complete := make([]string, len(hosts))
	for i, host := range hosts {
		complete[i] = host
		if _, _, err := net.SplitHostPort(host); err != nil {
			complete[i] = host + ":" + usual
		}
		name, port, err := net.SplitHostPort(complete[i])
		if _, notANumber := strconv.ParseUint(port, 10, 16); err != nil || notANumber != nil || name == "" || strings.Contains(name, " ") {
			return nil, fmt.Errorf("%q is not a host or host:port", host)
		}
	}
	return complete, nil
}

// settings make go-redis fail rather than try harder: the database is there to
// answer, and the breaker tries again soon enough.
func settings() *redis.UniversalOptions {
	return &redis.UniversalOptions{
		ContextTimeoutEnabled: true,
		MaxRetries:            -1,
		DialerRetries:         1,
		DialTimeout:           connectTimeout,
		ReadTimeout:           connectTimeout,
		WriteTimeout:          connectTimeout,
		PoolTimeout:           connectTimeout,

		// One pool, with buffers for a batch of a hundred claims.
		PipelinePoolSize: -1,
		ReadBufferSize:   16 << 10,
		WriteBufferSize:  16 << 10,

		// Keep the greeting of a new connection within one trip.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}
