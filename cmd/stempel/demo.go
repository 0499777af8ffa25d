package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
)

// demoCommand runs on embedded defaults only, whatever the environment says: it
// must never seed somebody's real database.
type demoCommand struct {
	Data   string `default:"stempel-data" placeholder:"DIR" help:"Folder to keep the demo in; an existing one is reused (${default})."`
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on (${default})."`
}

// Run seeds a merchant unless the folder has one, serves, and shows the way.
func (d *demoCommand) Run(ctx context.Context, to streams) error {
	kept := storage{Data: d.Data}
	on := network{Listen: d.Listen, LogLevel: "warn", Posters: number{value: 1}}
	var wrong problems
	kept.check(&wrong)
	on.check(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(to.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	running, err := boot(ctx, &kept, &on, log)
	if err != nil {
		return err
	}
	if err := d.show(ctx, running, to); err != nil {
		return errors.Join(err, running.Close())
	}
	err = running.Wait(ctx)
	return errors.Join(err, running.Close())
}

func (d *demoCommand) show(ctx context.Context, running *server, to streams) error {
	path := filepath.Join(d.Data, "demo.json")
	notes, err := readNotes(path)
	if errors.Is(err, fs.ErrNotExist) {
		notes, err = seed(ctx, running)
	}
	if err != nil {
		return err
	}
	notes.BaseURL = running.URL()
	client := shopper{notes: notes}
	if err := client.newCards(ctx); err != nil {
		return fmt.Errorf("issue the demo's cards: %w (if %s belongs to another database, choose another --data)", err, path)
	}
	if err := notes.write(path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	token, err := client.token(ctx, notes.Cards["ice-cream"])
	if err != nil {
		return err
	}
	return guide(to.out, notes, token, path)
}
