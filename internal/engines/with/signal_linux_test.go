package main

import (
	"bufio"
	"io"
	"os"
	"syscall"
	"testing"
)

func TestForwardsSignals(t *testing.T) {
	tests := []struct {
		name, script string
		want         int
	}{
		{"to a command that answers them", `trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done`, 9},
		{"to a command that dies of them", `echo ready; while :; do sleep 0.01; done`, 128 + int(syscall.SIGTERM)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setenv(t, "postgres://given/db", "redis://given/0", "")
			output, input := io.Pipe()
			code := make(chan int)
			go func() { code <- run([]string{"sh", "-c", tt.script}, nil, input, io.Discard) }()
			// Once the command speaks, run listens for the signal that would
			// otherwise end this test.
			if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
				t.Fatalf("the command said %q (%v)", line, err)
			}
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if got := <-code; got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}
