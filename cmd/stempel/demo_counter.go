package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag"
)

// counterTap is what a phone reads next of the tag on the demo's counter, which nobody
// needs to have: good for one stamp on the ice cream card. Empty where an earlier demo
// gives none.
func counterTap(ctx context.Context, s *server, notes *demoNotes, public string) (string, error) {
	program, err := s.store.Program(ctx, notes.Merchant, notes.Programs["ice-cream"])
	if err != nil || !program.Counter.Enabled {
		return "", err
	}
	tagKeys := credential.NewTagKeys(s.ring.MACs(keys.Tag))
	tag, err := counterTag(ctx, s, program, tagKeys.KeyID(time.Now()))
	if err != nil {
		return "", err
	}
	file, ok := tagKeys.File(&tag)
	if !ok {
		return "", nil // its key was retired
	}
	tap := ntag.Tap{UID: tag.UID, Counter: tag.Counter + 1}
	mac := ntag.MAC((*ntag.Key)(&file), tap, "")
	return fmt.Sprintf("%s/t/%s?k=%s&uid=%s&ctr=%06X&cmac=%X", public, tag.ID, tag.KeyID, tag.UID, tap.Counter, mac), nil
}

// counterTag is the tag on the demo's counter, a new one where there is none.
func counterTag(ctx context.Context, s *server, p *loyalty.Program, keyID string) (loyalty.Tag, error) {
	tags, err := s.store.Tags(ctx, p.Merchant, loyalty.CardID{}, false, loyalty.TagID{}, tagsAtOnce)
	if err != nil {
		return loyalty.Tag{}, err
	}
	for i := range tags {
		if tags[i].OnCounter() && tags[i].Program == p.ID {
			return tags[i], nil
		}
	}
	shops, err := s.store.Locations(ctx, p.Merchant, loyalty.LocationID{}, 1)
	if err != nil || len(shops) == 0 {
		return loyalty.Tag{}, err
	}
	tag := loyalty.Tag{
		ID: loyalty.NewID(), Merchant: p.Merchant, Location: shops[0].ID, Program: p.ID, KeyID: keyID,
		Label: "Beside the till", Created: time.Now(),
	}
	rand.Read(tag.UID[:])
	_, err = s.store.AddTag(ctx, loyalty.Answer{}, tag, keepTag(&tag))
	return tag, err
}
