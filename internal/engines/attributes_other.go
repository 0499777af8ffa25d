//go:build !linux

package engines

import "syscall"

// attributes does nothing where there is no parent death signal: a server
// outlives a parent that crashed before Stop.
func attributes(*account, syscall.Signal) *syscall.SysProcAttr { return nil }
