package guard

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	type config struct {
		addresses          []string
		db                 int
		cluster            bool
		master             string
		user, password     string
		sentinelUser, word string
		tls                bool
	}
	tests := []struct {
		url  string
		want config
	}{
		{"redis://host", config{addresses: []string{"host:6379"}}},
		{"redis://host:1234/5", config{addresses: []string{"host:1234"}, db: 5}},
		{"redis://[::1]:1234/", config{addresses: []string{"[::1]:1234"}}},
		{"redis://[::1]", config{addresses: []string{"[::1]:6379"}}},
		{"redis://:p%40ss%2F@host/0", config{addresses: []string{"host:6379"}, password: "p@ss/"}},
		{"redis://:p@ss@host", config{addresses: []string{"host:6379"}, password: "p@ss"}},
		{"rediss://user:word@host:1", config{addresses: []string{"host:1"}, user: "user", password: "word", tls: true}},
		{"redis+cluster://one", config{addresses: []string{"one:6379"}, cluster: true}},
		{"redis+cluster://one,two:2,[::3]:3/0", config{addresses: []string{"one:6379", "two:2", "[::3]:3"}, cluster: true}},
		{"rediss+cluster://u:p@one,two", config{addresses: []string{"one:6379", "two:6379"}, cluster: true, user: "u", password: "p", tls: true}},
		{"redis+sentinel://one/main", config{addresses: []string{"one:26379"}, master: "main"}},
		{"redis+sentinel://one:1,two/main/3", config{addresses: []string{"one:1", "two:26379"}, master: "main", db: 3}},
		{
			"rediss+sentinel://u:p@one,two/main",
			config{
				addresses: []string{"one:26379", "two:26379"}, master: "main", tls: true,
				user: "u", password: "p", sentinelUser: "u", word: "p",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			got, err := parseURL(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if !slices.Equal(got.Addrs, want.addresses) || got.DB != want.db ||
				got.IsClusterMode != want.cluster || got.MasterName != want.master ||
				got.Username != want.user || got.Password != want.password ||
				got.SentinelUsername != want.sentinelUser || got.SentinelPassword != want.word ||
				(got.TLSConfig != nil) != want.tls {
				t.Errorf("got %+v", got)
			}
			client := redis.NewUniversalClient(got)
			defer client.Close()
			if _, isCluster := client.(*redis.ClusterClient); isCluster != want.cluster {
				t.Errorf("the client is a %T", client)
			}
		})
	}
}

func TestOpenRedisRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"", "must look like redis://"},
		{"localhost:6379", "must look like redis://"},
		{"http://host", `scheme "http" is unknown`},
		{"redis+ring://host", `scheme "redis+ring" is unknown`},
		{"redis://", `"" is not a host`},
		{"redis://:6379", `":6379" is not a host`},
		{"redis://host:port", `"host:port" is not a host`},
		{"redis://host:65536", `"host:65536" is not a host`},
		{"redis://::1", `"::1" is not a host`},
		{"redis://:hunter2@host:1:2", `"host:1:2" is not a host`},
		{"redis+cluster://one,,two", `"" is not a host`},
		{"redis+cluster://one, two", `" two" is not a host`},
		{"redis://one,two", "2 hosts are given"},
		{"redis://host/main", `"main" is not the number of a database`},
		{"redis://host/-1", `"-1" is not the number of a database`},
		{"redis://host/1/2", `"1/2" is not the number of a database`},
		{"redis+cluster://host/1", "no database but 0"},
		{"redis+sentinel://one,two", "master is missing"},
		{"redis+sentinel://one,two/", "master is missing"},
		{"redis+sentinel://one/main/x", `"x" is not the number of a database`},
		{"redis://host?pool_size=1", "no options"},
		{"redis://host#1", "no options"},
		{"redis://:hunter2/@host", "percent-encoded"},
		{"redis://:hunter2?@host", "percent-encoded"},
		{"redis://:hunter2#@host", "percent-encoded"},
		{"redis://:hunter2%@host", "percent-encoded"},
		{"1redis://:hunter2@host", "percent-encoded"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			_, err := OpenRedis(tt.url)
			if err == nil || !strings.HasPrefix(err.Error(), "redis URL: ") || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}
