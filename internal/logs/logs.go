// Package logs makes what is unforeseen fit for a log, which must hold nothing of
// a customer and nothing that opens anything.
package logs

import (
	"fmt"
	"log/slog"
	"runtime"
)

// Panic tells of a recovered value: its type, and its text where that is the
// runtime's own, which speaks of indices and types. Any other text may quote what
// came in; the stack beside it shows the line that made it.
func Panic(value any) slog.Attr {
	if trouble, ok := value.(runtime.Error); ok {
		return slog.String("panic", trouble.Error())
	}
	return slog.String("panic", fmt.Sprintf("a %T", value))
}
