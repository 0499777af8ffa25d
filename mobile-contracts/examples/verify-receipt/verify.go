package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// receipt is what a receipt states, its members in their order: see receipts.md.
type receipt struct {
	V        int    `json:"v"`
	Entry    string `json:"entry"`
	Card     string `json:"card"`
	Merchant string `json:"merchant"`
	Program  string `json:"program"`
	Version  int32  `json:"version"`
	Kind     string `json:"kind"`
	Units    int64  `json:"units"`
	Balance  int64  `json:"balance"`
	Seq      int64  `json:"seq"`
	At       string `json:"at"`
	Hash     string `json:"hash"`
	Origin   string `json:"origin,omitempty"`
	Reward   string `json:"reward,omitempty"`
	Voucher  string `json:"voucher,omitempty"`
}

var (
	header = regexp.MustCompile(`^{"alg":"EdDSA","kid":"(\w{1,4})","typ":"stempel-receipt\+jwt"}$`)
	id     = regexp.MustCompile(`^([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$`)
	kind   = regexp.MustCompile(`^(earn|complete|redeem|expire|void|adjust|opening|merge)$`)
)

// verify checks a receipt against a key set (RFC 7517) and returns what it states.
func verify(text string, keys []byte) (*receipt, error) {
	segments := strings.Split(text, ".")
	if len(segments) != 3 {
		return nil, errors.New("it does not have three parts")
	}
	var parts [3][]byte
	for i, segment := range segments {
		var err error
		if parts[i], err = decode(segment); err != nil {
			return nil, err
		}
	}
	kid := header.FindSubmatch(parts[0])
	if kid == nil {
		return nil, errors.New("its header is not a receipt's")
	}
	key, err := find(keys, string(kid[1]))
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(key, []byte(segments[0]+"."+segments[1]), parts[2]) {
		return nil, errors.New("its signature is not genuine")
	}
	return read(parts[1])
}

// decode reads base64url in its one spelling.
func decode(segment string) ([]byte, error) {
	bytes, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil || strings.ContainsAny(segment, "\r\n") {
		return nil, errors.New("it is not base64url")
	}
	return bytes, nil
}

// find takes a key for receipts out of the set; others sign other things.
func find(keys []byte, kid string) (ed25519.PublicKey, error) {
	var set struct {
		Keys []struct{ Kid, X, Purpose string }
	}
	if err := json.Unmarshal(keys, &set); err != nil {
		return nil, fmt.Errorf("the key set: %w", err)
	}
	for _, k := range set.Keys {
		if k.Kid != kid || k.Purpose != "receipt" {
			continue
		}
		if key, err := decode(k.X); err == nil && len(key) == ed25519.PublicKeySize {
			return key, nil
		}
	}
	return nil, fmt.Errorf("there is no receipt key %s in the key set", kid)
}

// read reads a payload and writes it anew: there is one spelling only.
func read(payload []byte) (*receipt, error) {
	var r receipt
	if err := json.Unmarshal(payload, &r); err != nil {
		return nil, err
	}
	anew, err := json.Marshal(r)
	if err != nil || !bytes.Equal(anew, payload) {
		return nil, errors.New("its statement has another form")
	}
	at, err := time.Parse("2006-01-02T15:04:05.000000Z", r.At)
	if err != nil || at.Format("2006-01-02T15:04:05.000000Z") != r.At {
		return nil, errors.New("its time has another form")
	}
	hash, err := decode(r.Hash)
	if err != nil || len(hash) != 32 || r.V != 1 || r.Version < 1 || r.Seq < 1 || !kind.MatchString(r.Kind) {
		return nil, errors.New("its statement does not hold")
	}
	for name, text := range map[string]string{"entry": r.Entry, "card": r.Card, "merchant": r.Merchant, "program": r.Program} {
		if !names(name, text) {
			return nil, fmt.Errorf("%q is not the id of a %s", text, name)
		}
	}
	for name, text := range map[string]string{"entry": r.Origin, "reward": r.Reward, "voucher": r.Voucher} {
		if text != "" && !names(name, text) {
			return nil, fmt.Errorf("%q is not the id of a %s", text, name)
		}
	}
	return &r, nil
}

func names(noun, text string) bool {
	found := id.FindStringSubmatch(text)
	return found != nil && found[1] == noun
}
