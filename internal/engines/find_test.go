package engines

import (
	"slices"
	"testing"
)

func TestNewestFirst(t *testing.T) {
	t.Parallel()
	got := newestFirst([]string{"/pg/9.6/bin", "/pg/15/bin", "/pg/8.4/bin", "/pg/17/bin"})
	want := []string{"/pg/17/bin", "/pg/15/bin", "/pg/9.6/bin", "/pg/8.4/bin"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Source ports that Linux hands out begin at 32768.
func TestFreePortIsNoSourcePort(t *testing.T) {
	t.Parallel()
	for range 50 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		if port < lowestPort || port > highestPort {
			t.Fatalf("got port %d", port)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{"durable by default", Options{}, []string{"fsync=on", "synchronous_commit=on", "full_page_writes=on"}},
		{"fast", Options{Fast: true}, []string{"fsync=off", "synchronous_commit=on", "full_page_writes=off"}},
		{
			"the caller's settings hold",
			Options{Settings: map[string]string{"shared_buffers": "256MB", "max_connections": "7"}},
			[]string{"shared_buffers=256MB", "max_connections=7"},
		},
		{
			"but never leave loopback",
			Options{Settings: map[string]string{"listen_addresses": "*"}},
			[]string{"listen_addresses=127.0.0.1"},
		},
	}
	for _, tt := range tests {
		p := &Postgres{Server: &Server{dir: "/dir", port: 5432}}
		args := p.arguments(tt.options)
		for _, want := range tt.want {
			if !slices.Contains(args, want) {
				t.Errorf("%s: no %s in %q", tt.name, want, args)
			}
		}
	}
}
