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
		body := map[string]any{"program": s.notes.Programs[name]}
		switch name {
		case "parents", "employees": // not for everybody
			member, err := s.maria(ctx)
			if err != nil {
				return err
			}
			body["member"] = member
		}
		if err := s.post(ctx, "/v1/cards", body, &card); err != nil {
			return err
		}
		s.notes.Cards[name] = card.ID
	}
	return nil
}

// maria is the demo's member who works in the shop and has small children.
func (s shopper) maria(ctx context.Context) (loyalty.MemberID, error) {
	known := map[string]any{"external_id": "demo-maria"}
	var found struct {
		Members []struct{ ID loyalty.MemberID }
	}
	if err := s.send(ctx, http.MethodPost, "/v1/member-search", known, http.StatusOK, &found); err != nil {
		return loyalty.MemberID{}, err
	}
	if len(found.Members) > 0 {
		return found.Members[0].ID, nil
	}
	var maria struct{ ID loyalty.MemberID }
	known["name"] = "Maria"
	err := s.post(ctx, "/v1/members", known, &maria)
	at := "/v1/members/" + maria.ID.String()
	if err == nil {
		err = s.send(ctx, http.MethodPut, at+"/tags", map[string]any{"tags": []string{"parents"}}, http.StatusOK, &maria)
	}
	if err == nil {
		err = s.send(ctx, http.MethodPut, at+"/audience", map[string]any{"audience": "employee"}, http.StatusOK, &maria)
	}
	return maria.ID, err
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
	return s.send(ctx, http.MethodPost, path, body, http.StatusCreated, into)
}

func (s shopper) send(ctx context.Context, method, path string, body any, want int, into any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.ask(ctx, method, path, content, want, into)
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
