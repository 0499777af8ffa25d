package store

import "context"

// TestChain are the certificates that sign passes while there is none of Apple's.
// Errors: loyalty.ErrNotFound before the first.
func (s *Store) TestChain(ctx context.Context) (string, error) {
	return first(s.engine.reader().WithContext(ctx).Table("test_chains AS t").Select("t.chain").Where("t.id = 1"),
		func(r source) string { return r.text() })
}

// KeepTestChain keeps such certificates, unless another process was faster, and
// returns those that are kept.
func (s *Store) KeepTestChain(ctx context.Context, chain string) (string, error) {
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			return tx.exec("INSERT INTO test_chains (id, chain) VALUES (1, ?) ON CONFLICT DO NOTHING", chain)
		})
	})
	if err != nil {
		return "", err
	}
	return s.TestChain(ctx)
}
