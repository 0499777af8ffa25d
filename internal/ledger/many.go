package ledger

import (
	"context"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

// Posted is what became of one command: as of Post.
type Posted struct {
	Answer loyalty.Answer
	Err    error
}

// PostMany posts commands of one asker in the given order: one worker takes them all,
// whatever their cards. Once one cannot be queued, none after it is, so that nothing
// overtakes it: they fail alike. render is asked for each command.
func (l *Ledger) PostMany(ctx context.Context, commands []loyalty.Command, render func(*loyalty.Command) Render) []Posted {
	_, span := tracing.Start(ctx, "post many")
	defer func() { tracing.End(span, nil) }()
	posted := make([]Posted, len(commands))
	waiters := make([]*waiter, 0, len(commands))
	var full error
	for i := range commands {
		w := newWaiter(commands[i], render(&commands[i]), span)
		if full == nil {
			full = l.enqueue(w, l.workerFor(commands[0].Card))
		}
		if full != nil {
			posted[i].Err = full
			continue
		}
		waiters = append(waiters, w)
	}
	for i, w := range waiters {
		posted[i].Answer, posted[i].Err = w.wait(ctx)
	}
	return posted
}
