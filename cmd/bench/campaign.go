package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/passes/apple"
)

// campaign changes every card of a shop at once, twice: first in peace, then while
// the server is killed. Both times each wallet has to hear of it.
type campaign struct {
	shop    *shop
	wallets *wallets
	server  *server
	version int32 // of the program, the current one

	before      map[string]int  // how often each wallet had been told before the present change
	interrupted map[string]bool // attempts at telling that a kill cut off
	outcome     campaignOutcome
}

// Bounds of a campaign.
const (
	campaignGoogle = 100             // cards in Google Wallet: Google takes 20 requests a second
	campaignLimit  = 3 * time.Minute // for all wallets to be told
	// What a killed process was at waits for a minute before somebody takes it up,
	// and is looked for every half.
	interruptedLimit = 2 * time.Minute
	fetched          = 100 // passes that phones fetch in the end
)

// The rewards that its changes promise.
const (
	firstReward  = "One small cone"
	secondReward = "One huge cone"
)

// newCampaign seeds the shop and starts its server.
func newCampaign(ctx context.Context, s *site, cards int) (_ *campaign, err error) {
	c := &campaign{version: 1, interrupted: map[string]bool{}}
	kept, err := s.apart(ctx, "wallets")
	if err != nil {
		return nil, err
	}
	if c.shop, err = seed(ctx, kept.url(), s.master, 1, cards); err != nil {
		return nil, err
	}
	if c.wallets, err = openWallets(ctx, c.shop, min(campaignGoogle, cards)); err != nil {
		return nil, fmt.Errorf("put cards into wallets: %w", err)
	}
	settings, err := c.wallets.settings(s.dir)
	if err == nil {
		c.server, err = s.serve(ctx, kept, s.redis.URL(), settings...)
	}
	if err != nil {
		c.wallets.close()
		return nil, err
	}
	return c, nil
}

// run makes both changes. What kills have cut off may be left when it returns.
func (c *campaign) run(ctx context.Context) error {
	began := time.Now()
	if err := c.publish(ctx, firstReward); err != nil {
		return err
	}
	if err := await(ctx, campaignLimit, c.settled); err != nil {
		return fmt.Errorf("the first change: %w", err)
	}
	note("all wallets were told of a change in %s", time.Since(began).Round(time.Second/10))
	o := &c.outcome
	o.wallets = len(c.wallets.told())
	_, o.missed, o.again = c.sinceBefore()

	c.before = c.wallets.told()
	if err := c.publish(ctx, secondReward); err != nil {
		return err
	}
	for _, share := range []float64{0.2, 0.6} {
		if err := await(ctx, campaignLimit, c.reached(share)); err != nil {
			return fmt.Errorf("the second change: %w", err)
		}
		c.server.kill()
		o.kills++
		if err := c.noteInterrupted(ctx); err != nil {
			return err
		}
		if err := c.server.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// finish waits for the rest, and sees what wallets show.
func (c *campaign) finish(ctx context.Context) (campaignOutcome, error) {
	if err := await(ctx, interruptedLimit, c.settled); err != nil {
		note("campaign: not all was told in time: %v", err) // it counts as lost
	}
	o := &c.outcome
	o.sent, o.lost, o.doubled = c.sinceBefore()
	o.interrupted, o.wrong = len(c.interrupted), len(c.wallets.push.Wrong())
	var err error
	if o.stale, err = c.stale(ctx); err != nil {
		return *o, err
	}
	if o.left, err = c.number(ctx, unsettled); err != nil {
		return *o, err
	}
	if o.dead, err = c.number(ctx, "SELECT count(*) FROM river_job WHERE state IN ('discarded', 'cancelled')"); err != nil {
		return *o, err
	}
	return *o, nil
}

func (c *campaign) close() error {
	err := c.server.stop()
	c.wallets.close()
	return err
}

// sinceBefore is how often wallets were told since before, how many never were,
// and how often any was told once more.
func (c *campaign) sinceBefore() (sent, missed, again int) {
	for wallet, told := range c.wallets.told() {
		n := told - c.before[wallet]
		sent += n
		again += max(0, n-1)
		if n == 0 {
			missed++
		}
	}
	return sent, missed, again
}

// reached reports whether a share of the wallets was told.
func (c *campaign) reached(share float64) func(context.Context) (bool, error) {
	return func(context.Context) (bool, error) {
		sent, _, _ := c.sinceBefore()
		return sent >= int(share*float64(c.outcome.wallets)), nil
	}
}

// unsettled counts what is still to be done: programs whose cards are to be marked,
// marks, and jobs.
const unsettled = "SELECT (SELECT count(*) FROM touches) + (SELECT count(*) FROM dirty) + (SELECT count(*) FROM river_job WHERE finalized_at IS NULL)"

func (c *campaign) settled(ctx context.Context) (bool, error) {
	n, err := c.number(ctx, unsettled)
	return n == 0, err
}

func (c *campaign) number(ctx context.Context, query string) (n int, err error) {
	return n, c.wallets.db.QueryRow(ctx, query).Scan(&n)
}

// noteInterrupted notes which attempts a kill has cut off: they will be made again,
// whether or not they were over but for saying so.
func (c *campaign) noteInterrupted(ctx context.Context) error {
	rows, err := c.wallets.db.Query(ctx, "SELECT id || '.' || attempt FROM river_job WHERE state = 'running'")
	if err != nil {
		return err
	}
	attempts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, attempt := range attempts {
		c.interrupted[attempt] = true
	}
	return err
}

// await waits until something is so.
func await(ctx context.Context, limit time.Duration, so func(context.Context) (bool, error)) error {
	for end := time.Now().Add(limit); ; time.Sleep(tellingPoll) {
		done, err := so(ctx)
		if err != nil || done {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %s", limit)
		}
	}
}

// publish makes a new version of the program, which shows on every card.
func (c *campaign) publish(ctx context.Context, reward string) error {
	by := newClient([]string{c.server.address}, 1)
	defer by.close()
	path := "/v1/programs/" + c.shop.stamps.String()
	draft := draftBody{BasedOn: c.version, Rules: rulesBody{
		Name: "10 stamps", Kind: "stamps", Earn: earnRule{By: "units"}, CardSize: cardSize,
		CardReward: c.shop.reward.String(), Rewards: []rewardRule{{c.shop.reward.String(), reward}},
	}}
	for _, step := range []call{
		{method: http.MethodPut, path: path + "/draft", body: draft},
		{path: path + "/publish", body: struct{}{}},
	} {
		step.token, step.key = c.shop.admin, rand.Text()
		told, err := by.ask(ctx, 0, step)
		if err != nil {
			return err
		}
		if told.status != http.StatusOK {
			return fmt.Errorf("%s: status %d: %.300s", step.path, told.status, told.body)
		}
	}
	c.version++
	return nil
}

// stale counts wallets that do not show the second change: of those at Google all,
// of iPhones some, which fetch their passes now.
func (c *campaign) stale(ctx context.Context) (stale int, err error) {
	for _, id := range c.wallets.objects {
		object, err := json.Marshal(c.wallets.google.Object(id))
		if err != nil {
			return 0, err
		}
		if !strings.Contains(string(object), secondReward) {
			stale++
		}
	}
	phones := c.wallets.phones
	for i := 0; i < len(phones); i += max(1, len(phones)/fetched) {
		document, err := c.fetch(ctx, phones[i])
		if err != nil {
			return 0, err
		}
		if !strings.Contains(string(document), secondReward) {
			stale++
		}
	}
	return stale, nil
}

// fetch is the pass.json that a phone gets.
func (c *campaign) fetch(ctx context.Context, of phone) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"http://"+c.server.address+"/passes/apple/v1/passes/"+apple.TestType+"/"+of.serial, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "ApplePass "+of.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch a pass: status %d: %.300s", response.StatusCode, body)
	}
	all, err := files(body)
	return all["pass.json"], err
}
