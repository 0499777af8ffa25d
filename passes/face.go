package passes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"stempel/internal/loyalty"
)

// Face is all that one card shows, in every language, ready to be rendered by a
// wallet or a page. It holds no credential: whoever renders mints that. Faces are
// made by Of and never changed; their slices are not to be written to.
type Face struct {
	Merchant loyalty.MerchantID
	Program  loyalty.ProgramID
	Card     loyalty.CardID
	Kind     loyalty.ProgramKind
	State    State

	Brand    loyalty.Brand // whole: every colour and the name are set
	Title    string        // the program's name, as the merchant wrote it
	Holder   string        // the member's name; empty: nobody's, or not to be shown
	Progress Progress
	Standing Standing  // discount and tier, in programs that have them
	Ready    []Ready   // what can be had now: vouchers first, the soonest to expire first
	Lapses   time.Time // when the units lapse if none come in; zero: never
	Ends     time.Time // when the program ends; zero: open
	Pending  Pending   `json:",omitzero"` // the points that cannot be used yet
	Expiring Expiring  `json:",omitzero"` // the points that run out soon
	Changed  time.Time // of the last entry; zero: none yet
	Stands   time.Time `json:"-"` // when Standing is another one although nothing comes in; zero: never
	Rewarded time.Time `json:"-"` // when the newest of Ready came, which nothing shows; zero: long ago, or none
	Shops    []Shop
	Chosen   bool `json:"-"` // the program is not for everybody

	Language Language             // the holder's, for what can speak only one
	Texts    [languageCount]Texts // in the order of Languages
	Version  Version              `json:"-"` // of all the above: equal faces have equal ones

	turns []time.Time // when points begin to count, are reminded of, and run out; when the holder is another one
}

// State is whether a card can be used.
type State string

// The states of a card.
const (
	Active  State = "active"
	Blocked State = "blocked" // by the merchant; it may be unblocked
	Expired State = "expired" // the program is over and nothing is left to be had
	Merged  State = "merged"  // into another card, for ever
	Ended   State = "ended"   // the pass, not the card: whoever held it was erased
)

// Progress is how far the card has come.
type Progress struct {
	Have       int64   // stamps: 0 to Of; points: the balance, which may be negative; discount: what counts, in minor units
	Of         int64   // stamps: on a full card; points: the cost of the next reward, 0 when there is none; discount: of the next step, or Have
	Milestones []int64 // stamps: where a smaller reward waits, rising, 1 to Of−1
	Next       Next
}

// Next is the reward the card is on its way to; the zero Next is none.
type Next struct {
	Reward  loyalty.RewardID
	Name    string
	At      int64 // the balance that earns it, or its cost
	Missing int64 // at least 1
}

// Ready is a reward that can be had now.
type Ready struct {
	Reward  loyalty.RewardID
	Name    string
	Count   int       // vouchers; 1 when it is paid with points
	Cost    int64     // points; 0 against a voucher
	Expires time.Time // of the first voucher to expire; zero: never

	Left     int64  `json:",omitempty"` // of gift cards together: minor units of Currency
	Currency string `json:",omitempty"`
}

// Pending are points that cannot be used yet; the zero Pending is none.
type Pending struct {
	Units     int64
	Available time.Time // from when the first of them can
}

// Expiring are points that run out soon; the zero Expiring is none.
type Expiring struct {
	Units   int64
	Expires time.Time // they are gone from then on
}

// Shop is where the card is good.
type Shop struct {
	Location loyalty.LocationID
	Name     string
	Place    loyalty.Place // zero: not known
}

// Texts is what a face says in one language. Labels are a word or two, sentences
// whole; what may be empty says so.
type Texts struct {
	Language    Language
	Description string // the card in one line, for those who hear it

	ProgressLabel string // "Stamps"
	Progress      string // "7 of 10", "1,250", "10 %"
	Count         string // "7 of 10 stamps", "1,250 points", "10 % off"

	NextLabel string // "Next reward"
	Next      string // a sentence: "2 more stamps to go: One free cone"

	ReadyLabel string   // "Rewards ready"
	Ready      string   // a line: "One free cone, 2 × Cookie", or "None yet"; empty on a discount card that has none
	ReadyLines []string // one for each of Face.Ready: "One free cone, until 3 March 2027"

	TierLabel string // "Status"; empty: no tier
	Tier      string // "Gold, until 31 December 2027"

	TierNextLabel string `json:",omitempty"` // "Next status"; empty: there is none
	TierNext      string `json:",omitempty"` // "€32.00 more to Gold"

	ChangeLabel string // "Latest"
	Change      string // the last posting as a sentence with the new count, for the lock screen; the notice on a card that is not active

	NoticeLabel string // "Please note"
	Notice      string // why the card cannot be used, as a sentence; empty: it can

	ExpiryLabel string // "Use by"
	Expiry      string // the date of Expiring, with how many, or of Lapses, or else of Ends; empty: none

	Soon string `json:"-"` // a sentence on Expiring, for what has room for it: "312 points run out on 22 December 2026"; empty: none do

	HolderLabel string // "Name"
	ShopsLabel  string // "Shops"
	Nearby      string // shown by a phone that comes near a shop
}

// Version is a SHA-256 over everything a face shows.
type Version [sha256.Size]byte

// String is the version in hexadecimal, fit for an ETag or a file name.
func (v Version) String() string { return hex.EncodeToString(v[:]) }

// In is what the face says in a language, or in English where it does not speak it.
func (f *Face) In(l Language) *Texts { return &f.Texts[l.index()] }

// version hashes the face as JSON, whose fields come in the order they stand here.
func (f *Face) version() Version {
	text, err := json.Marshal(f)
	if err != nil {
		panic("a face is always JSON: " + err.Error())
	}
	return sha256.Sum256(text)
}
