package scanner

import (
	"testing"

	"stempel/internal/loyalty"
)

func BenchmarkVerifyLive(b *testing.B) {
	h := setup(b)
	benchmarkVerify(b, h, h.liveText(b))
}

func BenchmarkVerifyStatic(b *testing.B) {
	h := setup(b)
	benchmarkVerify(b, h, h.staticText(b, loyalty.Wallet))
}

func benchmarkVerify(b *testing.B, h *house, text string) {
	b.ReportAllocs()
	reading := Reading{Till: tillA, Text: text, At: now}
	for b.Loop() {
		h.verify(b, reading)
	}
}

func BenchmarkHandleSeal(b *testing.B) {
	b.ReportAllocs()
	h := setup(b)
	p := h.verify(b, Reading{Till: tillA, Text: h.liveText(b), At: now})
	for b.Loop() {
		h.handles.Seal(p, tillA, now)
	}
}

func BenchmarkHandleOpen(b *testing.B) {
	b.ReportAllocs()
	h := setup(b)
	text := h.handles.Seal(Presentation{Card: card, Captured: now}, tillA, now)
	for b.Loop() {
		if _, err := h.handles.Open(text, tillA, now); err != nil {
			b.Fatal(err)
		}
	}
}
