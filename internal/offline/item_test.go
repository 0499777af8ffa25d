package offline

import (
	"crypto/elliptic"
	"strings"
	"testing"
)

// Whatever is read is one text's alone: every other byte makes it something else, or
// nothing.
func FuzzItem(f *testing.F) {
	x, key := makeTexts(f), queueKeyOf(f, 9)
	half := publicHalf(f, key)
	for _, payload := range []string{earnPayload, redeemPayload, spendPayload} {
		f.Add(signItem(f, key, header, x.fill(payload)))
		f.Add(signItem(f, key, "{}", x.fill(payload)))
	}
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		item, err := Parse(text)
		if err != nil {
			if item != nil {
				t.Error("an item that is none")
			}
			return
		}
		if item.Name.Queue.IsZero() || item.Name.Counter < 1 || item.Credential == "" || len(text) > MaxLength {
			t.Errorf("read %+v", item)
		}
		if slot := item.Name.Slot(); slot.Item(item.Name.Hash) != item.Name {
			t.Errorf("%+v stands elsewhere", item.Name)
		}
		if item.Redeems != (item.Lease != "") || item.Redeems && (item.Units != 0 || item.Purchase != nil) {
			t.Errorf("does both: %+v", item)
		}
		_ = item.Verify(half)
	})
}

func TestOneBitChangedAnywhere(t *testing.T) {
	t.Parallel()
	x, key := makeTexts(t), queueKeyOf(t, 9)
	good := signItem(t, key, header, x.fill(earnPayload))
	half := publicHalf(t, key)
	for i := range good {
		altered := []byte(good)
		altered[i] ^= 1
		if item, err := Parse(string(altered)); err == nil && item.Verify(half) == nil {
			t.Errorf("byte %d changed, and it is still an item", i)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	x, key := makeTexts(t), queueKeyOf(t, 9)
	long := func(from, to string) string {
		return signItem(t, key, header, strings.Replace(x.fill(earnPayload), from, to, 1))
	}
	for name, text := range map[string]string{
		"a long text":       strings.Repeat("A", MaxLength+1),
		"a long payload":    long(`"units":2`, strings.Repeat(" ", maxPayload)+`"units":2`),
		"a long credential": long("eyJhbGciOiJFZERTQSJ9.e30.x", strings.Repeat("x", maxCredential+1)),
		"the year 10000":    long("1793958069120", "253402300800000"),
	} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is an item", name)
		}
	}
	if _, err := Parse(long("eyJhbGciOiJFZERTQSJ9.e30.x", strings.Repeat("x", maxCredential))); err != nil {
		t.Error(err)
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	half := publicHalf(t, queueKeyOf(t, 9))
	if err := CheckKey(half); err != nil {
		t.Error(err)
	}
	half[63] ^= 1
	if CheckKey(half) == nil {
		t.Error("a point beside the curve is a key")
	}
	large := [64]byte{}
	elliptic.P256().Params().P.FillBytes(large[:32])
	if CheckKey([64]byte{}) == nil || CheckKey(large) == nil {
		t.Error("what is no point is a key")
	}
}
