package main

import (
	"errors"
	"time"
)

// spent is CPU time by process. The client is whoever makes the load.
type spent struct{ client, api, postgres, redis time.Duration }

func (s spent) total() time.Duration { return s.client + s.api + s.postgres + s.redis }

// used is what engines and a server have spent so far; server may be nil.
func (s *site) used(server *server) (spent, error) {
	var used spent
	var errPostgres, errRedis, errAPI error
	used.postgres, errPostgres = cpuTime(s.postgres.PID())
	used.redis, errRedis = cpuTime(s.redis.PID())
	if server != nil {
		used.api, errAPI = server.cpu()
	}
	return used, errors.Join(errPostgres, errRedis, errAPI)
}

// metered runs a stretch of load and adds to it what engines and server spent
// meanwhile.
func (s *site) metered(server *server, load func() (measured, error)) (measured, error) {
	before, err := s.used(server)
	if err != nil {
		return measured{}, err
	}
	m, err := load()
	if err != nil {
		return measured{}, err
	}
	after, err := s.used(server)
	m.spent.api = after.api - before.api
	m.spent.postgres = after.postgres - before.postgres
	m.spent.redis = after.redis - before.redis
	return m, err
}
