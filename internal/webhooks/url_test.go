package webhooks

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://example.com", "https://example.com/", "https://hooks.example.co.uk:8443/a?b=c", "HTTPS://Example.COM",
		"https://xn--bcher-kva.de/x", "https://8.8.8.8/x", "https://[2606:4700::1111]/x", "https://example.com./x",
	} {
		if err := CheckURL(good, false); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "example.com", "//example.com", "https://", "https:///x", "https:example.com", "ftp://example.com",
		"http://example.com", "javascript:alert(1)", "file:///etc/passwd", "https://user@example.com", "https://u:p@example.com",
		"https://example.com#x", "https://example.com#", "https://example.com:0", "https://example.com:65536", "https://example.com:",
		"https://example.com:x", "https://bücher.de", "https://exa mple.com", "https://example.com/\n", "https://example.com\\@evil.com",
		"https://localhost", "https://LOCALHOST.", "https://a.localhost", "https://printer.local", "https://db.internal", "https://db",
		"https://127.0.0.1", "https://127.1", "https://2130706433", "https://0x7f.1", "https://0177.0.0.1", "https://0",
		"https://10.1.2.3", "https://172.16.0.1", "https://192.168.0.1", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1",
		"https://[::1]", "https://[::]", "https://[fe80::1]", "https://[fe80::1%25eth0]", "https://[fc00::1]", "https://[::ffff:127.0.0.1]",
		"https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]", "https://0.0.0.0", "https://255.255.255.255", "https://224.0.0.1",
		"https://example.com/" + strings.Repeat("x", MaxURL),
	} {
		var field *loyalty.FieldError
		if err := CheckURL(bad, false); !errors.As(err, &field) || field.Field != "url" || field.Problem == "" {
			t.Errorf("%.80s: %v", bad, err)
		}
	}
}

// What tests and demos may use, and others may not.
func TestCheckURLOfThisMachine(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://127.0.0.1:8080/x", "http://localhost:1", "http://[::1]:1", "https://127.0.0.1", "https://10.0.0.1", "https://db"} {
		if err := CheckURL(url, true); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if err := CheckURL(url, false); err == nil {
			t.Errorf("%s is taken for a public address", url)
		}
	}
	for _, url := range []string{
		"http://10.0.0.1", "http://example.com", "http://u@localhost", "ftp://localhost",
		"https://169.254.169.254/latest/meta-data", "https://[::ffff:169.254.169.254]", "https://[fe80::1]", "https://[ff02::1]",
	} {
		if err := CheckURL(url, true); err == nil {
			t.Errorf("%s is allowed for tests", url)
		}
	}
}

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"} {
		if !isPublic(netip.MustParseAddr(public)) {
			t.Errorf("%s is refused", public)
		}
	}
	for _, private := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		if isPublic(netip.MustParseAddr(private)) {
			t.Errorf("%s is taken for public", private)
		}
	}
	if isPublic(netip.Addr{}) {
		t.Error("no address is taken for public")
	}
}

// Whatever is taken has a host that is no address of ours, and no credentials.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://example.com/x", "https://127.1", "https://[::1]:1", "https://a@b", "http://localhost", "https://%31", "https://0x7f.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckURL(text, false) != nil {
			return
		}
		if !strings.EqualFold(text[:8], "https://") || strings.ContainsAny(text, " \n\\#") || len(text) > MaxURL {
			t.Errorf("%q", text)
		}
		host, _, _ := strings.Cut(text[8:], "/")
		host, _, _ = strings.Cut(host, "?")
		if strings.Contains(host, "@") {
			t.Errorf("%q has credentials", text)
		}
		if addr, err := netip.ParseAddrPort(host); err == nil && !isPublic(addr.Addr()) {
			t.Errorf("%q is private", text)
		}
		if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && !isPublic(addr) {
			t.Errorf("%q is private", text)
		}
	})
}
