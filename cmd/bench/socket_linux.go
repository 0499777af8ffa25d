package main

import (
	"io"
	"net/netip"
	"os"
	"syscall"
)

// socket is a TCP connection that the Go runtime does not know of, so that no
// thread of its own wakes up for what arrives there.
type socket int

// connect makes a connection to an IPv4 address. Its reads and writes take no
// longer than grace.
func connect(address string) (_ socket, err error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	s := socket(fd)
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	limit := syscall.NsecToTimeval(int64(grace))
	for _, set := range []error{
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1), // as every HTTP client does
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit),
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &limit),
	} {
		if set != nil {
			return 0, os.NewSyscallError("setsockopt", set)
		}
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	return s, os.NewSyscallError("connect", err)
}

// send writes all of a request, which is far smaller than a socket's buffer.
func (s socket) send(request []byte) error {
	n, err := syscall.Write(int(s), request)
	if err == nil && n < len(request) {
		err = io.ErrShortWrite
	}
	return err
}

// Read is an io.Reader's.
func (s socket) Read(into []byte) (int, error) {
	n, err := syscall.Read(int(s), into)
	if err != nil {
		return 0, os.NewSyscallError("read", err)
	}
	if n == 0 && len(into) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (s socket) close() { _ = syscall.Close(int(s)) } // nothing is lost with it
