package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken below 32768, where Linux begins to hand out source ports: a
// client that keeps dialling a killed server on a higher one would sooner or
// later get that port as its source, connect to itself, and keep the server from
// coming back.
const (
	lowestPort  = 15000
	highestPort = 32767
)

// freeAddress is a loopback address that nobody listened on a moment ago.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowestPort+rand.IntN(highestPort-lowestPort+1)))
		var l net.Listener
		if l, err = net.Listen("tcp4", address); err == nil {
			return address, l.Close()
		}
	}
	return "", fmt.Errorf("no free loopback port between %d and %d: %w", lowestPort, highestPort, err)
}
