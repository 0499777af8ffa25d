package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"text/template"

	"stempel/internal/loyalty"
	"stempel/internal/templates"
	"stempel/passes"
)

// shopper uses the demo's own API, as an app's server would.
type shopper struct{ notes *demoNotes }

func (s *shopper) newCards(ctx context.Context) error {
	s.notes.Cards = map[string]loyalty.CardID{}
	for _, name := range templates.Names() {
		var card struct{ ID loyalty.CardID }
		if err := s.post(ctx, "/v1/cards", map[string]any{"program": s.notes.Programs[name]}, &card); err != nil {
			return err
		}
		s.notes.Cards[name] = card.ID
	}
	return nil
}

func (s *shopper) token(ctx context.Context, card loyalty.CardID) (string, error) {
	var minted struct{ Token string }
	err := s.post(ctx, "/v1/cards/"+card.String()+"/tokens", map[string]any{}, &minted)
	return minted.Token, err
}

func (s *shopper) post(ctx context.Context, path string, body, into any) error {
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
	response, err := http.DefaultClient.Do(request)
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

// guide prints what a newcomer may do next. Every command works when pasted.
func guide(out io.Writer, notes *demoNotes, token, path string) error {
	qr, err := passes.QRText(token)
	if err != nil {
		return err
	}
	return guideText.Execute(out, map[string]any{
		"Notes": notes, "QR": qr, "Path": path, "Data": path[:len(path)-len("/demo.json")],
		"Card": notes.Cards["ice-cream"], "Reward": notes.Rewards["ice-cream"],
	})
}

var guideText = template.Must(template.New("guide").Parse(`
Stempel serves a demo shop on {{.Notes.BaseURL}}

A customer opens the ice cream card and shows this code, good for one minute:

{{.QR}}
Try it in another terminal. First, who is who:

  URL={{.Notes.BaseURL}}
  APP="Authorization: Bearer {{.Notes.APIKey}}"
  TILL="Authorization: Bearer {{.Notes.TillToken}}"
  CARD={{.Card}}
  fresh() { curl -s -X POST $URL/v1/cards/$CARD/tokens -H "$APP" | sed 's/.*"token":"\([^"]*\)".*/\1/'; }
  till() { curl -s $URL$1 -H "$TILL" -H "Idempotency-Key: $(date +%s%N)" -H 'Content-Type: application/json' -d "$2"; echo; }

1. The customer's phone gets a code, the till scans it and gives a stamp:

  TOKEN=$(fresh)
  till /v1/scans '{"credential":"'$TOKEN'","earn":{"units":1}}'

2. The same code again is refused, and says when and where it was used:

  till /v1/scans '{"credential":"'$TOKEN'","earn":{"units":1}}'

3. Nine more fill the card, and a voucher for a free cone is on it:

  till /v1/scans '{"credential":"'$(fresh)'","earn":{"units":9}}'

4. The customer wants the cone now: scan, then redeem on that scan:

  SCAN=$(till /v1/scans '{"credential":"'$(fresh)'"}' | sed 's/.*"scan":"\([^"]*\)".*/\1/')
  till /v1/scans/redeem '{"scan":"'$SCAN'","reward":"{{.Reward}}"}'

5. That was a mistake; take the newest entry back, and the voucher returns:

  ENTRY=$(curl -s "$URL/v1/cards/$CARD/entries?limit=1" -H "$APP" | sed 's/.*"id":"\(entry_[^"]*\)".*/\1/')
  till /v1/entries/$ENTRY/void '{}'

6. Every step stands in the ledger. Read it, then prove it:

  curl -s $URL/v1/cards/$CARD/entries -H "$APP"; echo
  go run ./cmd/stempel audit --data {{.Data}}

The same for scripts: {{.Path}} (manager's PIN {{.Notes.ManagerPIN}}). Contract: {{.Notes.BaseURL}}/openapi.yaml
Stop with Ctrl-C.
`))
