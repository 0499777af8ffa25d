//go:build !linux

package main

import (
	"context"
	"errors"
	"time"
)

func drive(context.Context, string, []till, []string, string, time.Duration) (measured, error) {
	return measured{}, errors.New("the bench needs Linux: it waits by epoll and reads CPU times from /proc")
}
