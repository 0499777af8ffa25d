package credential

import (
	"errors"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	till, key := loyalty.TillID(fixedID(1)), loyalty.APIKeyID(fixedID(1))
	text, hash := NewTillSecret(till)
	if got, err := ParseBearer(text); err != nil || got != (Bearer{Till: till, Hash: hash}) {
		t.Errorf("%s: %+v, %v", text, got, err)
	}
	text, hash = NewKeySecret(key)
	if got, err := ParseBearer(text); err != nil || got != (Bearer{Key: key, Hash: hash}) {
		t.Errorf("%s: %+v, %v", text, got, err)
	}
	device := loyalty.DeviceID(fixedID(1))
	text, hash = NewDeviceSecret(device)
	if got, err := ParseBearer(text); err != nil || got != (Bearer{Device: device, Hash: hash}) {
		t.Errorf("%s: %+v, %v", text, got, err)
	}
	if again, _ := NewKeySecret(key); again == text {
		t.Errorf("two keys have one secret: %s", text)
	}
}

func TestSecretOneBit(t *testing.T) {
	t.Parallel()
	text, hash := NewTillSecret(fixedID(1))
	want := Bearer{Till: fixedID(1), Hash: hash}
	for changed := range flips(text) {
		if got, err := ParseBearer(changed); err == nil && got == want {
			t.Errorf("%q reads as %q", changed, text)
		}
	}
}

func TestParseBearerRefuses(t *testing.T) {
	t.Parallel()
	text, _ := NewTillSecret(fixedID(1))
	id, secret, _ := strings.Cut(text, ".")
	for _, bad := range []string{
		"", ".", id, id + ".", "." + secret, secret, "till_." + secret,
		id + "." + secret[:42], text + "A", text + "=", text + "\n", text + ".", text + "." + secret,
		id + "." + secret[:42] + otherSpelling(text),
		strings.ToUpper(id) + "." + secret,
		strings.Replace(text, "till_", "card_", 1), strings.Replace(text, "till_", "", 1),
		"till_00000000000000000000000000." + secret,
	} {
		if got, err := ParseBearer(bad); !errors.Is(err, ErrNotABearer) || got != (Bearer{}) {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
}

func FuzzBearer(f *testing.F) {
	till, _ := NewTillSecret(fixedID(1))
	key, _ := NewKeySecret(fixedID(2))
	device, _ := NewDeviceSecret(fixedID(3))
	f.Add(till)
	f.Add(key)
	f.Add(device)
	f.Add("till_.")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseBearer(text)
		if err != nil {
			return
		}
		ids := map[bool][]string{}
		ids[got.Till.IsZero()] = append(ids[got.Till.IsZero()], got.Till.String())
		ids[got.Key.IsZero()] = append(ids[got.Key.IsZero()], got.Key.String())
		ids[got.Device.IsZero()] = append(ids[got.Device.IsZero()], got.Device.String())
		if id := ids[false]; len(id) != 1 || !strings.HasPrefix(text, id[0]+".") || len(text) != len(id[0])+1+43 {
			t.Fatalf("%q reads as %+v", text, got)
		}
	})
}
