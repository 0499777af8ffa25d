package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"stempel/api"
	"stempel/internal/loyalty"
	"stempel/internal/programfile"
	"stempel/internal/rules"
	"stempel/internal/store"
)

// applied is what a file makes of a program.
type applied struct {
	file    *api.ProgramFile
	before  *loyalty.Program // nil for a new one
	next    loyalty.Program
	stock   []loyalty.Stock
	changes []programfile.Change
}

// planned is what files would change, each of it tried and taken back. Errors: all
// reasons why that cannot be, with their place in a file.
func planned(ctx context.Context, db *store.Store, m loyalty.MerchantID, files []*api.ProgramFile) (plan []*applied, err error) {
	if _, err := db.Merchant(ctx, m); err != nil {
		return nil, fmt.Errorf("merchant %s: %w", m, err)
	}
	programs, err := db.Programs(ctx, m)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, file := range files {
		p, err := planOf(ctx, db, m, programs, file)
		if err == nil && len(p.changes) > 0 {
			err = p.rehearse(ctx, db)
		}
		plan, wrong = append(plan, p), append(wrong, err)
	}
	return plan, errors.Join(wrong...)
}

func planOf(ctx context.Context, db *store.Store, m loyalty.MerchantID, programs []*loyalty.Program, file *api.ProgramFile) (p *applied, err error) {
	p = &applied{file: file, next: loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: m}}
	if p.before, err = withKey(programs, file.Key); err != nil {
		return nil, err
	}
	ids := map[string]loyalty.RewardID{}
	before := &loyalty.Rules{}
	if p.before != nil {
		p.next.ID, p.next.Version, before = p.before.ID, p.before.Version+1, &p.before.Rules
		if ids, err = rewardIDs(ctx, db, p.before); err != nil {
			return nil, err
		}
	}
	p.next.Rules, err = file.Rules(func(key string) (id loyalty.RewardID, known bool) { id, known = ids[key]; return id, known })
	if err != nil {
		return nil, err
	}
	p.stock = file.Stock(before, &p.next.Rules)
	if p.before == nil {
		before = nil
	}
	p.changes, err = api.ProgramChanges(before, &p.next.Rules)
	return p, err
}

// withKey finds the program that a key names in files; nil for none. One with that
// key goes before those whose names would make it. Errors: that there are several of
// these, or that it was never published.
func withKey(programs []*loyalty.Program, key string) (found *loyalty.Program, err error) {
	keys := loyalty.FileKeys(programs)
	var named []string
	for _, p := range programs {
		switch {
		case p.Key == key:
			return published(p, key)
		case p.Key != "":
		case p.LongFileKey() == key:
			return published(p, key)
		case p.FileKey() == key:
			found, named = p, append(named, keys[p.ID])
		}
	}
	switch len(named) {
	case 0:
		return nil, nil
	case 1:
		return published(found, key)
	}
	return nil, fmt.Errorf("%s: there are %d programs of that name: call them %s here, as export does", key, len(named), strings.Join(named, " and "))
}

func published(p *loyalty.Program, key string) (*loyalty.Program, error) {
	if p.Version == 0 {
		return nil, fmt.Errorf("%s: the program %s is a draft that was never published: publish or delete it first", key, p.ID)
	}
	return p, nil
}

// rewardIDs are those of a program's rewards by their keys, of the current version
// and, where that has them no more, of earlier ones.
func rewardIDs(ctx context.Context, db *store.Store, p *loyalty.Program) (map[string]loyalty.RewardID, error) {
	versions, err := db.Versions(ctx, p.Merchant, p.ID, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	ids := map[string]loyalty.RewardID{}
	named := map[loyalty.RewardID]bool{}
	for _, version := range versions {
		for id, key := range version.RewardKeys() {
			if _, taken := ids[key]; !taken && !named[id] {
				ids[key], named[id] = id, true
			}
		}
	}
	return ids, nil
}

var errRehearsed = errors.New("this was to be taken back")

// rehearse publishes the program and takes it back at once.
func (p *applied) rehearse(ctx context.Context, db *store.Store) error {
	err := p.apply(ctx, db, time.Now(), func(*loyalty.Program) (loyalty.Answer, error) { return loyalty.Answer{}, errRehearsed })
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// apply publishes the program. Errors: as of Store.Apply, with the program's key or
// the place in its file.
func (p *applied) apply(ctx context.Context, db *store.Store, now time.Time, render store.RenderProgram) error {
	_, err := db.Apply(ctx, loyalty.Answer{}, p.next, p.stock, now, render)
	err = p.file.Explain(err)
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) {
		return fmt.Errorf("%s: %s", p.file.Key, refusal.Message)
	}
	return err
}

// show prints what is changed, a line for each field.
func (p *applied) show(to io.Writer) {
	switch {
	case p.before == nil:
		fmt.Fprintf(to, "%s: a new program\n", p.file.Key)
	case len(p.changes) == 0:
		fmt.Fprintf(to, "%s: %s, version %d, is so already\n", p.file.Key, p.before.ID, p.before.Version)
	default:
		fmt.Fprintf(to, "%s: %s, version %d → %d\n", p.file.Key, p.before.ID, p.before.Version, p.next.Version)
	}
	for _, c := range p.changes {
		switch {
		case c.Before == "":
			fmt.Fprintf(to, "  + %s: %s\n", c.Field, c.After)
		case c.After == "":
			fmt.Fprintf(to, "  - %s: %s\n", c.Field, c.Before)
		default:
			fmt.Fprintf(to, "  ~ %s: %s → %s\n", c.Field, c.Before, c.After)
		}
	}
	for _, doubt := range rules.Doubts(&p.next.Rules) {
		fmt.Fprintf(to, "  ! %s %s\n", doubt.Field, doubt.Problem)
	}
	for _, first := range p.stock {
		if reward, ok := p.next.Reward(first.Reward); ok {
			fmt.Fprintf(to, "  + rewards[%s] in stock: %d, unless it was counted before\n", reward.Key, first.Left)
		}
	}
}
