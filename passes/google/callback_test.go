package google_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// callbacks reads what the shop's Google sends.
func (s *shop) callbacks(changes ...func(*google.Callbacks)) *google.Callbacks {
	c := &google.Callbacks{
		Issuer: googletest.Issuer, Now: s.time,
		Keys: &google.RootKeys{URL: s.google.RootKeysURL(), HTTP: http.DefaultClient, Now: s.time},
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

func TestCallbackIsRead(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	for event, saved := range map[string]bool{"save": true, "del": false} {
		got, err := s.callbacks().Read(t.Context(), s.google.Callback(s.objectID(), event))
		if err != nil {
			t.Fatal(err)
		}
		if got.Pass != s.pass.ID || got.Program != s.pass.Program || got.Saved != saved || got.Nonce == (loyalty.Hash{}) || !got.Expires.After(s.Now) {
			t.Errorf("%s is read as %+v", event, got)
		}
	}
}

func TestCallbackIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	good := s.google.Callback(s.objectID(), "save")
	stranger := newShop(t)
	stranger.save()
	tests := map[string]struct {
		body []byte
		c    *google.Callbacks
		want loyalty.Code
	}{
		"somebody else's keys":  {stranger.google.Callback(stranger.objectID(), "save"), s.callbacks(), google.CallbackInvalid},
		"another issuer's":      {good, s.callbacks(func(c *google.Callbacks) { c.Issuer = "1" }), google.CallbackInvalid},
		"changed":               {bytes.Replace(good, []byte("save"), []byte("del"), 1), s.callbacks(), google.CallbackInvalid},
		"an unknown event":      {s.google.Callback(s.objectID(), "open"), s.callbacks(), google.CallbackInvalid},
		"an object not of ours": {s.google.Callback(googletest.Issuer+".member-0001", "save"), s.callbacks(), google.CallbackInvalid},
		"empty":                 {nil, s.callbacks(), google.CallbackInvalid},
		"too late":              {good, s.callbacks(func(c *google.Callbacks) { c.Now = func() time.Time { return s.Now.Add(time.Hour) } }), google.CallbackExpired},
		"the key has ended":     {good, s.callbacks(func(c *google.Callbacks) { c.Now = func() time.Time { return s.Now.Add(25 * time.Hour) } }), google.CallbackExpired},
	}
	for name, test := range tests {
		event, err := test.c.Read(t.Context(), test.body)
		var refusal *loyalty.Refusal
		if !errors.As(err, &refusal) || refusal.Code != test.want || event != (loyalty.GoogleEvent{}) {
			t.Errorf("%s: %+v, %v; want %s", name, event, err, test.want)
		}
	}
}

// Root keys are fetched once in their life, however many forgeries come, and once
// in a while when they cannot be had.
func TestRootKeysAreFetchedSeldom(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	c := s.callbacks()
	fetched := func() (n int) {
		for _, r := range s.google.Requests() {
			if r.Path == "/keys" {
				n++
			}
		}
		return n
	}
	good := s.google.Callback(s.objectID(), "save")
	for range 5 {
		if _, err := c.Read(t.Context(), good); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(t.Context(), bytes.Replace(good, []byte("save"), []byte("del"), 1)); err == nil {
			t.Fatal("a forgery was taken")
		}
	}
	if n := fetched(); n != 1 {
		t.Errorf("keys were fetched %d times in their first hour", n)
	}
	s.Now = s.Now.Add(time.Hour)
	if _, err := c.Read(t.Context(), s.google.Callback(s.objectID(), "save")); err != nil || fetched() != 1 {
		t.Errorf("after their life they were not fetched anew: %v", err)
	}
	s.google.Close()
	s.Now = s.Now.Add(time.Hour)
	for range 3 {
		if _, err := c.Read(t.Context(), good); !errors.Is(err, google.ErrNoRootKeys) {
			t.Errorf("without keys it ended %v", err)
		}
	}
}
