package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/apple"
	"stempel/passes/artwork"
)

// press makes the Apple passes of one stamp card's program, with what it takes to
// make the same signatures bare.
type press struct {
	chain   []byte // PEM, as apple.NewTestChain makes it
	key     *rsa.PrivateKey
	program loyalty.Program
	now     time.Time

	warm *apple.Packager // has drawn every picture that the program needs
	cold *apple.Packager // remembers no picture
	made int             // passes, so that each is another card's
}

func openPress(ctx context.Context) (*press, error) {
	now := time.Now()
	chain, err := apple.NewTestChain(now)
	if err != nil {
		return nil, err
	}
	identity, err := apple.ParseTestChain(chain, now)
	if err != nil {
		return nil, err
	}
	p := &press{chain: chain, program: stampCard(loyalty.NewID(), cardSize), now: now}
	if p.key, err = p.signingKey(); err != nil {
		return nil, err
	}
	packager := func(room int) *apple.Packager {
		return apple.New(apple.Config{
			Identity: identity, Artist: artwork.NewStudio(nil, room), Service: "https://cards.example/passes/apple", Now: time.Now,
		})
	}
	const room = 8 << 20 // bytes
	p.warm, p.cold = packager(room), packager(0)
	for range cardSize {
		if _, err := p.changed(ctx); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// signingKey is the key of the chain's leaf.
func (p *press) signingKey() (*rsa.PrivateKey, error) {
	for block, rest := pem.Decode(p.chain); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "PRIVATE KEY" {
			continue
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if key, ok := parsed.(*rsa.PrivateKey); ok && key.N.BitLen() == 2048 {
			return key, nil
		}
	}
	return nil, errors.New("the test chain has no RSA key of 2048 bits")
}

// card is the n-th card, which has just got a stamp, as a pass shows it.
func (p *press) card(n int) apple.Card {
	of := loyalty.NewCard(loyalty.CardID{15: byte(n), 14: byte(n >> 8), 13: byte(n >> 16), 12: byte(n >> 24)}, &p.program, p.now)
	of.Balance = int64(n % cardSize)
	posted := p.now.Add(time.Duration(n) * time.Second)
	face := passes.Of(passes.Subject{
		Merchant: loyalty.Merchant{ID: p.program.Merchant, Name: "Bench"}, Program: &p.program, Card: &of, Language: passes.English, Now: posted,
		Last: []loyalty.Entry{{Card: of.ID, Seq: int64(n), Kind: loyalty.Earn, Units: 1, Balance: of.Balance, Posted: posted}},
	})
	serial := fmt.Sprintf("pass_%026d", n)
	return apple.Card{Face: &face, Serial: serial, Token: serial, Barcode: fmt.Sprintf("STS.%056d", n), Tap: fmt.Sprintf("STS.%055dR", n)}
}

// sign is a bare signature, the one that is in every pass.
func (p *press) sign(context.Context) ([]byte, error) {
	digest := sha256.Sum256(nil)
	return rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, digest[:])
}

// changed is a pass that nobody has asked for before.
func (p *press) changed(ctx context.Context) ([]byte, error) {
	p.made++
	return p.warm.Pack(ctx, p.card(p.made))
}

// drawn is changed where the pictures have to be drawn, too.
func (p *press) drawn(ctx context.Context) ([]byte, error) {
	p.made++
	return p.cold.Pack(ctx, p.card(p.made))
}

// unchanged is the pass of the latest card once more.
func (p *press) unchanged(ctx context.Context) ([]byte, error) {
	return p.warm.Pack(ctx, p.card(p.made))
}

// files are those of a package.
func files(archive []byte) (map[string][]byte, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, file := range reader.File {
		from, err := file.Open()
		if err != nil {
			return nil, err
		}
		if all[file.Name], err = io.ReadAll(from); err != nil {
			return nil, err
		}
	}
	return all, nil
}
