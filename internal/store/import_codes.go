package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// RenderCodes makes the answer of an import: which of its codes, by their place in
// the batch, were in the pool already, and how many can be handed out afterwards. It may
// be called again after a rollback.
type RenderCodes = func(there []int, left int64) (loyalty.Answer, error)

// ImportCodes puts the codes of a batch into the pool of a reward, all at once. What
// was ever in it, handed out or not, stays as it is. Tills go on meanwhile, and hand out
// of the pool what was there: on PostgreSQL they wait only while it is counted at the
// end, and on SQLite for one portion of the codes (importInTurns).
//
// Errors: loyalty.ErrNotFound for no such reward; a *loyalty.Refusal with
// loyalty.ActionNotOffered where it is no code, and with loyalty.PoolFull;
// loyalty.ErrConflict when others go on importing the same; what render returns; as of
// Once.
func (s *Store) ImportCodes(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render RenderCodes) (answer loyalty.Answer, err error) {
	attempt := s.importAtOnce
	if s.OneWriter() {
		attempt = s.importInTurns
	}
	for range maxAttempts {
		answer, err = attempt(ctx, r, b, now, render)
		if !errors.Is(err, loyalty.ErrConflict) { // or somebody has imported the same meanwhile
			break
		}
	}
	return answer, err
}

// importAtOnce is an import in one transaction.
func (s *Store) importAtOnce(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render RenderCodes) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.takesCodes(b); err != nil {
			return loyalty.Answer{}, err
		}
		there, err := codesThere(tx.db, b)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.storeCodes(inOrderOfTexts(b.Without(there))); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.lockPool(b.Merchant, b.Reward); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.stillNew(b, there); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.stillThere(b, there); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.beginImport(b, importOpen); err != nil {
			return loyalty.Answer{}, err
		}
		left, err := codesLeft(tx.db, b.Reward, loyalty.MaxPool+1, now)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if left > loyalty.MaxPool {
			return loyalty.Answer{}, loyalty.RefusePoolFull()
		}
		if err := tx.dropSpentImports(b.Reward, now); err != nil {
			return loyalty.Answer{}, err
		}
		return render(there, left)
	})
}

// takesCodes fails unless the reward of a batch has a pool. Errors: loyalty.ErrNotFound;
// a *loyalty.Refusal with loyalty.ActionNotOffered.
func (tx *Tx) takesCodes(b *loyalty.CodeBatch) error {
	reward, err := rewardOf(tx.db, b.Merchant, b.Reward)
	if err == nil && reward.Kind != loyalty.PartnerCode {
		err = loyalty.RefuseNoPool()
	}
	return err
}

// codesThere are the places in a batch of codes that the pool has, or had.
func codesThere(db *gorm.DB, b *loyalty.CodeBatch) ([]int, error) {
	var asked []loyalty.Hash
	for i := range b.Codes {
		asked = append(append(asked, b.Codes[i].Fingerprint), b.Codes[i].Former...)
	}
	known, err := fingerprinted(db, b.Reward, asked)
	if err != nil {
		return nil, err
	}
	there := []int{}
	for i := range b.Codes {
		if known[b.Codes[i].Fingerprint] || slices.ContainsFunc(b.Codes[i].Former, func(h loyalty.Hash) bool { return known[h] }) {
			there = append(there, i)
		}
	}
	return there, nil
}

// stillNew holds, with the pool locked, that nobody else has imported what was stored of
// a batch under a former key meanwhile: of the same fingerprint the database allows one.
func (tx *Tx) stillNew(b *loyalty.CodeBatch, but []int) error {
	var asked []loyalty.Hash
	for i := range b.Codes {
		if _, left := slices.BinarySearch(but, i); !left {
			asked = append(asked, b.Codes[i].Former...)
		}
	}
	known, err := fingerprinted(tx.db, b.Reward, asked)
	if err == nil && len(known) > 0 {
		err = fmt.Errorf("%w: the same codes were imported meanwhile", errAgain)
	}
	return err
}

// stillThere holds, with the pool locked, that nobody has withdrawn meanwhile what was
// left out of a batch because the pool had it.
func (tx *Tx) stillThere(b *loyalty.CodeBatch, there []int) error {
	left := loyalty.CodeBatch{Reward: b.Reward, Codes: make([]loyalty.NewCode, 0, len(there))}
	for _, i := range there {
		left.Codes = append(left.Codes, b.Codes[i])
	}
	known, err := codesThere(tx.db, &left)
	if err == nil && len(known) < len(there) {
		err = fmt.Errorf("%w: some of the codes were withdrawn meanwhile", errAgain)
	}
	return err
}

// fingerprinted are those of some fingerprints that a reward's codes have.
func fingerprinted(db *gorm.DB, reward loyalty.RewardID, asked []loyalty.Hash) (map[loyalty.Hash]bool, error) {
	known := map[loyalty.Hash]bool{}
	for part := range slices.Chunk(asked, keysAtOnce) {
		found, err := all(db.Table("codes AS c").Select("c.fingerprint").
			Where("c.reward_id = ? AND c.fingerprint IN ?", uid(reward), hashes(part)), func(r source) loyalty.Hash { return r.hash() })
		if err != nil {
			return nil, err
		}
		for _, fingerprint := range found {
			known[fingerprint] = true
		}
	}
	return known, nil
}

// inOrderOfTexts sorts codes by their fingerprints, so that of two batches with the same
// codes one waits for the other, and never each for each; in which order they are handed
// out say their ids.
func inOrderOfTexts(codes []loyalty.GiftCode) []loyalty.GiftCode {
	slices.SortFunc(codes, func(a, b loyalty.GiftCode) int { return bytes.Compare(a.Fingerprint[:], b.Fingerprint[:]) })
	return codes
}

func (tx *Tx) storeCodes(codes []loyalty.GiftCode) error {
	return tx.load(func(to changes) error {
		w := writing{ctx: tx.db.Statement.Context, to: to}
		add(&w, insertCodes, codes, putNewCode)
		return w.err
	})
}
