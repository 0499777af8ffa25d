package loyalty

import "time"

// WalletKind is where a pass is shown.
type WalletKind uint8

// The wallets. Their numbers are stored.
const (
	AppleWallet  WalletKind = 1
	GoogleWallet WalletKind = 2
	WebWallet    WalletKind = 3
)

var walletNames = [...]string{AppleWallet: "apple", GoogleWallet: "google", WebWallet: "web"}

func (k WalletKind) String() string { return nameOf(walletNames[:], k) }

// Pass is how a card looks in one wallet: a card has at most one for each. Its
// id is what the wallet knows it by, for ever, also after a merge, when it shows
// the surviving card.
type Pass struct {
	ID       PassID
	Merchant MerchantID
	Program  ProgramID
	Card     CardID // whose state it shows
	Wallet   WalletKind
	Language string // BCP 47, of its texts
	KeyID    string // of the key that the wallet's own token for it is made with
	Created  time.Time
	Changed  time.Time // when what it shows changed last; rises by a second or more each time
	Shown    [16]byte  // version of what the wallet was told last; zero for nothing yet
	Removed  time.Time // it has ended for ever, as when its holder was erased; zero for not
	Due      time.Time // when it shows something else although nothing happens; zero for never
}

// Change moves a pass on to what it shows from now on. Wallets compare the time
// in whole seconds, so each change has a second of its own.
func (p *Pass) Change(version [16]byte, now time.Time) {
	next := p.Changed.Add(time.Second)
	if now.After(next) {
		next = now
	}
	p.Shown, p.Changed = version, next
}

// Ended is what Shown is of a pass that has ended, once its wallet is to be told.
var Ended = [16]byte{'e', 'n', 'd', 'e', 'd'}

// Dirt is a card that changed while something showed it, and how often since it
// was last dealt with.
type Dirt struct {
	Card    CardID
	Version int64     // of the mark: it counts the batches that changed the card
	Since   time.Time // of the first of them
}

// WatchedForEver is State.Watched of a card in a wallet that is told of changes.
const WatchedForEver int64 = 1<<63 - 1

// Turn is what was found out about a dirty card.
type Turn struct {
	Dirt     Dirt
	Survivor CardID // of a card that was merged: its passes show that one from now on
	Changed  []Pass // what shows the card and shows something else now
	Quiet    []Pass // what shows the same as before, until Due
}
