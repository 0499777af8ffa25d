package store

import (
	"encoding/json"
	"fmt"

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

// gathering puts the rows of lookups together to facts. Rows of cards come
// before all others; what belongs to a card that is not there is left out.
type gathering struct {
	facts    loyalty.Facts
	programs *programs
	wanted   []wantedProgram
	asked    seldom
	shown    shown
	codes    int   // of a pool are enough: one more than the batch may hand out
	step     int   // how often next was called
	err      error // the first row that made no sense
}

// wantedProgram is the program of a card, which may not be known yet.
type wantedProgram struct {
	state   *loyalty.State
	version programVersion
}

func newGathering(p *programs) *gathering {
	return &gathering{
		programs: p,
		facts: loyalty.Facts{
			Cards:   map[loyalty.CardID]*loyalty.State{},
			Tills:   map[loyalty.TillID]loyalty.Till{},
			Stock:   map[loyalty.RewardID]int64{},
			Origins: map[loyalty.EntryID]loyalty.Origin{},
			Credits: map[loyalty.Credit]loyalty.EntryID{},
			Answers: map[loyalty.RequestID]loyalty.Answer{},
		},
	}
}

func (g *gathering) card(r source) {
	state := &loyalty.State{Card: getCard(r), Watched: r.number()}
	var err error
	if state.Card.Choice, err = unpackChoice(r.bytes()); err != nil {
		g.fail(err)
	}
	version := programVersion{state.Card.Program, int32(r.number())}
	state.Belonging = getBelonging(r)
	state.Program = g.programs.get(version)
	if state.Program == nil {
		g.wanted = append(g.wanted, wantedProgram{state, version})
	}
	g.facts.Cards[state.Card.ID] = state
}

func (g *gathering) stock(r source) {
	reward := loyalty.RewardID(r.id())
	g.facts.Stock[reward] = r.number()
}

// claim makes the map only when it is needed: few batches claim anything.
func (g *gathering) claim(r source) {
	code := getClaim(r)
	if g.facts.Claims == nil {
		g.facts.Claims = map[loyalty.ClaimID]loyalty.ClaimCode{}
	}
	g.facts.Claims[code.ID] = code
}

// tag makes the map only when it is needed, as claim does.
func (g *gathering) tag(r source) {
	tag := getTag(r)
	if at, text := r.text(), r.text(); tag.OnCounter() {
		var err error
		if tag.Zone, err = zone(at); err != nil {
			g.fail(err)
		}
		if tag.Hours, err = parseHours(text); err != nil {
			g.fail(err)
		}
	}
	if g.facts.Tags == nil {
		g.facts.Tags = map[loyalty.TagID]loyalty.Tag{}
	}
	g.facts.Tags[tag.ID] = tag
}

// approval makes the map only when it is needed, as claim does.
func (g *gathering) approval(r source) {
	a := getApproval(r)
	if g.facts.Approvals == nil {
		g.facts.Approvals = map[loyalty.ApprovalID]loyalty.Approval{}
	}
	g.facts.Approvals[a.ID] = a
}

func (g *gathering) waiting(r source) {
	a := getApproval(r)
	if state := g.facts.Cards[a.Card]; state != nil {
		state.Waiting = append(state.Waiting, a)
	}
}

// lease and item make their maps only when they are needed, as claim does.
func (g *gathering) lease(r source) {
	lease := getLease(r)
	if g.facts.Leases == nil {
		g.facts.Leases = map[loyalty.LeaseID]loyalty.Lease{}
	}
	g.facts.Leases[lease.ID] = lease
}

func (g *gathering) item(r source) {
	if g.facts.Items == nil {
		g.facts.Items = map[loyalty.Slot]loyalty.Hash{}
	}
	slot := getSlot(r)
	g.facts.Items[slot] = r.hash()
}

func (g *gathering) till(r source) {
	till := loyalty.Till{
		ID: r.id(), Merchant: r.id(), Location: r.id(), Name: r.text(), Revoked: r.number() != 0,
		Blocked: r.number() != 0, Pairing: r.number(),
	}
	var err error
	if till.Zone, err = zone(r.text()); err != nil {
		g.fail(err)
	}
	g.facts.Tills[till.ID] = till
}

func (g *gathering) use(r source) {
	use := getUse(r)
	use.TillName, use.Merchant = r.text(), r.id()
	if state := g.facts.Cards[use.Card]; state != nil {
		state.Uses = append(state.Uses, use)
	}
}

func (g *gathering) secret(r source) {
	card := loyalty.CardID(r.id())
	if state := g.facts.Cards[card]; state != nil {
		state.Secrets = append(state.Secrets, getSecret(r))
	}
}

func (g *gathering) holder(r source) {
	card := loyalty.CardID(r.id())
	if state := g.facts.Cards[card]; state != nil {
		state.Holder = loyalty.Member{ID: r.id(), Merchant: state.Card.Merchant, Sealed: r.bytes()}
	}
}

func (g *gathering) answer(r source) {
	answer := getAnswer(r)
	g.facts.Answers[answer.Request] = answer
}

func (g *gathering) voucher(r source) {
	voucher := getVoucher(r)
	if state := g.facts.Cards[voucher.Card]; state != nil {
		state.Vouchers = append(state.Vouchers, voucher)
	}
}

func (g *gathering) tally(r source) {
	card, reward, count := loyalty.CardID(r.id()), loyalty.RewardID(r.id()), r.number()
	if state := g.facts.Cards[card]; state != nil {
		if state.Tallies == nil {
			state.Tallies = map[loyalty.RewardID]int64{}
		}
		state.Tallies[reward] = count
	}
}

func (g *gathering) origin(r source) {
	origin := loyalty.Origin{Entry: getEntry(r)}
	origin.Voided = r.id() != [16]byte{}
	if key := loyalty.PurchaseKey(r.id()); key != (loyalty.PurchaseKey{}) {
		origin.Credit = loyalty.Credit{Purchase: key, Program: origin.Entry.Program}
	}
	g.facts.Origins[origin.Entry.ID] = origin
}

func (g *gathering) lot(r source) {
	lot := getLot(r)
	if state := g.facts.Cards[lot.Card]; state != nil {
		state.Lots = append(state.Lots, lot)
	}
}

// partner makes the map only when it is needed, as claim does.
func (g *gathering) partner(r source) {
	p := getPartner(r)
	if g.facts.Partners == nil {
		g.facts.Partners = map[loyalty.Partnership]loyalty.Partner{}
	}
	g.facts.Partners[p.Name()] = p
}

// refund comes behind its origin.
func (g *gathering) refund(r source) {
	refunded := getRefund(r)
	origin := g.facts.Origins[refunded.Entry]
	origin.Refunded = refunded
	g.facts.Origins[refunded.Entry] = origin
}

func (g *gathering) credit(r source) {
	credit := loyalty.Credit{Purchase: r.id(), Program: r.id()}
	g.facts.Credits[credit] = r.id()
}

// first are the questions to begin with.
func (g *gathering) first(k *loyalty.Keys) []question {
	g.codes = len(k.Rewards) + 1
	g.plan(k)
	g.asked = g.programs.have() // later than the plan, which it has to contain
	return questions(k, g.asked, &g.shown)
}

// next are the questions that follow from the answers so far; none, as a rule.
func (g *gathering) next(k *loyalty.Keys) []question {
	g.step++
	switch g.step {
	case 1:
		if more := g.missing(k); len(more) > 0 {
			return more
		}
		return g.next(k)
	case 2:
		return g.unplanned(k)
	}
	return nil
}

// missing are the questions for programs that this process has not read yet, with
// what such programs may have where that was not asked for: seldom more than once in
// its life.
func (g *gathering) missing(k *loyalty.Keys) (more []question) {
	if len(g.wanted) == 0 {
		return seldomAsked(k, g.programs.have().without(g.asked), &g.shown) // of a program that another batch read meanwhile
	}
	ids := make([]loyalty.ProgramID, len(g.wanted))
	for i := range g.wanted {
		ids[i] = g.wanted[i].version.program
	}
	more = []question{{lookup: versionLookup, keys: distinct(ids)}}
	return append(more, seldomAsked(k, seldom{true, true, true, true}.without(g.asked), &g.shown)...) // they may be the first ones that have it
}

// version takes one version of a program; only the wanted ones are kept.
func (g *gathering) version(r source) {
	version := programVersion{r.id(), int32(r.number())}
	merchant, rules := loyalty.MerchantID(r.id()), r.bytes()
	var program *loyalty.Program
	for _, wanted := range g.wanted {
		if wanted.version != version {
			continue
		}
		if program == nil {
			var err error
			if program, err = parseProgram(version, merchant, rules); err != nil {
				g.fail(err)
				return
			}
			g.programs.put(version, program)
		}
		wanted.state.Program = program
	}
}

// finish returns the facts when all of them made sense.
func (g *gathering) finish() (*loyalty.Facts, error) {
	for _, wanted := range g.wanted {
		if wanted.state.Program == nil {
			g.fail(fmt.Errorf("store: version %d of program %s is missing", wanted.version.number, wanted.version.program))
		}
	}
	return &g.facts, g.err
}

func (g *gathering) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// parseProgram reads stored rules. A program that no longer passes Check must
// not reach Decide.
func parseProgram(v programVersion, merchant loyalty.MerchantID, written []byte) (*loyalty.Program, error) {
	p := &loyalty.Program{ID: v.program, Version: v.number, Merchant: merchant}
	if err := json.Unmarshal(written, &p.Rules); err != nil {
		return nil, fmt.Errorf("store: rules of program %s, version %d: %w", v.program, v.number, err)
	}
	if err := rules.Compile(p); err != nil {
		return nil, fmt.Errorf("store: program %s, version %d: %w", v.program, v.number, err)
	}
	return p, nil
}
