package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// chipWriter is a command that ends with a chip to be written.
type chipWriter struct {
	sealed
	URL string `long:"url" env:"STEMPEL_PUBLIC_URL" value-name:"URL" description:"Where phones reach the server, https://…: what a phone opens that reads the chip."`
}

func (w *chipWriter) check(wrong *problems) {
	w.sealed.check(wrong)
	if at, err := url.Parse(w.URL); err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.RawQuery != "" {
		wrong.add("--url", "must look like https://cards.example.com")
	}
}

// show prints a tag and what to write to its chip.
func (w *chipWriter) show(s streams, ring *keys.Ring, tag *loyalty.Tag) error {
	chip, err := api.Chip(credential.NewTagKeys(ring.MACs(keys.Tag)), tag, strings.TrimSuffix(w.URL, "/")+"/t")
	if err != nil {
		return err
	}
	fmt.Fprintln(s.err, "Write this to the chip (mobile-contracts/nfc.md says how). The keys are not shown again.")
	_, err = fmt.Fprintf(s.out, "tag        %s\nurl        %s\nmeta key   %s\nfile key   %s\nchange key %s\n",
		tag.ID, chip.URL, chip.MetaKey, chip.FileKey, chip.ChangeKey)
	return err
}

type registerTag struct {
	chipWriter
	Card     string `long:"card" value-name:"ID" description:"The card that it stands for."`
	Location string `long:"location" value-name:"ID" description:"Instead, the shop on whose counter it lies for customers' phones, with --program."`
	Program  string `long:"program" value-name:"ID" description:"Whose cards earn by tapping it."`
	Label    string `long:"label" unquote:"false" value-name:"TEXT" description:"What people know it by."`

	Args struct {
		UID string `positional-arg-name:"<uid>" description:"Serial number of the chip, 14 hex digits."`
	} `positional-args:"yes" required:"yes"`
}

func (r *registerTag) Run(ctx context.Context, s streams) error {
	uid, ok := loyalty.ParseTagUID(strings.ToUpper(r.Args.UID))
	if !ok {
		return fmt.Errorf("%q is not the serial number of a chip: want 14 hex digits", r.Args.UID)
	}
	tag, err := r.tag()
	if err != nil {
		return err
	}
	if r.Label != "" {
		if err := loyalty.CheckName("--label", r.Label); err != nil {
			return err
		}
	}
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		var err error
		if tag.Merchant, err = ownerOf(ctx, db, &tag); err != nil {
			return err
		}
		now := time.Now()
		tag.ID, tag.UID, tag.Label, tag.Created = loyalty.NewID(), uid, r.Label, now
		tag.KeyID = credential.NewTagKeys(ring.MACs(keys.Tag)).KeyID(now)
		if _, err := db.AddTag(ctx, loyalty.Answer{}, tag, keepTag(&tag)); err != nil {
			return err
		}
		return r.show(s, ring, &tag)
	})
}

// tag is what the flags say of it.
func (r *registerTag) tag() (tag loyalty.Tag, err error) {
	switch {
	case r.Card == "" && r.Location == "":
		return tag, errors.New("say what the tag is for: --card, or --location and --program")
	case r.Card != "" && (r.Location != "" || r.Program != ""):
		return tag, errors.New("a tag is for a card or for a counter: leave out --card, or --location and --program")
	case r.Card != "":
		if tag.Card, err = loyalty.ParseID[loyalty.CardID](r.Card); err != nil {
			return tag, fmt.Errorf("--card: %q is not the id of a card", r.Card)
		}
		return tag, nil
	}
	if tag.Location, err = loyalty.ParseID[loyalty.LocationID](r.Location); err != nil {
		return tag, fmt.Errorf("--location: %q is not the id of a location", r.Location)
	}
	if tag.Program, err = loyalty.ParseID[loyalty.ProgramID](r.Program); err != nil {
		return tag, fmt.Errorf("--program: %q is not the id of a program", r.Program)
	}
	return tag, nil
}

// ownerOf is the merchant of what a tag is for.
func ownerOf(ctx context.Context, db *store.Store, tag *loyalty.Tag) (m loyalty.MerchantID, err error) {
	flag, what := "--card", "card "+tag.Card.String()
	if tag.OnCounter() {
		flag, what = "--program", "program "+tag.Program.String()
		m, err = db.ProgramOwner(ctx, tag.Program)
	} else {
		m, err = db.MerchantOf(ctx, tag.Card)
	}
	if errors.Is(err, loyalty.ErrNotFound) {
		err = fmt.Errorf("%s: there is no %s", flag, what)
	}
	return m, err
}

// keepTag takes what was stored; nobody is to be answered.
func keepTag(into *loyalty.Tag) store.RenderTag {
	return func(t *loyalty.Tag) (loyalty.Answer, error) {
		*into = *t
		return loyalty.Answer{}, nil
	}
}

type renewTag struct {
	chipWriter
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose tag it is."`

	Args struct {
		Tag string `positional-arg-name:"<tag>" description:"The tag's id, from stempel tags list."`
	} `positional-args:"yes" required:"yes"`
}

func (r *renewTag) Run(ctx context.Context, s streams) error {
	merchant, id, err := tagOf(r.Merchant, r.Args.Tag)
	if err != nil {
		return err
	}
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		var tag loyalty.Tag
		if _, err := db.RenewTag(ctx, loyalty.Answer{}, merchant, id, keepTag(&tag)); err != nil {
			return err
		}
		return r.show(s, ring, &tag)
	})
}

type listTags struct {
	storage
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose tags."`
}

// tagsAtOnce is how many tags are read at one time.
const tagsAtOnce = 500

func (l *listTags) Run(ctx context.Context, s streams) error {
	merchant, err := loyalty.ParseID[loyalty.MerchantID](l.Merchant)
	if err != nil {
		return fmt.Errorf("--merchant: %q is not the id of a merchant", l.Merchant)
	}
	return l.withStore(ctx, func(db *store.Store) error {
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "TAG\tUID\tFOR\tEPOCH\tCOUNTER\tSTATE\tLABEL")
		for after := (loyalty.TagID{}); ; {
			tags, err := db.Tags(ctx, merchant, loyalty.CardID{}, true, after, tagsAtOnce)
			if err != nil {
				return err
			}
			for i := range tags {
				t := &tags[i]
				state := "active"
				if !t.Revoked.IsZero() {
					state = "revoked"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\t%s\n", t.ID, t.UID, purpose(t), t.Epoch, t.Counter, state, t.Label)
				after = t.ID
			}
			if len(tags) < tagsAtOnce {
				return table.Flush()
			}
		}
	})
}

// purpose is the card that a tag stands for, or the shop on whose counter it lies.
func purpose(t *loyalty.Tag) string {
	if t.OnCounter() {
		return t.Location.String()
	}
	return t.Card.String()
}
