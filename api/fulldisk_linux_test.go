package api_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// The disk is full: scans are told to come again and change nothing, cards can be
// read, and when there is room again the same requests go through, once.
func TestDiskFull(t *testing.T) {
	long(t)
	t.Parallel()
	disk := smallDisk(t)
	a := apitest.Boot(t, func(s *apitest.Setup) { s.Database = "sqlite:" + filepath.Join(disk, "stempel.db") })
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	calls := make([]apitest.Call, 2000) // more than fit into what is left of a log
	for i := range calls {
		calls[i] = apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Units(1))
	}
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)

	posted := 0
	for {
		if posted == len(calls) {
			t.Fatal("the disk is never full")
		}
		if answer := a.Do(t, calls[posted]); answer.Status != http.StatusOK {
			break
		}
		posted++
	}
	for range 3 { // and it stays like that, whoever asks
		a.Refused(t, calls[posted], gen.ProblemCodeUnavailable)
	}
	enrol := apitest.Call{Path: "/v1/cards", Token: a.Shop.App, Key: apitest.Key(), Body: apitest.Map{"program": a.Shop.Stamps.ID}}
	a.Refused(t, enrol, gen.ProblemCodeUnavailable)
	if got := a.GetCard(t, a.Shop, card); got.Lifetime != int64(posted) {
		t.Errorf("%d scans have posted %d", posted, got.Lifetime)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for _, c := range []apitest.Call{calls[posted], enrol} {
		if first, again := a.Do(t, c), a.Do(t, c); first.Status >= 300 || string(first.Body) != string(again.Body) {
			t.Errorf("with room again: %d %s, then %d %s", first.Status, first.Body, again.Status, again.Body)
		}
	}
	if got := a.GetCard(t, a.Shop, card); got.Lifetime != int64(posted+1) {
		t.Errorf("%d scans have posted %d", posted+1, got.Lifetime)
	}
}

// smallDisk mounts a file system of 8 MB until the test ends.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk := t.TempDir()
	err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root can mount a disk that is small enough to be full")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// fill takes all the room there is.
func fill(t *testing.T, ballast string) {
	t.Helper()
	file, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4<<10))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
