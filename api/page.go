package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

// Pages of lists.
const (
	defaultPage = 20
	maxPage     = 100
)

// pageSize reads how many rows are wanted. Errors: invalid_field.
func pageSize(c *fiber.Ctx, limit int32) (int, error) {
	switch {
	case c.Query("limit") == "":
		return defaultPage, nil
	case limit < 1 || limit > maxPage:
		return 0, invalid("limit", "must lie between 1 and 100")
	}
	return int(limit), nil
}

// cursor reads after, the id of the last row of the page before; zero where the
// list begins. Errors: invalid_field.
func cursor[ID ~[16]byte](parse func(string) (ID, error), after string) (id ID, err error) {
	if after == "" {
		return id, nil
	}
	id, err = parse(after)
	if errors.Is(err, loyalty.ErrNotAnID) {
		err = invalid("after", "must be the next of the page before")
	}
	return id, err
}

// nextOf is a cursor as an answer names it; empty where nothing follows.
func nextOf[ID interface {
	IsZero() bool
	String() string
}](id ID,
) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// cut shortens a list that was read with one row more than fit, and returns what
// to pass as after for the next page; empty on the last one.
func cut[T any](rows []T, limit int, id func(*T) string) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], id(&rows[limit-1])
}
