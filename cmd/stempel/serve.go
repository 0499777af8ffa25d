package main

import (
	"context"
	"io"
	"log/slog"
)

type serveCommand struct {
	sealed
	network
}

func (s *serveCommand) check(wrong *problems) {
	s.sealed.check(wrong)
	s.network.check(wrong)
	if s.DatabaseURL == "" {
		checkFolder(wrong, "STEMPEL_DATA", s.Data)
	}
}

// Run serves until ctx ends.
func (s *serveCommand) Run(ctx context.Context, to streams) error {
	log := s.network.logger(to.err)
	tuneMemory(serverMemory)
	running, err := boot(ctx, &s.sealed, &s.network, log)
	if err != nil {
		return err
	}
	guard := "memory"
	if s.RedisURL != "" {
		guard = "redis"
	}
	log.Info("serving", slog.String("url", running.URL()), slog.String("database", s.place()), slog.String("guard", guard))
	return running.Run(ctx)
}

// logger writes JSON lines; its level was checked before.
func (n *network) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(n.LogLevel))
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}
