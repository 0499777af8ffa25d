package loyalty

// Method is how a card was presented. The numbers stand in the canonical bytes
// of entries and must never change.
type Method uint8

// The methods.
const (
	Office   Method = 0 // no card was presented: the merchant's own system acted
	Live     Method = 1 // a signed token of one minute
	Rotating Method = 2 // a text that changes every 30 seconds, made offline from a secret
	Static   Method = 3 // a text that can be photographed: wallet barcode, printed card
	Tap      Method = 4 // a message that an NTAG 424 DNA chip made at a tap
	VAS      Method = 5 // a cryptogram that an iPhone gave an NFC reader, of the wallet pass's text for readers
	SmartTap Method = 6 // a wallet pass's text for readers that an Android phone gave a Smart Tap reader
	Manual   Method = 7 // nothing was read: staff found the card by what the customer said
	Slip     Method = 8 // no card was there: the till gave out a claim code, which was claimed to the card later
	Counter  Method = 9 // no till read anything: the customer tapped the shop's own tag with the phone that has the card
)

var methodNames = [...]string{Office: "office", Live: "live", Rotating: "rotating", Static: "static", Tap: "tap", VAS: "vas", SmartTap: "smarttap", Manual: "manual", Slip: "claim", Counter: "counter"}

func (m Method) String() string { return nameOf(methodNames[:], m) }

// ParseMethod reads what Method.String writes.
func ParseMethod(text string) (Method, error) {
	return parseName[Method](methodNames[:], text, "method")
}

// Surface is where a static text is shown; each surface of a card has a
// generation of its own.
type Surface uint8

// The surfaces. NoSurface is that of every method that shows no static text.
const (
	NoSurface Surface = iota
	Wallet            // the barcode of a wallet pass: renewed after each redemption
	Print             // a printed card or a plain tag: renewed only after a reported loss
	WalletNFC         // what a wallet pass hands an NFC reader, and nobody sees: of the Wallet's generation
)

// ofWallet reports whether the surface is of a wallet pass, seen or not.
func (s Surface) ofWallet() bool { return s == Wallet || s == WalletNFC }

var surfaceNames = [...]string{NoSurface: "", Wallet: "wallet", Print: "print", WalletNFC: "wallet_nfc"}

func (s Surface) String() string { return nameOf(surfaceNames[:], s) }

// ParseSurface reads what Surface.String writes of a surface that has a generation of
// its own.
func ParseSurface(text string) (Surface, error) {
	return parseName[Surface](surfaceNames[:WalletNFC], text, "surface")
}
