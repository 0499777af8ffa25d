package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"stempel/internal/loyalty"
)

// demoCommand runs on embedded defaults only, whatever the environment says: it
// must never seed somebody's real database. Only where phones reach it may be said.
type demoCommand struct {
	Data   string `long:"data" default:"stempel-data" value-name:"DIR" description:"Folder to keep the demo in; an existing one is reused."`
	Listen string `long:"listen" default:"127.0.0.1:8080" value-name:"HOST:PORT" description:"Address to serve on."`

	PublicURL string `long:"public-url" env:"STEMPEL_PUBLIC_URL" value-name:"URL" description:"Where phones reach the demo, https://…: its links lead there."`
}

func (d *demoCommand) check(wrong *problems) {
	checkFolder(wrong, "--data", d.Data)
	checkAddress(wrong, "--listen", d.Listen)
	checkPublicURL(wrong, d.PublicURL)
}

// Run seeds a merchant unless the folder has one, serves, and shows the way.
func (d *demoCommand) Run(ctx context.Context, to streams) error {
	kept := sealed{storage: storage{Data: d.Data}}
	on := network{Listen: d.Listen, Posters: number{value: 1}, WebhooksPrivate: truth{value: true}, Test: truth{value: true}}
	on.PublicURL = d.PublicURL
	log := slog.New(slog.NewTextHandler(to.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	running, err := boot(ctx, &kept, &on, log)
	if err != nil {
		return err
	}
	if err := d.show(ctx, running, to); err != nil {
		return errors.Join(err, running.Close())
	}
	return running.Run(ctx)
}

func (d *demoCommand) show(ctx context.Context, running *server, to streams) error {
	path := filepath.Join(d.Data, "demo.json")
	begun := path + ".begun"
	notes, err := readNotes(path)
	if errors.Is(err, fs.ErrNotExist) {
		notes, err = d.begin(ctx, running, begun)
	}
	if err != nil {
		return err
	}
	notes.BaseURL = running.URL()
	customer := shopper{notes}
	if err := customer.newCards(ctx); err != nil {
		return fmt.Errorf("issue the demo's cards: %w (if %s belongs to another database, choose another folder with --data)", err, path)
	}
	public := cmp.Or(strings.TrimSuffix(d.PublicURL, "/"), notes.BaseURL)
	if notes.TillLink, err = customer.tillLink(ctx, public); err != nil {
		return fmt.Errorf("pair the demo's tablet: %w", err)
	}
	if err := customer.showCard(ctx, notes.Cards["ice-cream"], public); err != nil {
		return err
	}
	if notes.CounterTap, err = counterTap(ctx, running, notes, public); err != nil {
		return fmt.Errorf("put a tag on the demo's counter: %w", err)
	}
	if err := notes.write(path); err != nil {
		return err
	}
	if err := os.Remove(begun); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	token, err := customer.token(ctx, notes.Cards["ice-cream"])
	if err != nil {
		return err
	}
	return guide{Notes: notes, Public: public, Data: d.Data, File: path}.print(to.out, token)
}

// begin seeds a database that nobody uses yet, and notes that in a file before it
// has cards: a start that was killed meanwhile is gone on with. Killed between the
// two, it leaves a merchant whom nobody can use.
func (d *demoCommand) begin(ctx context.Context, running *server, begun string) (*demoNotes, error) {
	notes, err := readNotes(begun)
	if !errors.Is(err, fs.ErrNotExist) {
		return notes, err
	}
	err = running.store.EachCard(ctx, func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error {
		return fmt.Errorf("the folder %s has cards in it and no demo.json, so they may be real: choose another folder with --data", d.Data)
	})
	if err != nil {
		return nil, err
	}
	if notes, err = seed(ctx, running); err != nil {
		return nil, err
	}
	return notes, notes.write(begun)
}
