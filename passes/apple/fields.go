package apple

import (
	"strings"

	"stempel/passes"
)

// field is a label and a value of a pass (Apple's page "PassFieldContent").
type field struct {
	Key     string `json:"key"`
	Label   string `json:"label"`
	Value   string `json:"value"`
	Message string `json:"changeMessage,omitempty"` // on the lock screen when the value changes; %@ is the value
}

// announced is the key of the only field with a change message: of two that
// change at once the phone would tell neither, but "the pass was changed".
const announced = "change"

// text picks one of a face's texts.
type text = func(*passes.Texts) string

// fields lays a card out: how far it has come in the header, where it shows in a
// stack of cards, too; what comes next and what is ready under the strip; all
// else on the back.
func fields(f *passes.Face, words *wording) storeCard {
	var on storeCard
	add := func(to *[]field, key string, label, value text) {
		if v := words.say(value); v != "" {
			*to = append(*to, field{Key: key, Label: words.say(label), Value: v})
		}
	}
	add(&on.Header, "progress", func(t *passes.Texts) string { return t.ProgressLabel }, func(t *passes.Texts) string { return t.Progress })
	notice := func(t *passes.Texts) string { return t.Notice }
	noticeLabel := func(t *passes.Texts) string { return t.NoticeLabel }
	add(&on.Secondary, "notice", noticeLabel, notice)
	if len(on.Secondary) == 0 {
		add(&on.Secondary, "next", func(t *passes.Texts) string { return t.NextLabel }, func(t *passes.Texts) string { return t.Next })
	}
	add(&on.Auxiliary, "tier", func(t *passes.Texts) string { return t.TierLabel }, func(t *passes.Texts) string { return t.Tier })
	readyLabel := func(t *passes.Texts) string { return t.ReadyLabel }
	add(&on.Auxiliary, "ready", readyLabel, func(t *passes.Texts) string { return t.Ready })
	add(&on.Auxiliary, "expiry", func(t *passes.Texts) string { return t.ExpiryLabel }, func(t *passes.Texts) string { return t.Expiry })
	add(&on.Auxiliary, "holder", func(t *passes.Texts) string { return t.HolderLabel }, func(*passes.Texts) string { return f.Holder })

	add(&on.Back, announced, func(t *passes.Texts) string { return t.ChangeLabel }, func(t *passes.Texts) string { return t.Change })
	for i := range on.Back {
		on.Back[i].Message = "%@" // the value is a whole sentence in every language
	}
	add(&on.Back, "count", func(t *passes.Texts) string { return t.ProgressLabel }, func(t *passes.Texts) string { return t.Count })
	add(&on.Back, "rewards", readyLabel, func(t *passes.Texts) string { return strings.Join(t.ReadyLines, "\n") })
	add(&on.Back, "tier-next", func(t *passes.Texts) string { return t.TierNextLabel }, func(t *passes.Texts) string { return t.TierNext })
	add(&on.Back, "perks", func(t *passes.Texts) string { return t.TierLabel }, func(*passes.Texts) string { return strings.Join(f.Standing.Perks, "\n") })
	add(&on.Back, "shops", func(t *passes.Texts) string { return t.ShopsLabel }, func(*passes.Texts) string { return shopNames(f) })
	return on
}

func shopNames(f *passes.Face) string {
	names := make([]string, len(f.Shops))
	for i := range f.Shops {
		names[i] = f.Shops[i].Name
	}
	return strings.Join(names, "\n")
}
