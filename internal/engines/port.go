package engines

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken below 32768, where Linux begins to hand out source ports. A
// client that keeps dialling a killed server on a higher port would sooner or
// later be given that very port as its source, connect to itself, and keep the
// server from coming back.
const (
	lowestPort  = 15000
	highestPort = 32767
)

// freePort returns a loopback port that nobody listened on a moment ago.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		var l net.Listener
		if l, err = net.Listen("tcp4", address(port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free loopback port between %d and %d: %w", lowestPort, highestPort, err)
}

func address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
