package api

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// proxies are the networks of reverse proxies whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func (p proxies) trust(at netip.Addr) bool {
	for _, network := range p {
		if network.Contains(at) {
			return true
		}
	}
	return false
}

// from is whom to hold a request against, see address: who has connected or, where
// that is a trusted proxy, who has connected to it. Each proxy appends the address that
// it sees, so the last one that is no trusted proxy's is the nearest that is not
// somebody's own word; all before it may be made up.
func (p proxies) from(c *fiber.Ctx) string {
	at, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	at = at.Unmap()
	if !p.trust(at) {
		return address(at)
	}
	var hops []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for i := len(hops) - 1; i >= 0 && p.trust(at); i-- {
		before, ok := parseHop(hops[i])
		if !ok { // the proxy does not say: it stands for all behind it
			break
		}
		at = before
	}
	return address(at)
}

// parseHop reads one address of X-Forwarded-For; some proxies add a port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	at, err := netip.ParseAddr(text)
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		at = withPort.Addr()
	}
	return at.Unmap().WithZone(""), err == nil
}
