package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// responses reads HTTP/1.1 responses (RFC 9112) off a connection. It knows no
// more of HTTP than our own server says: every response has a Content-Length,
// spelt like that, and none is chunked.
type responses struct {
	from   io.Reader
	buffer []byte
	start  int // what was read but not yet handed out lies in buffer[start:end]
	end    int
}

const maxResponse = 64 << 10

func newResponses(from io.Reader) *responses {
	return &responses{from: from, buffer: make([]byte, maxResponse)}
}

// next returns the next response's status and body. The body is good until the
// next call.
func (r *responses) next() (status int, body []byte, err error) {
	if r.start == r.end {
		r.start, r.end = 0, 0
	}
	for {
		head, err := parseHead(r.buffer[r.start:r.end])
		if err != nil {
			return 0, nil, err
		}
		if whole := head.length + head.body; head.length > 0 && r.end-r.start >= whole {
			body := r.buffer[r.start+head.length:][:head.body]
			r.start += whole
			return head.status, body, nil
		}
		if err := r.more(); err != nil {
			return 0, nil, err
		}
	}
}

// more reads what has arrived.
func (r *responses) more() error {
	if r.end == len(r.buffer) {
		if r.start == 0 {
			return fmt.Errorf("a response is longer than %d bytes", maxResponse)
		}
		r.end = copy(r.buffer, r.buffer[r.start:r.end])
		r.start = 0
	}
	n, err := r.from.Read(r.buffer[r.end:])
	r.end += n
	if n > 0 {
		return nil // an error comes back with the next call
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// head is what the first lines of a response say.
type head struct {
	status int
	length int // of the head itself, with the empty line; 0: not all of it is there yet
	body   int // length of the body
}

var (
	version       = []byte("HTTP/1.1 ")
	emptyLine     = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// parseHead reads a response's head from the bytes that are there so far.
func parseHead(text []byte) (head, error) {
	if n := min(len(text), len(version)); !bytes.Equal(text[:n], version[:n]) {
		return head{}, fmt.Errorf("%.40q is not the beginning of an HTTP/1.1 response", text)
	}
	end := bytes.Index(text, emptyLine)
	if end < 0 {
		return head{}, nil
	}
	lines := text[len(version):end]
	status, err := digits(lines[:min(3, len(lines))])
	if err != nil || status < 100 || len(lines) > 3 && lines[3] != ' ' && lines[3] != '\r' {
		return head{}, fmt.Errorf("%.40q has no status", text)
	}
	_, value, ok := bytes.Cut(lines, contentLength)
	if !ok {
		return head{}, fmt.Errorf("a response with status %d has no Content-Length", status)
	}
	value, _, _ = bytes.Cut(value, emptyLine[:2])
	body, err := digits(value)
	if err != nil || body > maxResponse {
		return head{}, fmt.Errorf("%.40q is not a Content-Length to expect", value)
	}
	return head{status: status, length: end + len(emptyLine), body: body}, nil
}

// digits reads a number that is nothing but digits.
func digits(text []byte) (int, error) {
	n, err := strconv.ParseUint(string(text), 10, 31)
	return int(n), err
}
