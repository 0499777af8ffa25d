package smtptest

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Letter is one that was taken.
type Letter struct {
	To         string // of the envelope
	Header     mail.Header
	FromName   string
	Subject    string
	Text, HTML string
}

// parse reads a letter, and says what other servers would hold against it.
func parse(raw string) (l Letter, problem string) {
	for line := range strings.SplitAfterSeq(raw, "\n") {
		switch {
		case line == "":
		case !strings.HasSuffix(line, "\r\n"):
			return l, "a line that does not end with CR LF"
		case len(line) > 1000: // RFC 5321 §4.5.3.1.6
			return l, "a line that is too long"
		}
		for i := range len(line) {
			if line[i] >= 0x80 {
				return l, "8 bits, which were not announced"
			}
		}
	}
	read, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return l, "a head that cannot be read"
	}
	l.Header = read.Header
	from, err := read.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != From {
		return l, "another From than the envelope's"
	}
	l.FromName = from[0].Name
	if _, err := read.Header.Date(); err != nil {
		return l, "no Date"
	}
	if id := read.Header.Get("Message-ID"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@aurora.example>") {
		return l, "no Message-ID of the sender's"
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil || l.Subject == "" {
		return l, "no Subject"
	}
	kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return l, "not in two forms"
	}
	return l, l.parts(multipart.NewReader(read.Body, params["boundary"]))
}

func (l *Letter) parts(from *multipart.Reader) (problem string) {
	for {
		part, err := from.NextRawPart()
		if err == io.EOF {
			if l.Text == "" || l.HTML == "" {
				return "a form is missing"
			}
			return ""
		}
		if err != nil {
			return "parts that cannot be read"
		}
		if part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			return "a part in another encoding"
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return "a part that cannot be read"
		}
		switch kind, params, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); {
		case !strings.EqualFold(params["charset"], "utf-8"):
			return "letters of an unknown alphabet"
		case kind == "text/plain":
			l.Text = string(body)
		case kind == "text/html":
			l.HTML = string(body)
		}
	}
}
