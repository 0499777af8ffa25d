package credential

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPictureOpens(t *testing.T) {
	t.Parallel()
	pictures := NewPictures(macKey("a01", "picture"))
	rapid.Check(t, func(t *rapid.T) {
		contents := rapid.SliceOf(rapid.Byte()).Draw(t, "contents")
		text := pictures.Seal(contents, now)
		got, ok := pictures.Open(text)
		if !ok || !bytes.Equal(got, contents) {
			t.Fatalf("%q opens as %x, %t; want %x", text, got, ok, contents)
		}
	})
}

func TestPictureStaysShut(t *testing.T) {
	t.Parallel()
	pictures := NewPictures(macKey("a01", "picture"))
	good := pictures.Seal([]byte("contents"), now)
	kid, rest, _ := strings.Cut(good, ".")
	for name, text := range map[string]string{
		"empty":          "",
		"no key":         rest,
		"another key":    "x" + kid + "." + rest,
		"no seal":        kid + ".",
		"another letter": kid + ".A" + strings.Replace(rest[1:], rest[1:2], "B", 1),
		"cut off":        good[:len(good)-4],
		"longer":         good + "AAAA",
	} {
		if text == good {
			t.Fatal(name + " changes nothing")
		}
		if _, ok := pictures.Open(text); ok {
			t.Errorf("%s: %q opens", name, text)
		}
	}
}

func FuzzPicture(f *testing.F) {
	pictures := NewPictures(macKey("a01", "picture"))
	f.Add(pictures.Seal([]byte("contents"), now))
	f.Add("u01.")
	f.Fuzz(func(t *testing.T, text string) {
		if contents, ok := pictures.Open(text); ok && pictures.Seal(contents, now) != text {
			t.Fatalf("%q opens, and is not how it is sealed", text)
		}
	})
}
