package moving

import (
	"context"
	"maps"
	"slices"

	"stempel/internal/loyalty"
)

// rewards are all that a merchant has, or ever had.
type rewards map[loyalty.RewardID]bool

func (r rewards) add(rules *loyalty.Rules) {
	for i := range rules.Rewards {
		r[rules.Rewards[i].ID] = true
	}
}

// stock writes what is left of rewards. One that was never counted has no row.
func (e *Export) stock(ctx context.Context, to *exported, all rewards) error {
	ids := slices.SortedFunc(maps.Keys(all), loyalty.RewardID.Compare)
	for some := range slices.Chunk(ids, listed) {
		left, err := e.Source.Stock(ctx, some)
		if err != nil {
			return err
		}
		for _, id := range some {
			if n, counted := left[id]; counted {
				err = to.row("stock", id.String(), n)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
