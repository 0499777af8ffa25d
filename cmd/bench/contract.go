package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// What is said to the API and what is needed of its answers: an outsider's view,
// written from the contract and not from the server's types.
type (
	scanBody struct {
		Credential string    `json:"credential"`
		Earn       *earnBody `json:"earn,omitempty"`
	}
	earnBody struct {
		Units int `json:"units"`
	}
	redeemBody struct {
		Scan    string `json:"scan"`
		Voucher string `json:"voucher"`
	}

	// posting is the answer to a scan, an earn or a redeem.
	posting struct {
		Scan    string  `json:"scan"`
		Entries []entry `json:"entries"`
		Offers  []offer `json:"offers"`
	}
	offer struct {
		Voucher string `json:"voucher"`
	}
	entry struct {
		ID      string `json:"id"`
		Kind    string `json:"kind"`
		Voucher string `json:"voucher"`
	}

	draftBody struct {
		BasedOn int32     `json:"based_on"`
		Rules   rulesBody `json:"rules"`
	}
	rulesBody struct {
		Name       string       `json:"name"`
		Kind       string       `json:"kind"`
		Earn       earnRule     `json:"earn"`
		CardSize   int          `json:"card_size"`
		CardReward string       `json:"card_reward"`
		Rewards    []rewardRule `json:"rewards"`
	}
	earnRule struct {
		By string `json:"by"`
	}
	rewardRule struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}

	webhookBody struct {
		URL string `json:"url"`
	}
	webhook struct {
		Secret string `json:"secret"`
	}
	// event is what a webhook is told.
	event struct {
		Data struct {
			Card struct {
				ID string `json:"id"`
			} `json:"card"`
			Entry struct {
				ID  string `json:"id"`
				Seq int64  `json:"seq"`
			} `json:"entry"`
		} `json:"data"`
	}

	problem struct {
		Code string `json:"code"`
		Used struct {
			At    time.Time `json:"at"`
			Till  string    `json:"till"`
			Entry string    `json:"entry"`
		} `json:"used"`
		Entry string `json:"entry"`
	}
)

// read takes an answer's body apart.
func read[T any](r reply) (T, error) {
	var body T
	if err := json.Unmarshal(r.body, &body); err != nil {
		return body, fmt.Errorf("status %d with a body that is not as the contract says: %w: %.300s", r.status, err, r.body)
	}
	return body, nil
}

// scanCall scans a credential and earns one unit, under a key of its own.
func scanCall(t till, credential string) call {
	return call{token: t.token, path: "/v1/scans", key: rand.Text(), body: scanBody{credential, &earnBody{1}}}
}

// lookCall scans a credential and does nothing more.
func lookCall(t till, credential string) call {
	return call{token: t.token, path: "/v1/scans", body: scanBody{Credential: credential}}
}

// redeemCall uses a voucher on a scan.
func redeemCall(t till, scan, voucher string) call {
	return call{token: t.token, path: "/v1/scans/redeem", key: rand.Text(), body: redeemBody{scan, voucher}}
}
