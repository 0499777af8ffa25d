package moving_test

import (
	"fmt"
	"strings"
	"testing"

	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/moving"
)

type silent struct{}

func (silent) Line(moving.Line) error { return nil }

// What an import costs beside the database, per line.
func BenchmarkImport(b *testing.B) {
	for name, member := range map[string]string{"cards": "", "members": "phone,email,name"} {
		b.Run(name, func(b *testing.B) {
			var file strings.Builder
			file.WriteString(strings.TrimSuffix("ref,balance,"+member, ",") + "\n")
			for i := range b.N {
				fmt.Fprintf(&file, "%d,%d", i, 1+i%9)
				if member != "" {
					fmt.Fprintf(&file, ",+49151%08d,customer%d@mail.example,Anna Kowalska", 10_000_000+i, i)
				}
				file.WriteByte('\n')
			}
			work := newImport(b, moving.DryRun(empty()), silent{})
			work.Program = loyaltytest.Program(b)
			b.ReportAllocs()
			b.ResetTimer()
			if totals, err := work.Run(b.Context(), strings.NewReader(file.String())); err != nil || totals.Stored != b.N {
				b.Fatalf("%+v, %v", totals, err)
			}
		})
	}
}
