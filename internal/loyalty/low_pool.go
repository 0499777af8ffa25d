package loyalty

import (
	"fmt"
	"time"
)

// LowPool is a pool in which few codes are left.
type LowPool struct {
	Merchant MerchantID
	Reward   Reward
	Left     int64     // 0 to Reward.CodesLow
	Since    time.Time // when that was found out
	Fresh    bool      // it was not low when somebody last looked
}

// ID names the event, the same in every attempt: a pool runs low at a moment once.
func (p *LowPool) ID() string {
	return fmt.Sprintf("codes_low_%x_%d", p.Reward.ID[:], p.Since.UnixMicro())
}

// LowPools is in the set of a webhook that is told of them, beside kinds of entries.
const LowPools Kinds = 1 << 30
