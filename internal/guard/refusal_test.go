package guard

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/guard/guardtest"
	"stempel/internal/loyalty"
)

func onceAnHour() loyalty.Count {
	return loyalty.Count{Limit: loyalty.TillPerHour, Of: loyalty.NewID(), Most: 1, Window: time.Hour}
}

// asksBoth makes a replay of an outcome that Redis knows and counts an action, in one
// exchange, and wants the replay to be answered.
func asksBoth(t *testing.T, r *Redis, known loyalty.Outcome, p loyalty.Paced) loyalty.Reached {
	t.Helper()
	answered, err := r.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Claims: replayOf(known), Paced: []loyalty.Paced{p}})
	if err != nil {
		t.Fatal(err)
	}
	if answered.Used[0] == nil || *answered.Used[0] != known {
		t.Errorf("the replay was answered %v", answered.Used[0])
	}
	return answered.Reached[0]
}

// A Redis whose ACL allows no scripts still answers replays, and this process counts.
func TestRedisRefusesScripts(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.PrivateRedis(t).URL())
	var lines strings.Builder
	r.log = slog.New(slog.NewTextHandler(&lines, nil))
	o := guardtest.Outcome(guardtest.Claim(1))
	exchange(t, r, []loyalty.Outcome{o}, nil)
	shared := onceAnHour()
	first := guardtest.Paced(1, shared)
	counted := loyalty.Reached{Counted: loyalty.Lifted(0).With(loyalty.TillPerHour)}
	if got := asksBoth(t, r, o, first); got != counted {
		t.Errorf("with scripts: %+v", got)
	}

	scripts := func(rule string) { must(t, r.client.Do(t.Context(), "ACL", "SETUSER", "default", rule).Result) }
	scripts("-@scripting")
	alone := onceAnHour()
	counted.Alone = true
	if got := asksBoth(t, r, o, guardtest.Paced(2, alone)); got != counted {
		t.Errorf("the first of this process: %+v", got)
	}
	second := guardtest.Paced(3, alone)
	if got := asksBoth(t, r, o, second); !got.Refuses(&second) {
		t.Errorf("the second of this process: %+v", got)
	}
	for _, want := range []bool{true, false} {
		if ok, _ := r.Allow(t.Context(), "till", 1, 1); ok != want {
			t.Errorf("allowed %v, want %v", ok, want)
		}
	}
	if r.Degraded() {
		t.Error("degraded, as scripts are refused")
	}
	if missed := r.Missed(); missed != 4 {
		t.Errorf("%d questions missed, want 4", missed)
	}
	if strings.Count(lines.String(), "\n") != 1 || !strings.Contains(lines.String(), "level=WARN") {
		t.Errorf("logged:\n%s", lines.String())
	}

	// What this process alone counts anew, it alone takes back: Redis has counted it for
	// the success before.
	again := asksBoth(t, r, o, first)
	if again != counted {
		t.Errorf("again, without scripts: %+v", again)
	}
	undone, _ := again.Undone(first)
	scripts("+@scripting")
	if _, err := r.Exchange(t.Context(), loyalty.Told{Undone: []loyalty.Paced{undone}}, loyalty.Asked{}); err != nil {
		t.Error(err)
	}
	third := guardtest.Paced(4, shared)
	if got := asksBoth(t, r, o, third); !got.Refuses(&third) || got.Alone {
		t.Errorf("after an attempt that this process counted and took back: %+v", got)
	}
}

// A replica refuses a script that writes, and knows the outcomes that its master knew.
func TestReplicaRefusesScripts(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.PrivateRedis(t).URL())
	o := guardtest.Outcome(guardtest.Claim(1))
	exchange(t, r, []loyalty.Outcome{o}, nil)
	must(t, r.client.SlaveOf(t.Context(), "127.0.0.1", "1").Result)
	limit := onceAnHour()
	if got := asksBoth(t, r, o, guardtest.Paced(1, limit)); !got.Alone || got.Limits != 0 {
		t.Errorf("the first: %+v", got)
	}
	second := guardtest.Paced(2, limit)
	if got := asksBoth(t, r, o, second); !got.Alone || !got.Refuses(&second) {
		t.Errorf("the second: %+v", got)
	}
}

// A Redis that lost its scripts is sent them again, once, and goes on counting.
func TestRedisLosesScripts(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.PrivateRedis(t).URL())
	o := guardtest.Outcome(guardtest.Claim(1))
	exchange(t, r, []loyalty.Outcome{o}, nil)
	limit := onceAnHour()
	asksBoth(t, r, o, guardtest.Paced(1, limit))
	must(t, r.client.ScriptFlush(t.Context()).Result)
	must(t, r.client.ConfigResetStat(t.Context()).Result)
	for n := range 5 {
		later := guardtest.Paced(2+n, limit)
		if got := asksBoth(t, r, o, later); got.Alone || !got.Refuses(&later) {
			t.Errorf("got %+v", got)
		}
	}
	stats := must(t, func() (string, error) { return r.client.Info(t.Context(), "commandstats").Result() })
	if !strings.Contains(stats, "cmdstat_eval:calls=1,") || !strings.Contains(stats, "cmdstat_evalsha:calls=5,") {
		t.Errorf("Redis was asked:\n%s", stats)
	}
	if r.Missed() != 0 {
		t.Errorf("%d questions missed", r.Missed())
	}
}

// What this process alone counted is nothing that Redis can be asked to take back, nor
// a sign that it is well.
func TestNothingForRedis(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	server.Kill()
	_ = fails(t, r)
	clock.advance(breakerRest)
	undone := guardtest.Paced(1, onceAnHour())
	undone.Alone = true
	if _, err := r.Exchange(t.Context(), loyalty.Told{Undone: []loyalty.Paced{undone}}, loyalty.Asked{}); err != nil {
		t.Error(err)
	}
	if !r.breaker.open {
		t.Error("that was taken for an answer of Redis")
	}
}
