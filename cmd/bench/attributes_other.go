//go:build !linux

package main

import "syscall"

// attributes does nothing where there is no parent death signal: a server
// outlives a bench that was killed.
func attributes() *syscall.SysProcAttr { return nil }
