package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"stempel/internal/loyalty"
)

// demoNotes are what a script needs to use the demo: the content of demo.json.
// Its maps are keyed by the name of a template.
type demoNotes struct {
	BaseURL    string                       `json:"base_url"`
	Merchant   loyalty.MerchantID           `json:"merchant"`
	APIKey     string                       `json:"api_key"`
	TillToken  string                       `json:"till_token"`
	ManagerPIN string                       `json:"manager_pin"`
	CashierPIN string                       `json:"cashier_pin,omitempty"` // Anna's; an earlier version had no Anna
	TillLink   string                       `json:"till_link"`             // pairs a browser with another till, once, for 15 minutes
	CounterTap string                       `json:"counter_tap,omitempty"` // opens the page behind the counter's tag; the tap is good once
	Programs   map[string]loyalty.ProgramID `json:"programs"`
	Rewards    map[string]loyalty.RewardID  `json:"rewards"`            // the first of each program
	Cards      map[string]loyalty.CardID    `json:"cards"`              // a fresh one of each program
	Partners   map[string]demoPartner       `json:"partners,omitempty"` // by the program that they honour; an earlier version had none
	CardPage   string                       `json:"card_page"`          // of the ice cream card, for a browser
	Pass       string                       `json:"pass"`               // of the same card: its .pkpass, good for ten minutes
}

// readNotes reads those of an earlier demo. Errors: fs.ErrNotExist, or one that
// says what to do.
func readNotes(path string) (*demoNotes, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var notes demoNotes
	if err = json.Unmarshal(content, &notes); err == nil {
		err = notes.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w (remove its folder to begin anew, or choose another with --data)", path, err)
	}
	return &notes, nil
}

// check looks for what an earlier demo must have left.
func (n *demoNotes) check() error {
	for name, text := range map[string]string{"api_key": n.APIKey, "till_token": n.TillToken, "manager_pin": n.ManagerPIN} {
		if text == "" {
			return fmt.Errorf("it has no %s", name)
		}
	}
	if len(n.Programs) == 0 {
		return errors.New("it has no programs")
	}
	for name := range n.Programs { // an earlier version had fewer templates
		if n.Programs[name].IsZero() {
			return fmt.Errorf("it has no program for %q", name)
		}
	}
	for name := range n.Rewards { // a discount has none
		if n.Rewards[name].IsZero() {
			return fmt.Errorf("it has no reward for %q", name)
		}
	}
	return nil
}

// write replaces the file in one step; it holds secrets.
func (n *demoNotes) write(path string) error {
	content, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
