package main

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// poll waits for whichever of many sockets has something to read (epoll(7)).
type poll struct {
	fd     int
	events []syscall.EpollEvent
	ready  []int
}

// pollLimit bounds one wait, so that whoever waits can look around.
const pollLimit = 50 * time.Millisecond

func newPoll(sockets int) (*poll, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	return &poll{fd: fd, events: make([]syscall.EpollEvent, sockets), ready: make([]int, 0, sockets)}, nil
}

// add watches a socket, under a number of the caller's.
func (p *poll) add(s socket, number int) error {
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(number)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, int(s), &event))
}

// wait returns the numbers of the sockets that can be read; none after pollLimit.
// The result is good until the next call.
//
// The call is raw: the runtime is not told that this thread blocks. Being told,
// it would take the thread's place away each time, and its monitor would keep
// waking up to do so, which costs more than all the rest of a request.
func (p *poll) wait() ([]int, error) {
	p.ready = p.ready[:0]
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])),
		uintptr(len(p.events)), uintptr(pollLimit.Milliseconds()), 0, 0)
	switch errno {
	case 0:
	case syscall.EINTR: // the runtime's own signals
		return p.ready, nil
	default:
		return nil, os.NewSyscallError("epoll_pwait", errno)
	}
	for _, event := range p.events[:n] {
		p.ready = append(p.ready, int(event.Fd))
	}
	return p.ready, nil
}

func (p *poll) close() { _ = syscall.Close(p.fd) } // nothing is lost with it
