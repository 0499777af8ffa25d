package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"stempel/internal/loyalty"
)

// shopper uses the demo's own API, as an app's server would.
type shopper struct{ notes *demoNotes }

// client goes straight to this process: no proxy, and nothing kept open that a
// shutdown would wait for.
var client = http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// newCards replaces the notes' cards by fresh ones.
func (s shopper) newCards(ctx context.Context) error {
	s.notes.Cards = map[string]loyalty.CardID{}
	for _, name := range slices.Sorted(maps.Keys(s.notes.Programs)) {
		var card struct{ ID loyalty.CardID }
		if err := s.post(ctx, "/v1/cards", map[string]any{"program": s.notes.Programs[name]}, &card); err != nil {
			return err
		}
		s.notes.Cards[name] = card.ID
	}
	return nil
}

// token is a live code of a card.
func (s shopper) token(ctx context.Context, card loyalty.CardID) (string, error) {
	var minted struct{ Token string }
	err := s.post(ctx, "/v1/cards/"+card.String()+"/tokens", map[string]any{}, &minted)
	return minted.Token, err
}

// showCard notes where a browser opens a card, and its pass, as customers reach them.
func (s shopper) showCard(ctx context.Context, card loyalty.CardID, at string) error {
	var page struct{ Token string }
	if err := s.post(ctx, "/v1/cards/"+card.String()+"/devices", map[string]any{"kind": "web", "name": "Demo"}, &page); err != nil {
		return err
	}
	var pass struct {
		URL string `json:"apple_url"`
	}
	if err := s.post(ctx, "/v1/cards/"+card.String()+"/pass-links", map[string]any{}, &pass); err != nil {
		return err
	}
	s.notes.CardPage, s.notes.Pass = at+"/card/"+page.Token, at+pass.URL
	return nil
}

// tablet is the name of the till that a browser is paired with.
const tablet = "Tablet"

// tillLink opens the till's app in a browser, as it reaches the server, and pairs it. Whoever was paired so
// before stays so until the link is used.
func (s shopper) tillLink(ctx context.Context, at string) (string, error) {
	var found struct {
		Tills []struct {
			ID       loyalty.TillID
			Name     string
			Location loyalty.LocationID
		}
	}
	if err := s.get(ctx, "/v1/tills?limit=100", &found); err != nil {
		return "", err
	}
	var opened struct{ Code string }
	for _, till := range found.Tills {
		if till.Name == tablet {
			err := s.post(ctx, "/v1/tills/"+till.ID.String()+"/pairing", nil, &opened)
			return at + "/till#" + opened.Code, err
		}
	}
	if len(found.Tills) == 0 {
		return "", errors.New("the demo's shop has no till")
	}
	var made struct{ Pairing struct{ Code string } }
	err := s.post(ctx, "/v1/tills", map[string]any{"name": tablet, "location": found.Tills[0].Location}, &made)
	return at + "/till#" + made.Pairing.Code, err
}

func (s shopper) get(ctx context.Context, path string, into any) error {
	return s.ask(ctx, http.MethodGet, path, nil, http.StatusOK, into)
}

// post sends a body; nil is none.
func (s shopper) post(ctx context.Context, path string, body, into any) error {
	if body == nil {
		return s.ask(ctx, http.MethodPost, path, nil, http.StatusCreated, into)
	}
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.ask(ctx, http.MethodPost, path, content, http.StatusCreated, into)
}

func (s shopper) ask(ctx context.Context, method, path string, body []byte, want int, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.notes.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.notes.APIKey)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != want {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	return json.Unmarshal(answer, into)
}
