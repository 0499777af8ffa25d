package main

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"stempel/api"
	"stempel/internal/jobs"
	"stempel/internal/loyalty"
	"stempel/internal/mail"
)

// mailbox is how letters leave the house.
type mailbox struct {
	SMTPURL   string         `long:"smtp-url" env:"STEMPEL_SMTP_URL" value-name:"URL" description:"Mail server that sends recovery links: smtp://user:password@host:587, where STARTTLS is demanded, or smtps://… Without it no letters are sent."`
	MailFrom  string         `long:"mail-from" env:"STEMPEL_MAIL_FROM" value-name:"ADDRESS" description:"Whom letters are from: cards@example.com, or with a name: Cards <cards@example.com>."`
	mailRoots *x509.CertPool // whom to trust there; nil for those of the system
}

func (m *mailbox) check(wrong *problems, publicURL string) {
	if m.SMTPURL == "" && m.MailFrom == "" {
		return
	}
	_, err := mail.ParseServer(m.SMTPURL, m.MailFrom)
	switch {
	case errors.Is(err, mail.ErrServer):
		wrong.add("STEMPEL_SMTP_URL", "%v", err)
	case err != nil:
		wrong.add("STEMPEL_MAIL_FROM", "%v", err)
	}
	if publicURL == "" {
		wrong.add("STEMPEL_PUBLIC_URL", "is needed with STEMPEL_SMTP_URL: the links in letters lead there")
	}
}

// openMail makes what writes letters, if there is a mail server.
func (s *server) openMail(config *api.Config, on *network) error {
	if on.SMTPURL == "" {
		return nil
	}
	sender, err := mail.ParseServer(on.SMTPURL, on.MailFrom)
	if err != nil {
		return err
	}
	sender.Roots = on.mailRoots
	s.letters = &api.Letters{Store: s.store, Personal: config.Personal, Mail: sender, PublicURL: config.PublicURL, Now: time.Now}
	config.Post = post(s.addJobs)
	return nil
}

// post has letters written as jobs.
type post func(ctx context.Context, list ...jobs.Job) error

// Ask puts the job down. It names a member and nothing of theirs: jobs are kept.
func (p post) Ask(ctx context.Context, about api.LetterRequest) error {
	return p(ctx, jobs.Job{Kind: letterJob, Args: about})
}

func (s *server) writeLetter(ctx context.Context, about api.LetterRequest) error {
	err := s.letters.Write(ctx, about)
	var refused *mail.RefusedError
	var impossible *loyalty.Refusal
	if errors.As(err, &refused) || errors.As(err, &impossible) {
		return jobs.GiveUp(err)
	}
	return err
}
