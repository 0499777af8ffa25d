package api

import "net"

// TillMemory is how long the hash of a till is remembered.
const TillMemory = accessLife

// Slow is from when on a request is logged unasked.
const Slow = slow

// Caller is a connection that has asked something, and whose answer is lasting.
func Caller(on net.Conn, lasting bool) net.Conn {
	c := &caller{Conn: on}
	c.spoke.Store(true)
	c.lasting.Store(lasting)
	return c
}
