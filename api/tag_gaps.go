package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// ListTagGaps shows what was skipped of a counter tag's taps, newest first.
func (s *Server) ListTagGaps(c *fiber.Ctx, id gen.TagInPath, params gen.ListTagGapsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.GapID], params.After)
	if err != nil {
		return err
	}
	if _, err := s.Store.Tag(c.UserContext(), principalOf(c).Merchant, id); err != nil {
		return err
	}
	gaps, err := s.Store.Gaps(c.UserContext(), id, after, limit+1)
	if err != nil {
		return err
	}
	gaps, next := cut(gaps, limit, func(g *loyalty.Gap) string { return g.ID.String() })
	return s.json(c, http.StatusOK, gen.TagGapPage{Gaps: views(gaps, gapView), Next: next})
}

func gapView(g *loyalty.Gap) gen.TagGap {
	return gen.TagGap{ID: g.ID, First: int64(g.First), Last: int64(g.Last), Missing: g.Missing(), SeenAt: g.Seen}
}
