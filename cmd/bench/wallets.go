package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/passes/apple"
	"stempel/passes/apple/apnstest"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// wallets are customers with a shop's cards in their phones, and what Apple and
// Google would hear of them.
type wallets struct {
	db      *pgx.Conn
	push    *apnstest.Server
	google  *googletest.Google
	phones  []phone  // with Apple Wallet, one for each card
	objects []string // in Google Wallet, of some of the same cards
}

// phone is what an iPhone knows of the one pass that it holds.
type phone struct{ serial, token, push string }

// walletURL stands where phones would reach the server; nobody asks there.
const walletURL = "https://cards.example.com"

// openWallets puts every card of a shop on PostgreSQL into an iPhone, and some of
// them into Google Wallet, as if that had been long ago.
func openWallets(ctx context.Context, s *shop, inGoogle int) (_ *wallets, err error) {
	w := &wallets{google: googletest.Start(time.Now)}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.push, err = startPush(ctx, s.url); err != nil {
		return nil, err
	}
	if w.db, err = pgx.Connect(ctx, s.url); err != nil {
		return nil, err
	}
	now := time.Now()
	open := func(wallet loyalty.WalletKind, cards []loyalty.CardID) {
		if err == nil {
			_, err = w.db.Exec(ctx, `INSERT INTO passes (id, merchant_id, program_id, card_id, wallet, language, key_id, created_at, changed_at, shown)
				SELECT gen_random_uuid(), merchant_id, program_id, id, $1, 'en', $2, $3, $3, '' FROM cards WHERE id = ANY($4)`,
				wallet, s.passes.KeyID(now), now.UnixMicro(), raw(cards))
		}
	}
	open(loyalty.AppleWallet, s.cards)
	open(loyalty.GoogleWallet, s.cards[:inGoogle])
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		`INSERT INTO registrations (device, pass_id, push_token, created_at, changed_at)
			SELECT sha256(uuid_send(id)), id, encode(sha256(uuid_send(id)), 'hex'), created_at, created_at FROM passes WHERE wallet = 1 AND program_id = $1`,
		`UPDATE cards SET watched = 9223372036854775807 WHERE program_id = $1`, // loyalty.WatchedForEver
	} {
		if _, err := w.db.Exec(ctx, statement, [16]byte(s.stamps)); err != nil {
			return nil, err
		}
	}
	return w, w.read(ctx, s)
}

// startPush starts a push service that believes the chain which the servers on a
// database will sign with.
func startPush(ctx context.Context, url string) (_ *apnstest.Server, err error) {
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	made, err := apple.NewTestChain(time.Now())
	if err != nil {
		return nil, err
	}
	chain, err := db.KeepTestChain(ctx, string(made))
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(apple.TestRoot([]byte(chain)))
	return apnstest.Start(apple.TestType, clients), nil
}

// read learns what the phones know.
func (w *wallets) read(ctx context.Context, s *shop) error {
	rows, err := w.db.Query(ctx, "SELECT p.id, p.wallet, p.key_id, coalesce(r.push_token, '') FROM passes p LEFT JOIN registrations r ON r.pass_id = p.id WHERE p.program_id = $1",
		[16]byte(s.stamps))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id [16]byte
		var wallet loyalty.WalletKind
		var key, pushToken string
		if err := rows.Scan(&id, &wallet, &key, &pushToken); err != nil {
			return err
		}
		pass := loyalty.PassID(id)
		if wallet == loyalty.GoogleWallet {
			w.objects = append(w.objects, google.Issuer(googletest.Issuer).Object(pass))
			continue
		}
		token, ok := s.passes.Mint(pass, key)
		if !ok {
			return fmt.Errorf("pass %s has no token", pass)
		}
		w.phones = append(w.phones, phone{pass.String(), token, pushToken})
	}
	return rows.Err()
}

// told is how often each wallet was told of anything so far.
func (w *wallets) told() map[string]int {
	all := make(map[string]int, len(w.phones)+len(w.objects))
	for _, p := range w.phones {
		all[p.push] = w.push.Pushed(p.push)
	}
	for _, id := range w.objects {
		all[id] = w.google.Writes(id)
	}
	return all
}

// settings are those of a server that reaches the fakes, with a file in a folder.
func (w *wallets) settings(dir string) ([]string, error) {
	roots := filepath.Join(dir, "push.pem")
	return []string{
		"SSL_CERT_FILE=" + roots, "STEMPEL_PUBLIC_URL=" + walletURL, "STEMPEL_APPLE_PUSH=" + w.push.URL,
		"STEMPEL_GOOGLE_ISSUER=" + googletest.Issuer, "STEMPEL_GOOGLE_ACCOUNT=" + string(w.google.AccountFile()),
		"STEMPEL_GOOGLE_ENDPOINT=" + w.google.Endpoint(),
	}, os.WriteFile(roots, w.push.RootPEM(), 0o600)
}

func (w *wallets) close() {
	if w.db != nil {
		_ = w.db.Close(context.Background())
	}
	if w.push != nil {
		w.push.Close()
	}
	w.google.Close()
}

// raw are ids as PostgreSQL's driver takes them.
func raw(cards []loyalty.CardID) [][16]byte {
	list := make([][16]byte, len(cards))
	for i, card := range cards {
		list[i] = card
	}
	return list
}
