package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/jessevdk/go-flags"
)

// networks is a list of them, parted by commas, whose mistakes wait for check as a
// number's do. A single address is a network of one.
type networks struct {
	list    []netip.Prefix
	problem string
}

var _ flags.Unmarshaler = (*networks)(nil)

func (n *networks) UnmarshalFlag(text string) error {
	*n = networks{}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		network, err := parseNetwork(part)
		if err != nil {
			n.problem = fmt.Sprintf("%q must be a network like 10.0.0.0/8, or an address", part)
			return nil
		}
		n.list = append(n.list, network)
	}
	return nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(text); err == nil {
		return at.Unmap().Prefix(at.Unmap().BitLen())
	}
	return netip.ParsePrefix(text)
}

func (n networks) check(wrong *problems, setting string) {
	if n.problem != "" {
		wrong.add(setting, "%s", n.problem)
	}
}
