package main

import (
	"context"
	"errors"
	"log/slog"

	"stempel/internal/guard"
	"stempel/internal/keys"
)

type serveCommand struct {
	storage
	network
}

// Run serves until ctx ends. All mistakes of the configuration are told at once,
// before anything is opened.
func (s *serveCommand) Run(ctx context.Context, to streams) error {
	var wrong problems
	s.storage.check(&wrong)
	s.network.check(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	log := s.network.logger(to)
	tuneMemory()
	running, err := boot(ctx, &s.storage, &s.network, log)
	if err != nil {
		return err
	}
	log.Info("serving", slog.String("url", running.URL()))
	err = running.Wait(ctx)
	log.Info("stopping")
	return errors.Join(err, running.Close())
}

// logger writes JSON lines; its level was checked before.
func (n *network) logger(to streams) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(n.LogLevel))
	return slog.New(slog.NewJSONHandler(to.err, &slog.HandlerOptions{Level: level}))
}

func parseMaster(text string) ([32]byte, error) { return keys.ParseMaster(text) }

// checkRedisURL reads the URL as the guard will. It connects to nothing.
func checkRedisURL(url string) error {
	redis, err := guard.OpenRedis(url)
	if err != nil {
		return err
	}
	return redis.Close()
}
