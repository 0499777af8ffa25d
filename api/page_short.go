package api

import (
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// unwished are the rewards of the card's face that cannot be chosen on its page, which
// lists the others once: with the reason where there is one to tell. The face itself does
// not say it: it is told to phones when the card changes, not when a shelf is emptied.
func (s *sight) unwished(now time.Time, texts *passes.Texts) (ready []web.Ready) {
	type right struct {
		reward  loyalty.RewardID
		voucher bool
	}
	wished := map[right]bool{}
	for _, o := range s.wishes(now) {
		if o.HeldUntil.IsZero() {
			wished[right{o.Reward, !o.Voucher.IsZero()}] = true
		}
	}
	for i, r := range s.face.Ready {
		if !wished[right{r.Reward, r.Cost == 0}] {
			ready = append(ready, web.Ready{Line: texts.ReadyLines[i], Lacks: s.lacks(&r)})
		}
	}
	return ready
}

// lacks is the code of why a reward cannot be had now after all; empty where it can.
func (s *sight) lacks(r *passes.Ready) string {
	for _, short := range s.short {
		if short.Reward == r.Reward && r.Left == 0 { // a gift card was handed out before
			return string(short.Why)
		}
	}
	return ""
}
