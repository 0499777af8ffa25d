package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/mail"
	"stempel/internal/personal"
	"stempel/passes"
	"stempel/passes/web"
)

// writeWork sends the letter to a work address, if an agreement that counts for the
// program has it. Errors: as of Write.
func (l *Letters) writeWork(ctx context.Context, r *LetterRequest) error {
	address, err := l.Personal.Open(workPlace(r.Merchant, r.Program), r.Work)
	if err != nil {
		return err
	}
	work, err := personal.ParseWorkID(string(address))
	if err != nil {
		return err
	}
	program, err := l.Store.Program(ctx, r.Merchant, r.Program)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	counts := program.Only.Admits
	if !r.Card.IsZero() {
		counts = program.GainsByWork
	}
	agreement, err := l.agreementOf(ctx, r.Merchant, work, counts)
	if err != nil || agreement.IsZero() {
		return err
	}
	first, err := l.Store.FirstTime(ctx, l.workLetter(r, work))
	if err != nil || !first {
		return err
	}
	subject := passes.Subject{Program: program, Card: &loyalty.Card{Program: program.ID}, Language: passes.MatchLanguage(r.Language), Now: l.now()}
	if err := (passes.Faces{Shelf: l.Store, Now: l.Now}).Dress(ctx, r.Merchant, &subject); err != nil {
		return err
	}
	face := passes.Of(subject)
	plain, err := json.Marshal(workClaim{agreement, work.Value, l.now().Add(workLinkLife), r.Card, r.Member})
	if err != nil {
		return err
	}
	token := base64.RawURLEncoding.EncodeToString(l.Personal.Seal(workPlace(r.Merchant, r.Program), plain, l.now()))
	letter := web.WorkLetter{
		Language: subject.Language, Brand: face.Brand.Name, Title: face.Title, Held: !r.Card.IsZero(),
		URL: l.PublicURL + "/join/" + program.ID.String() + "/work/" + token + "?lang=" + string(subject.Language),
	}
	return l.Mail.Send(ctx, &mail.Letter{
		To: work.Value, Name: letter.Brand, Language: string(letter.Language), Subject: letter.Subject(), Text: letter.Text(), HTML: letter.HTML(),
	})
}

// workLetter names the letters to whoever reads mail to an address within some minutes,
// so that there is one. It is this one, also when it is tried again.
func (l *Letters) workLetter(r *LetterRequest, work personal.WorkID) loyalty.Answer {
	now := l.now()
	h := sha256.New()
	h.Write([]byte("work letter " + r.Program.String()))
	for _, index := range l.Personal.Indexes(r.Merchant, personal.Contact{Kind: personal.Email, Value: work.Person().Value})[:1] {
		h.Write(index[:])
	}
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Truncate(workLetterEvery).Unix())))
	return loyalty.Answer{Request: loyalty.RequestID(h.Sum(nil)), Expires: now.Add(workLetterEvery), Body: []byte(`"` + r.Letter + `"`)}
}

// agreementOf is the newest agreement by which an address is of somebody who counts, as
// far as that goes by what they would be; zero: none.
func (l *Letters) agreementOf(ctx context.Context, m loyalty.MerchantID, work personal.WorkID, counts func(*loyalty.Belonging, time.Time) bool) (found loyalty.AgreementID, err error) {
	now := l.now()
	for after := (loyalty.AgreementID{}); ; {
		list, err := l.Store.Agreements(ctx, m, after, maxPage)
		if err != nil || len(list) == 0 {
			return found, err
		}
		for i := range list {
			a := &list[i]
			after = a.ID
			would := loyalty.Belonging{Audience: a.Kind.Audience(), Agreement: a.ID, From: a.Starts, Until: a.Ends}
			if !a.Holds(now) || !counts(&would, now) {
				continue
			}
			lists, err := l.Personal.Lists(a)
			if err != nil {
				return found, err
			}
			listed, err := l.Store.OnRoster(ctx, a.ID, lists.Hash(work))
			if err != nil || listed || a.Has(work.Domain) {
				return a.ID, err
			}
		}
	}
}
