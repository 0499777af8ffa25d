package apitest

import (
	"testing"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/passes/apple"
	"stempel/scanner"
	"stempel/scanner/smarttap"
	"stempel/scanner/smarttap/smarttaptest"
	"stempel/scanner/vas"
	"stempel/scanner/vas/vastest"
)

// The NFC readers of all tests.
var (
	vasReader = vastest.NewReader()

	// SmartTapReader hands over raw sessions.
	SmartTapReader = smarttaptest.NewReader(20180608)
)

func phones() scanner.Phones {
	keys, err := vas.ParseKeys(vastest.PEM(vasReader))
	if err != nil {
		panic(err)
	}
	public, err := smarttap.ParseKeys(SmartTapReader.PEM())
	if err != nil {
		panic(err)
	}
	return scanner.Phones{
		VAS: keys, PassType: apple.TestType,
		SmartTap: &smarttap.Reader{Collector: SmartTapReader.Collector, Keys: public},
	}
}

// IPhone holds a card's pass as it is now.
func (a *API) IPhone(t testing.TB, shop *Shop, card loyalty.CardID) *vastest.Phone {
	t.Helper()
	return &vastest.Phone{
		Reader: vasReader.PublicKey(), PassType: apple.TestType, Message: a.TapText(t, shop, card),
	}
}

// TapText is what a card's wallet passes hand NFC readers, as they are now.
func (a *API) TapText(t testing.TB, shop *Shop, card loyalty.CardID) string {
	t.Helper()
	state, err := a.Store.Card(t.Context(), shop.ID, card)
	if err != nil {
		t.Fatal(err)
	}
	text, err := credential.NewStatic(a.Ring.MACs(keys.Static)).Mint(card, loyalty.WalletNFC, state.Card.WalletGen, a.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}
