package engines

import "syscall"

// attributes makes a child run as a, in a process group of its own so that a
// Ctrl-C meant for the tests does not reach it, and receive sig when its parent
// dies.
func attributes(a *account, sig syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: sig}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}
