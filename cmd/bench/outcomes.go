package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// floodOutcome is what came of presenting single credentials many times at once.
type floodOutcome struct {
	name        string
	credentials int
	presented   int // in all
	credits     int // answers that said so
	earns       int // in the ledger
	badlyTold   int // losers who did not learn when and where it had been used
}

func (o floodOutcome) holds() bool {
	return o.credits == o.credentials && o.earns == o.credentials && o.badlyTold == 0
}

// stormOutcome is what came of scanning while servers were killed.
type stormOutcome struct {
	verdict
	hearing
	name    string // as in the table
	prefix  string // of its figures
	scans   int    // begun
	faults  int
	retries int
	audit   error // what the ledger could not prove
}

func (o stormOutcome) holds() bool {
	return o.verdict.holds() && o.hearing.holds() && o.acknowledged == o.scans && o.audit == nil
}

// campaignOutcome is what came of changing all cards at once, and that again while
// the server was killed.
type campaignOutcome struct {
	wallets int
	missed  int // wallets that were not told of the first change
	again   int // tellings of the first change beyond a wallet's first
	kills   int // during the second change

	sent        int // tellings of the second change
	lost        int // wallets that were not told of it
	doubled     int // tellings of it beyond a wallet's first
	interrupted int // tellings that a kill cut off: only these may be doubled
	stale       int // wallets that do not show it
	left, dead  int // what is still to be done, and jobs that were given up
	wrong       int // pushes that Apple would not have understood
}

func (o campaignOutcome) holds() bool {
	return o.missed+o.again+o.lost+o.stale+o.left+o.dead+o.wrong == 0 && o.doubled <= o.interrupted
}

// outcomes are all fault runs.
type outcomes struct {
	floods   []floodOutcome
	storms   []stormOutcome
	campaign campaignOutcome
}

func (all *outcomes) hold() bool {
	for _, o := range all.floods {
		if !o.holds() {
			return false
		}
	}
	for _, o := range all.storms {
		if !o.holds() {
			return false
		}
	}
	return all.campaign.holds()
}

// print writes the tables, and beneath them what was odd.
func (all *outcomes) print(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "flood\tcredentials\tpresented\tcredited\tin ledger\tbadly told\tholds\t")
	for _, o := range all.floods {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t\n", o.name, o.credentials, o.presented, o.credits, o.earns, o.badlyTold, yes(o.holds()))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(to)
	fmt.Fprintln(table, "storm\tscans\tfaults\tretries\tacknowledged\tlost\tdoubled\tredeemed\tdouble redeemed\tchanged answers\ttold\tjobs lost\tastray\taudit\tholds\t")
	for _, o := range all.storms {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t\n", o.name, o.scans, o.faults, o.retries,
			o.acknowledged, o.lost, o.doubled, o.redeemed, o.doubleRedeemed, o.changed, o.told, o.jobsLost, o.astray, yes(o.audit == nil), yes(o.holds()))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(to)
	fmt.Fprintln(table, "campaign\twallets\ttold\tlost\tdoubled\tcut off\tstale\tleft\tgiven up\tnot understood\tholds\t")
	c := all.campaign
	fmt.Fprintf(table, "in peace\t%d\t%d\t%d\t%d\t\t\t\t\t\t\t\n", c.wallets, c.wallets-c.missed+c.again, c.missed, c.again)
	fmt.Fprintf(table, "killed %d times\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n", c.kills, c.wallets, c.sent, c.lost, c.doubled,
		c.interrupted, c.stale, c.left, c.dead, c.wrong, yes(c.holds()))
	if err := table.Flush(); err != nil {
		return err
	}
	for _, o := range all.storms {
		o.complain(to)
	}
	return nil
}

// complain says what was odd, if anything: the first of many.
func (o stormOutcome) complain(to io.Writer) {
	const most = 10
	for i, trouble := range o.troubles {
		if i == most {
			fmt.Fprintf(to, "%s: … and %d more\n", o.name, len(o.troubles)-most)
			break
		}
		fmt.Fprintf(to, "%s: %s\n", o.name, trouble)
	}
	if o.forged > 0 {
		fmt.Fprintf(to, "%s: the receiver got %d requests that are not signed as they should be\n", o.name, o.forged)
	}
	if o.audit != nil {
		fmt.Fprintf(to, "%s: %v\n", o.name, o.audit)
	}
}

func yes(holds bool) string {
	if holds {
		return "yes"
	}
	return "NO"
}

// figures are the sums over all storms, their parts, and the floods. What is
// credited twice in a flood counts as doubled.
func (all *outcomes) figures() figures {
	f := figures{}
	for _, o := range all.storms {
		parts := figures{
			"acknowledged": float64(o.acknowledged), "lost": float64(o.lost), "doubled": float64(o.doubled),
			"redeemed": float64(o.redeemed), "double_redeemed": float64(o.doubleRedeemed),
			"retries": float64(o.retries), "changed_answers": float64(o.changed), "troubles": float64(len(o.troubles)),
			"jobs_told": float64(o.told), "jobs_lost": float64(o.jobsLost), "jobs_astray": float64(o.astray), "jobs_forged": float64(o.forged),
			"audit_failed": 0,
		}
		if o.audit != nil {
			parts["audit_failed"] = 1
		}
		for name, value := range parts {
			f[o.prefix+name] = value
			f[name] += value
		}
	}
	c := all.campaign
	f["updates_sent"] = float64(c.wallets - c.missed + c.again + c.sent)
	f["updates_lost"] = float64(c.missed + c.lost + c.stale + c.left + c.dead + c.wrong)
	f["updates_doubled"] = float64(c.again + max(0, c.doubled-c.interrupted))
	f["updates_repeated"], f["updates_cut_off"] = float64(c.doubled), float64(c.interrupted)
	for _, o := range all.floods {
		f["flood_presented"] += float64(o.presented)
		f["flood_credentials"] += float64(o.credentials)
		f["flood_credits"] += float64(o.credits)
		f["flood_badly_told"] += float64(o.badlyTold)
		f["doubled"] += float64(max(0, o.earns-o.credentials))
		f["lost"] += float64(max(0, o.credits-o.earns))
	}
	return f
}
