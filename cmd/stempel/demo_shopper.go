package main

import (
	"bytes"
	"context"
	"encoding/json"
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

func (s shopper) post(ctx context.Context, path string, body, into any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.notes.BaseURL+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.notes.APIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusCreated {
		return fmt.Errorf("POST %s: %s: %s", path, response.Status, answer)
	}
	return json.Unmarshal(answer, into)
}
