package main

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// socket is a TCP connection that the Go runtime does not know of, so that no
// thread of its own wakes up for what arrives there.
type socket int

// connect makes a connection. Its reads and writes take no longer than grace.
func connect(address string) (_ socket, err error) {
	conn, err := net.Dial("tcp4", address) // TCP_NODELAY is set, as by every HTTP client
	if err != nil {
		return 0, err
	}
	defer conn.Close() // what stays is the duplicate
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	fd, err := syscall.Dup(int(file.Fd())) // Fd makes it blocking
	if err != nil {
		return 0, os.NewSyscallError("dup", err)
	}
	s := socket(fd)
	limit := syscall.NsecToTimeval(int64(grace))
	err = errors.Join(
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit),
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &limit),
	)
	if err != nil {
		s.close()
		return 0, os.NewSyscallError("setsockopt", err)
	}
	return s, nil
}

// send writes all of a request, which is far smaller than a socket's buffer.
func (s socket) send(request []byte) error {
	n, err := uninterrupted(syscall.Write, s, request)
	if err == nil && n < len(request) {
		err = io.ErrShortWrite
	}
	return err
}

// Read is an io.Reader's.
func (s socket) Read(into []byte) (int, error) {
	n, err := uninterrupted(syscall.Read, s, into)
	if err != nil {
		return 0, os.NewSyscallError("read", err)
	}
	if n == 0 && len(into) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// uninterrupted goes on after the runtime's own signals, which the kernel does
// not do by itself for sockets with a time limit (signal(7)).
func uninterrupted(call func(int, []byte) (int, error), s socket, bytes []byte) (int, error) {
	for {
		n, err := call(int(s), bytes)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

func (s socket) close() { _ = syscall.Close(int(s)) } // nothing is lost with it
