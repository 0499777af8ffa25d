package api

import "stempel/internal/loyalty"

// onlyOf is for whom a body says that something is; nothing said is for everybody.
func onlyOf(body *loyalty.Only) loyalty.Only {
	if body == nil {
		return loyalty.Only{}
	}
	return *body
}

// onlyView is nil where something is for everybody.
func onlyView(o *loyalty.Only) *loyalty.Only {
	if o.IsZero() {
		return nil
	}
	return o
}
