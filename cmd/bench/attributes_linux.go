package main

import "syscall"

// attributes keep a Ctrl-C meant for us from reaching a server, and end it when
// we are killed ourselves.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
