package main

import (
	"context"
	"fmt"
	"slices"
)

// prepare seeds the databases that the chosen rows need, starts their servers,
// and returns the rows in the order in which they stand in the table.
func (b *benchCommand) prepare(ctx context.Context, s *site) ([]*row, error) {
	var rows []*row
	if b.wants("live") || b.wants("static") || b.wants("purchase") || b.wants("rules") || b.wants("hot") {
		shop, server, err := b.open(ctx, s, s.onPostgres(), s.redis.URL())
		if err != nil {
			return nil, err
		}
		rows = append(rows,
			&row{name: "live", prefix: "scan", server: server, tills: shop.tills, mint: shop.mintLive, earn: oneUnit},
			&row{name: "static", prefix: "static", server: server, tills: shop.tills, mint: shop.mintStatic, earn: oneUnit},
			&row{name: "purchase", prefix: "purchase", server: server, tills: shop.tills, mint: shop.mintLive, earn: oneTrolley},
			&row{name: "rules", prefix: "rules", server: server, tills: shop.tills, mint: shop.mintRuled, earn: oneTrolley},
			&row{name: "hot", prefix: "hot_card", server: server, tills: shop.tills, mint: shop.mintHot, earn: oneUnit},
		)
	}
	if b.wants("sqlite") {
		shop, server, err := b.open(ctx, s, s.onSQLite(), "")
		if err != nil {
			return nil, err
		}
		rows = append(rows, &row{name: "sqlite", prefix: "sqlite", server: server, tills: shop.tills, mint: shop.mintLive, earn: oneUnit})
	}
	return slices.DeleteFunc(rows, func(r *row) bool { return !b.wants(r.name) }), nil
}

func (b *benchCommand) wants(row string) bool { return slices.Contains(b.Rows, row) }

// open seeds a database and starts one server on it.
func (b *benchCommand) open(ctx context.Context, s *site, kept storage, redisURL string) (*shop, *server, error) {
	shop, err := seed(ctx, kept.url(), s.master, b.Tills, b.Cards)
	if err != nil {
		return nil, nil, fmt.Errorf("seed: %w", err)
	}
	server, err := s.serve(ctx, kept, redisURL)
	return shop, server, err
}
