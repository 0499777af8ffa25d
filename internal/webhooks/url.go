package webhooks

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"stempel/internal/loyalty"
)

// MaxURL is how long an address may be, in bytes.
const MaxURL = 2048

// CheckURL refuses addresses that deliveries could never go to. private allows
// also those of this machine and its network, but for link-local ones, and http to this machine: for tests
// and demos. What a name resolves to is seen at each delivery.
// Errors: *loyalty.FieldError.
func CheckURL(text string, private bool) error {
	problem := urlProblem(text, private)
	if problem == "" {
		return nil
	}
	return &loyalty.FieldError{Field: "url", Problem: problem}
}

func urlProblem(text string, private bool) string {
	switch {
	case text == "":
		return "is missing"
	case len(text) > MaxURL:
		return "is longer than " + strconv.Itoa(MaxURL) + " bytes"
	case strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == 0x7f || r == '\\' }):
		return "has a character that must be percent-encoded, or a host that must be written in Punycode"
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return "must look like https://example.com/path"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case u.Scheme != "https" && !(private && u.Scheme == "http" && isThisMachine(host)):
		return "must begin with https://"
	case u.User != nil:
		return "must not have a user name or password: deliveries are signed instead"
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return "must not have a fragment (#)"
	case !isPort(u):
		return "has a port that does not exist"
	case private:
		return nearbyProblem(host)
	}
	return hostProblem(host)
}

func isPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

func isThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// privateNames end names that no public server knows (RFC 6761, RFC 6762, RFC
// 9476, and ICANN's choice for private use).
var privateNames = []string{"localhost", "local", "internal", "test", "invalid", "example", "alt", "onion", "home.arpa"}

// nearbyProblem refuses addresses that not even tests may have.
func nearbyProblem(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && !isNearby(addr) {
		return "must not name a link-local address: those are this machine's own affair"
	}
	return ""
}

// hostProblem refuses hosts that cannot be public ones.
func hostProblem(host string) string {
	const elsewhere = "must name a server on the internet, not one of this machine or its network"
	if addr, err := netip.ParseAddr(host); err == nil {
		if !isPublic(addr) {
			return elsewhere
		}
		return ""
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == host || last[0] >= '0' && last[0] <= '9' { // 0x7f.1 and 2130706433 are numbers to some resolvers
		return elsewhere
	}
	for _, name := range privateNames {
		if host == name || strings.HasSuffix(host, "."+name) {
			return elsewhere
		}
	}
	return ""
}
