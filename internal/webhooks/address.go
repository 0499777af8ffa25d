package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// errPrivate is what an address comes to that is not everybody's.
var errPrivate = errors.New("the host's address is not a public one")

// special are addresses that look like public ones and lead elsewhere, or
// nowhere (IANA's special-purpose registries, RFC 6890). What netip knows by name
// is asked there.
var special = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carriers' own
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // relays of 6to4
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocol assignments, Teredo among them
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4: has an IPv4 address in it
	"3fff::/20",       // documentation
)

// global is where all public IPv6 addresses lie (RFC 4291 §2.4). Outside are NAT64
// and IPv4-compatible addresses, which have an IPv4 address in them, unique local
// and site-local ones.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// isPublic reports whether an address is of a host on the internet.
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.Zone() != "" || !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Is6() && !global.Contains(addr) {
		return false
	}
	for _, prefix := range special {
		if prefix.Contains(addr) {
			return false
		}
	}
	return true
}

// isNearby reports whether an address is a public one, or of this machine or its
// network. Not even tests go to link-local ones: there, clouds tell their machines
// secrets (169.254.169.254).
func isNearby(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsValid() && !addr.IsLinkLocalUnicast() && !addr.IsMulticast()
}

// only is a net.Dialer's Control: it sees the address that is about to be connected
// to, whatever a name resolved to before.
func only(allowed func(netip.Addr) bool) func(_, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errPrivate, err)
		}
		if !allowed(to.Addr()) {
			return errPrivate
		}
		return nil
	}
}
