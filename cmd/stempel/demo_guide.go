package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"stempel/passes"
)

// guide is what a newcomer may do next. Every indented line works when pasted
// into bash or zsh.
type guide struct {
	Notes  *demoNotes
	Public string // where browsers find it
	Data   string // folder
	File   string // demo.json
}

func (g guide) print(out io.Writer, token string) error {
	qr, err := passes.QRText(token)
	if err != nil {
		return err
	}
	_, err = strings.NewReplacer(
		"{{QR}}", qr, "{{Public}}", g.Public, "{{URL}}", g.Notes.BaseURL, "{{File}}", g.File,
		"{{APIKey}}", g.Notes.APIKey, "{{TillToken}}", g.Notes.TillToken, "{{PIN}}", g.Notes.ManagerPIN,
		"{{Till}}", g.Notes.TillLink, "{{PINs}}", g.pins(), "{{Counter}}", g.counter(),
		"{{CardPage}}", g.Notes.CardPage, "{{Pass}}", g.Notes.Pass,
		"{{Join}}", g.Public+"/join/"+g.Notes.Programs["ice-cream"].String(),
		"{{Card}}", g.Notes.Cards["ice-cream"].String(), "{{Reward}}", g.Notes.Rewards["ice-cream"].String(),
		"{{Partner}}", g.partner(), "{{Audit}}", fmt.Sprintf("%s audit --data %s", self(), quoted(g.Data)),
	).WriteString(out, guideText)
	return err
}

// pins are those to sign in with at the till.
func (g guide) pins() string {
	if g.Notes.CashierPIN == "" {
		return "PIN there: " + g.Notes.ManagerPIN + " (the manager's)"
	}
	return "PINs there: " + g.Notes.CashierPIN + " (Anna's), " + g.Notes.ManagerPIN + " (the manager's)"
}

// counter is how to tap the tag on the counter without having it.
func (g guide) counter() string {
	if g.Notes.CounterTap == "" {
		return ""
	}
	return "A tap of the tag on the counter, good once: open it where the ice cream card is, and confirm it at the till:\n" + g.Notes.CounterTap + "\n"
}

// partner is how to use the card that two shops honour at the other one's till.
func (g guide) partner() string {
	partner, there := g.Notes.Partners["coalition"]
	if !there {
		return ""
	}
	return "One card, two merchants: the till of " + partner.Name + " honours the first one's, too:\n\n  CARD=" + g.Notes.Cards["coalition"].String() +
		` TILL="Authorization: Bearer ` + partner.TillToken + `"` + "\n" +
		`  till /v1/scans '{"credential":"'$(fresh)'","earn":{"purchase":{"ref":"'$RANDOM'","total":1250,"currency":"EUR"}}}'` + "\n\n"
}

// self is how to call this program again. go run builds it into its cache, where
// nobody would look for it.
func self() string {
	program, err := os.Executable()
	if err == nil && strings.Contains(program, "go-build") {
		return "go run ./cmd/stempel"
	}
	return quoted(os.Args[0])
}

// quoted is a word for the shell.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
	if strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

const guideText = `
Stempel serves a demo shop on {{URL}}

In a browser: get a card at {{Join}}
and print the shop's poster from {{Join}}/poster.svg
The ice cream card of the steps below, which changes by itself while they are done:
{{CardPage}}
and the same for Apple Wallet, good for ten minutes (a test certificate has signed it, iPhones want a real one):
{{Pass}}
The cashier's till, which pairs by this link, once within 15 minutes: {{Till}}
{{PINs}}
{{Counter}}
The customer shows this code, good for one minute:

{{QR}}
Try it in another terminal. First, who is who:

  URL={{URL}}
  APP="Authorization: Bearer {{APIKey}}"
  TILL="Authorization: Bearer {{TillToken}}"
  CARD={{Card}}
  fresh() { curl -sS -X POST $URL/v1/cards/$CARD/tokens -H "$APP" | sed 's/.*"token":"\([^"]*\)".*/\1/'; }
  till() { curl -sS $URL$1 -H "$TILL" -H "Idempotency-Key: $(date +%s)-$RANDOM" -H 'Content-Type: application/json' -d "$2"; echo; }

1. The customer's phone gets a code, the till scans it and gives a stamp:

  TOKEN=$(fresh)
  till /v1/scans '{"credential":"'$TOKEN'","earn":{"units":1}}'

2. The same code again is refused, and says when and where it was used:

  till /v1/scans '{"credential":"'$TOKEN'","earn":{"units":1}}'

3. Nine more fill the card, and a voucher for a free cone is on it:

  till /v1/scans '{"credential":"'$(fresh)'","earn":{"units":9}}'

4. The customer wants the cone now: scan, then redeem on that scan:

  SCAN=$(till /v1/scans '{"credential":"'$(fresh)'"}' | sed 's/.*"scan":"\([^"]*\)".*/\1/')
  till /v1/scans/redeem '{"scan":"'$SCAN'","reward":"{{Reward}}"}'

5. That was a mistake; take the newest entry back, and the voucher returns:

  ENTRY=$(curl -sS "$URL/v1/cards/$CARD/entries?limit=1" -H "$APP" | sed 's/.*"id":"\(entry_[^"]*\)".*/\1/')
  till /v1/entries/$ENTRY/void '{}'

6. In flight mode a phone makes its codes itself, of a secret that it is told once (mobile-contracts/tokens.md says how):

  PHONE=$(curl -sS -X POST $URL/v1/cards/$CARD/devices -H "$APP" | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -sS -X POST $URL/v1/cards/$CARD/rotating -H "Authorization: Bearer $PHONE"; echo

7. A new link to the card for Apple Wallet, to be opened on {{Public}}:

  curl -sS -X POST $URL/v1/cards/$CARD/pass-links -H "$APP"; echo

8. Every step stands in the ledger. Read it, then prove it:

  curl -sS $URL/v1/cards/$CARD/entries -H "$APP"; echo
  {{Audit}}

{{Partner}}The same for scripts: {{File}} (manager's PIN {{PIN}}). Contract: {{URL}}/openapi.yaml
Stop with Ctrl-C.
`
