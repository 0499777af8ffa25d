package apitest

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"stempel/internal/loyalty"
)

// internals are traces of how the server is made. No answer to anybody has them.
var internals = []string{
	"pq:", "pgx", "sqlstate", "sqlite", "gorm", "postgres", "redis", "select ", "insert into", "duplicate key",
	"constraint", "panic", "goroutine", "runtime error", "nil pointer", ".go:", "/go/", "/root/", "/tmp/",
	"stempel/", "loyalty.", "gen.", "jsontext", "json:", "unmarshal", "go struct", "reflect", "strconv",
	"invalid character", "dial tcp", "connection refused", "broken pipe", "context deadline", "context canceled",
	"fasthttp", "fiber", "uuid", "int64", "[]byte", "%!",
}

// random are ids, texts of keys, hashes and signatures, and codes that people
// type. Any word may stand in them by chance.
var random = regexp.MustCompile(`[A-Za-z0-9_-]{20,}|[0-9A-Z]{5}(-[0-9A-Z]{5})+`)

// keepSecret notes a token of the shop, which no answer may hold.
func (s *Shop) keepSecret(token string, hash loyalty.Hash) {
	_, secret, _ := strings.Cut(token, ".")
	s.secrets = append(s.secrets, secret)
	s.keepHash(hash)
}

func (s *Shop) keepHash(hash loyalty.Hash) {
	s.secrets = append(s.secrets, hex.EncodeToString(hash[:]),
		base64.RawURLEncoding.EncodeToString(hash[:]), base64.RawStdEncoding.EncodeToString(hash[:]))
}

// leaks lists what an answer to one of the shops, or to nobody (nil), must not
// hold and does.
func (a *API) leaks(to *Shop, body string) []string {
	var found []string
	look := func(in string, words []string) {
		for _, word := range words {
			if strings.Contains(in, word) {
				found = append(found, word)
			}
		}
	}
	look(strings.ToLower(random.ReplaceAllString(body, "")), internals)
	for _, shop := range a.shops() {
		look(body, shop.secrets)
		if shop != to {
			look(body, slices.DeleteFunc(slices.Clone(shop.own), to.knows))
		}
	}
	return found
}

// shopOf is whose token it is.
func (a *API) shopOf(token string) *Shop {
	for _, shop := range a.shops() {
		if token == "" {
			continue
		}
		if _, phone := shop.phones.Load(token); phone || slices.Contains(shop.tokens, token) {
			return shop
		}
	}
	return nil
}
