package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// chooser is a wisher at the card's page.
type chooser struct {
	*wisher
	visitor *visitor
	at      string // the page
}

func newChooser(t *testing.T) *chooser {
	t.Helper()
	a := apitest.Boot(t)
	w := newWisher(t, a)
	return &chooser{w, newVisitor(a), "/card/" + w.phone}
}

// picks sends a form of the page, and returns the page that follows.
func (c *chooser) picks(t *testing.T, form url.Values) string {
	t.Helper()
	answer, text := c.visitor.ask(t, c.at+"/choice?lang=en", form)
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("%v: %d %.500s", form, answer.StatusCode, text)
	}
	return c.visitor.read(t, answer.Header.Get("Location"))
}

func (c *chooser) has(t *testing.T, page string, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if !strings.Contains(page, sentence) {
			t.Errorf("the page does not say %q", sentence)
		}
	}
}

func TestChooseOnThePage(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	c.has(
		t, c.visitor.read(t, c.at+"?lang=en"), "What do you want to use?", "A gift card of 20 euro", "10 points", "I want this",
		"Points as money", "1 point for each €0.10", ">€1<", ">€2<", ">€5<", ">All: €10<", "From €0.50 to €10",
	)
	points, gift := c.points.String(), c.gift.String()
	page := c.picks(t, url.Values{"offer": {points}, "amount": {"500"}})
	until := c.Clock.Now().Add(loyalty.ChoiceLife).In(c.Shop.Front.Zone).Format("15:04")
	c.has(t, page, "Chosen. Now show your code at the till.", "You chose", "Points as money: €5", "Show your code by "+until)
	if _, offer := c.told(t, c.Shop.Front); offer.Chosen.Amount != 500 {
		t.Errorf("the till is told %+v", offer)
	}
	c.has(t, c.picks(t, url.Values{"offer": {points}, "other": {" 3,33 € "}}), "Points as money: €3.33")
	c.has(t, c.picks(t, url.Values{"offer": {gift}}), `class="wanted">A gift card of 20 euro<`)
	for l, words := range map[string]string{"pl": "Twój wybór", "ro": "Ai ales"} {
		c.has(t, c.visitor.read(t, c.at+"?lang="+l), words)
	}
	c.has(t, c.picks(t, url.Values{"drop": {"yes"}}), "Taken back. Nothing is chosen.")
	if strings.Contains(c.visitor.read(t, c.at+"?lang=en"), "You chose") {
		t.Error("it is still chosen")
	}
}

// Of a gift card of one's own a part is chosen; two vouchers for the same are one wish.
func TestWishesOnThePage(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	bought := c.Post(t, apitest.Redeem(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan, apitest.Map{"reward": c.gift})).Card.Vouchers[0].ID
	c.has(t, c.visitor.read(t, c.at+"?lang=en"), "€20 left", "All: €20", `value="`+bought.String()+`"`, `value="`+c.gift.String()+`"`)
	c.has(t, c.picks(t, url.Values{"offer": {bought.String()}, "other": {"7.50"}}), "A gift card of 20 euro: €7.50")
	if _, offer := c.told(t, c.Shop.Front); offer.Voucher != bought || offer.Chosen.Amount != 750 {
		t.Errorf("the till is told %+v", offer)
	}

	cone := c.NewCard(t, c.Shop, c.Shop.Stamps).ID
	c.Stamp(t, c.Shop, c.Shop.Front, cone, 20)
	at := "/card/" + c.Phone(t, c.Shop, cone).Token
	wishes := c.visitor.read(t, at+"?lang=en")
	if n := strings.Count(wishes, "I want this<"); n != 1 || !strings.Contains(wishes, ">2 × ") || strings.Contains(wishes, `class="ready"`) {
		t.Errorf("two cones are %d wishes: %s", n, wishes)
	}
	seen := c.Look(t, c.Shop, c.Shop.Front, cone)
	held := apitest.Map{"voucher": seen.Card.Vouchers[0].ID}
	c.Do(t, reserve(c.Shop.Front, seen.Scan, held))
	if page := c.visitor.read(t, at+"?lang=en"); strings.Contains(page, seen.Card.Vouchers[0].ID.String()) {
		t.Error("what a till holds can be chosen")
	}
	c.Do(t, apitest.Call{Path: "/v1/cards/" + cone.String() + "/block", Token: c.Shop.Admin, Body: apitest.Map{}})
	if strings.Contains(c.visitor.read(t, at+"?lang=en"), "What do you want to use?") {
		t.Error("a blocked card lets choose")
	}
}

// A till that holds what was chosen leaves it chosen: the page shows it, and takes it back.
func TestChosenAndHeld(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	cone := c.NewCard(t, c.Shop, c.Shop.Stamps).ID
	c.Stamp(t, c.Shop, c.Shop.Front, cone, 10)
	c.at = "/card/" + c.Phone(t, c.Shop, cone).Token
	seen := c.Look(t, c.Shop, c.Shop.Front, cone)
	voucher := seen.Card.Vouchers[0].ID.String()
	c.has(t, c.picks(t, url.Values{"offer": {voucher}}), "You chose")
	c.Do(t, reserve(c.Shop.Front, seen.Scan, apitest.Map{"voucher": voucher}))
	page := c.visitor.read(t, c.at+"?lang=en")
	c.has(t, page, "You chose", `name="drop"`)
	if strings.Contains(page, voucher) {
		t.Error("what a till holds can be chosen once more")
	}
	c.has(t, c.picks(t, url.Values{"drop": {"yes"}}), "Taken back. Nothing is chosen.")
}

// What no form of the page says is answered in words, and chooses nothing.
func TestHostileChoices(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	points := c.points.String()
	const amount, gone = "Please choose another amount", "That cannot be had now"
	for _, tt := range []struct {
		form   url.Values
		status int
		says   string
	}{
		{url.Values{"offer": {points}, "other": {"12"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "other": {"0,49"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "other": {"<script>"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "other": {strings.Repeat("9", 5000)}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "other": {"-5"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "amount": {"5.00"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}, "amount": {"99999999999999999999"}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {points}}, http.StatusUnprocessableEntity, amount},
		{url.Values{"offer": {c.Shop.Stamps.Rewards[0].String()}}, http.StatusConflict, gone},
		{url.Values{"offer": {"'; DROP TABLE cards; --"}}, http.StatusConflict, gone},
		{url.Values{}, http.StatusConflict, gone},
	} {
		answer, text := c.visitor.ask(t, c.at+"/choice?lang=en", tt.form)
		if answer.StatusCode != tt.status || !strings.Contains(text, tt.says) || !strings.Contains(text, c.at) || strings.Contains(text, "<script>") {
			t.Errorf("%.100v: %d %.500s", tt.form, answer.StatusCode, text)
		}
	}
	good := url.Values{"offer": {points}, "amount": {"500"}}
	if answer, _ := c.visitor.ask(t, c.at+"/choice", good, "Sec-Fetch-Site", "cross-site"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", answer.StatusCode)
	}
	if answer, _ := c.visitor.ask(t, "/card/nobody/choice", good); answer.StatusCode != http.StatusNotFound {
		t.Errorf("of no card: %d", answer.StatusCode)
	}
	if c.wished(t) != (gen.Choice{}) {
		t.Errorf("chosen: %+v", c.wished(t))
	}
}

// An open page is told when its holder chooses in an app, and when a till has used it.
func TestOpenPageIsToldOfChoices(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	events := c.visitor.listen(t, c.at)
	first := <-events
	c.chooses(t, apitest.Map{"reward": c.points, "amount": 500})
	if second := <-events; second == first {
		t.Error("the page is told nothing new")
	}
}

// The history names what was used, and what was only bought to be used in parts.
func TestHistoryNamesTheReward(t *testing.T) {
	t.Parallel()
	c := newChooser(t)
	post := func(what apitest.Map) gen.Posting {
		return c.Post(t, apitest.Redeem(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan, what))
	}
	bought := post(apitest.Map{"reward": c.gift}).Card.Vouchers[0].ID
	post(apitest.Map{"voucher": bought, "amount": 750})
	for l, says := range map[string][2]string{
		"en": {"Bought: A gift card of 20 euro <b>−10</b>", "Reward used: A gift card of 20 euro <b>−€7.50</b>"},
		"pl": {"Kupione: A gift card of 20 euro <b>−10</b>", "Nagroda odebrana: A gift card of 20 euro <b>−7,50\u00a0€</b>"},
		"ro": {"Cumpărat: A gift card of 20 euro <b>−10</b>", "Recompensă folosită: A gift card of 20 euro <b>−7,50\u00a0€</b>"},
	} {
		c.has(t, c.visitor.read(t, c.at+"?lang="+l), says[0], says[1])
	}
}
