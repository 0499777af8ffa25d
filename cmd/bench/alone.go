package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// answerCommand is the far end of the driver's own measurement: a process that
// answers every scan at once, with as many bytes as the real server.
type answerCommand struct{}

// What a scan puts on the wire, in bytes.
const (
	credentialLength = 220  // of a live token
	answerLength     = 1700 // of the API's answer
)

// Run prints where it listens, and answers until its input ends.
func (answerCommand) Run(context.Context) error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go answer(conn)
	}
}

// answer answers requests until the caller hangs up.
func answer(conn net.Conn) {
	defer conn.Close()
	from := bufio.NewReader(conn)
	text := []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", answerLength) + strings.Repeat(" ", answerLength))
	for {
		request, err := http.ReadRequest(from)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		if _, err := conn.Write(text); err != nil {
			return
		}
	}
}

// driverAlone measures what the driver itself costs for a request, with nothing
// behind it that competes for the processors: so many connections to a process
// that does nothing but answer.
func driverAlone(ctx context.Context, tills []till) (measured, error) {
	own, err := os.Executable()
	if err != nil {
		return measured{}, err
	}
	process := exec.CommandContext(ctx, own, "answer")
	input, err := process.StdinPipe()
	if err != nil {
		return measured{}, err
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return measured{}, err
	}
	if err := process.Start(); err != nil {
		return measured{}, err
	}
	defer func() {
		input.Close()
		_ = process.Wait() // it has nothing to say
	}()
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return measured{}, fmt.Errorf("start the answering process: %w", err)
	}
	const stretch, enough = time.Second, 200_000
	credentials := slices.Repeat([]string{strings.Repeat("x", credentialLength)}, enough)
	return drive(ctx, strings.TrimSpace(address), tills, credentials, oneUnit, stretch)
}
