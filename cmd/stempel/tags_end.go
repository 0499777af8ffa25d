package main

import (
	"context"
	"fmt"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type revokeTag struct {
	storage
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose tag it is."`

	Args struct {
		Tag string `positional-arg-name:"<tag>" description:"The tag's id, from stempel tags list."`
	} `positional-args:"yes" required:"yes"`
}

func (r *revokeTag) Run(ctx context.Context, s streams) error {
	merchant, id, err := tagOf(r.Merchant, r.Args.Tag)
	if err != nil {
		return err
	}
	return r.withStore(ctx, func(db *store.Store) error {
		var tag loyalty.Tag
		if _, err := db.RevokeTag(ctx, loyalty.Answer{}, merchant, id, time.Now(), keepTag(&tag)); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "%s is revoked since %s\n", tag.ID, tag.Revoked.UTC().Format(time.RFC3339))
		return err
	})
}

// tagOf reads whose tag is meant, and which.
func tagOf(merchant, tag string) (m loyalty.MerchantID, id loyalty.TagID, err error) {
	if id, err = loyalty.ParseID[loyalty.TagID](tag); err != nil {
		return m, id, fmt.Errorf("%q is not the id of a tag", tag)
	}
	if m, err = loyalty.ParseID[loyalty.MerchantID](merchant); err != nil {
		return m, id, fmt.Errorf("--merchant: %q is not the id of a merchant", merchant)
	}
	return m, id, nil
}
