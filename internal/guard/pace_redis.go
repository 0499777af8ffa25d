package guard

import (
	"context"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"stempel/internal/loyalty"
)

// paceScript is paces.ask for all processes. Each key is a sorted set of the actions
// that count against one limit, by their time in milliseconds; one that a second
// attempt rests on has a + at its end, so that nothing takes it back. Arguments are the
// time now, the action, 1 where a manager approves, and for each key its window in
// milliseconds and how many actions may fall into it. It returns which keys are full,
// as bits, when the last of them has room, and in which the action was counted now,
// as bits.
//
// Redis knows it by its hash: 40 bytes of each question instead of 1 kB.
const paceScript = `
local now, member, kept = tonumber(ARGV[1]), ARGV[2], ARGV[2]..'+'
local full, room, counted, new, again = 0, 0, 0, {}, {}
for i, key in ipairs(KEYS) do
  local window, most = tonumber(ARGV[2*i+2]), tonumber(ARGV[2*i+3])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local at = redis.call('ZSCORE', key, member)
  if at then
    again[i] = at
  elseif not redis.call('ZSCORE', key, kept) then
    new[#new+1], counted = i, counted + 2^(i-1)
    local n = redis.call('ZCARD', key)
    if n >= most then
      full = full + 2^(i-1)
      room = math.max(room, redis.call('ZRANGE', key, n - most, n - most, 'WITHSCORES')[2] + window)
    end
  end
end
if full > 0 and ARGV[3] ~= '1' then return {full, room, 0} end
for i, at in pairs(again) do
  redis.call('ZADD', KEYS[i], at, kept)
  redis.call('ZREM', KEYS[i], member)
end
for _, i in ipairs(new) do
  redis.call('ZADD', KEYS[i], now, member)
  redis.call('PEXPIRE', KEYS[i], ARGV[2*i+2])
end
return {full, room, counted}`

var paceHash = redis.NewScript(paceScript).Hash()

// evaluate runs a script: Pipeliner.EvalSha by its hash, Pipeliner.Eval by its text.
type evaluate func(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd

// askPace sends the question of one action along.
func (r *Redis) askPace(ctx context.Context, eval evaluate, script string, paced *loyalty.Paced) *redis.Cmd {
	keys := make([]string, len(paced.Counts))
	manager := 0
	if paced.Manager {
		manager = 1
	}
	arguments := append(make([]any, 0, 3+2*len(keys)), r.breaker.now().UnixMilli(), paceMember(paced), manager)
	for i, c := range paced.Counts {
		keys[i] = r.paceKey(paced, &c)
		arguments = append(arguments, c.Window.Milliseconds(), c.Most)
	}
	return eval(ctx, script, keys, arguments...)
}

// teachPace asks again, with the script itself, where Redis did not know it: a second
// trip, after a start or a failover. It puts the new answers in place of the old.
func (r *Redis) teachPace(ctx context.Context, paced []loyalty.Paced, answers []*redis.Cmd) error {
	pipe := r.client.Pipeline()
	for i := range answers {
		if redis.HasErrorPrefix(answers[i].Err(), "NOSCRIPT") {
			answers[i] = r.askPace(ctx, pipe.Eval, paceScript, &paced[i])
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	replies, _ := pipe.Exec(ctx)
	return silence(replies)
}

// parsePace reads the answer; false where there is none that could be one.
func parsePace(answer *redis.Cmd, paced *loyalty.Paced) (reached loyalty.Reached, ok bool) {
	numbers, err := answer.Int64Slice()
	if err != nil || len(numbers) != 3 {
		return reached, false
	}
	for i, c := range paced.Counts {
		if numbers[0]&(1<<i) != 0 {
			reached.Limits = reached.Limits.With(c.Limit)
		}
		if numbers[2]&(1<<i) != 0 {
			reached.Counted = reached.Counted.With(c.Limit)
		}
	}
	if reached.Limits != 0 {
		reached.Until = time.UnixMilli(numbers[1]).UTC()
	}
	return reached, true
}

// undoAlone takes back what this process had counted by itself, and returns the rest.
func (r *Redis) undoAlone(undone []loyalty.Paced) (rest []loyalty.Paced) {
	for i := range undone {
		if undone[i].Alone {
			r.paces.undo(&undone[i])
		} else {
			rest = append(rest, undone[i])
		}
	}
	return rest
}

// undoPace takes back what was counted and did not happen, unless another attempt has
// come upon it since.
func (r *Redis) undoPace(ctx context.Context, pipe redis.Pipeliner, paced *loyalty.Paced) {
	for _, c := range paced.Counts {
		pipe.ZRem(ctx, r.paceKey(paced, &c), paceMember(paced))
	}
}

// paceKey is where the actions against one limit are kept. Those of a merchant lie
// on one node of a Cluster, as one script changes several.
func (r *Redis) paceKey(paced *loyalty.Paced, c *loyalty.Count) string {
	encode := base64.RawURLEncoding.EncodeToString
	return r.prefix + ":{" + encode(paced.Merchant[:]) + "}:pace:" + strconv.Itoa(int(c.Limit)) + ":" + encode(c.Of[:])
}

// paceMember is an action among others: half a SHA-256 is enough to tell it.
func paceMember(paced *loyalty.Paced) string { return string(paced.Owner[:16]) }
