package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/mail"
	"stempel/internal/personal"
	"stempel/passes"
	"stempel/passes/web"
)

// letterDevice is the name of what a letter's links open a card with.
const letterDevice = "Recovery letter"

func isLetter(d *loyalty.Device) bool {
	return d.Kind == loyalty.Recovery && strings.HasPrefix(d.Name, letterDevice)
}

// How much one letter says, and how often one is written for the same card:
// whoever knows an address could have it flooded.
const (
	letterCards = 20
	letterEvery = 10 * time.Minute
)

// letterStore is what letters are written from.
type letterStore interface {
	passes.Shelf
	deviceStore
	Program(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error)
	Agreements(ctx context.Context, m loyalty.MerchantID, after loyalty.AgreementID, limit int) ([]loyalty.Agreement, error)
	OnRoster(ctx context.Context, a loyalty.AgreementID, who loyalty.Hash) (bool, error)
	FirstTime(ctx context.Context, r loyalty.Answer) (bool, error)
	Member(ctx context.Context, m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Member, error)
	MemberCards(ctx context.Context, m loyalty.MerchantID, member loyalty.MemberID, after loyalty.CardID, limit int) ([]*loyalty.State, error)
}

// Mailer sends a letter. Errors: *mail.RefusedError where trying again cannot help.
type Mailer interface {
	Send(ctx context.Context, l *mail.Letter) error
}

// Letters writes letters with recovery links: one to each card of a member. The
// links are made when the letter is, and are kept nowhere.
type Letters struct {
	Store     letterStore
	Personal  *personal.Box
	Mail      Mailer
	PublicURL string // without a slash at its end
	Now       func() time.Time
}

// Write sends the letter that was asked for. To nobody, to somebody without an
// address or without cards, or so soon after the last one, it sends none. Errors:
// *mail.RefusedError; a *loyalty.Refusal where no card can have a link; any other may
// pass, and the same request can be tried again.
func (l *Letters) Write(ctx context.Context, r LetterRequest) error {
	if !r.Program.IsZero() {
		return l.writeWork(ctx, &r)
	}
	member, err := l.Store.Member(ctx, r.Merchant, r.Member)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	profile, err := l.Personal.OpenMember(&member)
	if err != nil {
		return err
	}
	to := emailOf(&profile)
	cards, err := l.Store.MemberCards(ctx, member.Merchant, member.ID, loyalty.CardID{}, letterCards)
	if err != nil || to == "" {
		return err
	}
	draft := draft{name: letterDevice + " " + r.Letter, Letter: web.Letter{Language: passes.MatchLanguage(r.Language)}}
	var refused *loyalty.Refusal
	for _, state := range cards {
		if !state.Card.MergedInto.IsZero() || state.Card.Blocked {
			continue
		}
		err = l.add(ctx, &draft, state)
		if errors.As(err, &refused) { // this card can have no link: the others can
			err = nil
		}
		if err != nil {
			break
		}
	}
	if err == nil && len(draft.links) == 0 && refused != nil {
		return refused
	}
	if err == nil && len(draft.links) > 0 {
		err = l.send(ctx, to, &draft.Letter)
	}
	return errors.Join(err, l.settle(context.WithoutCancel(ctx), r.Merchant, draft.links, err == nil))
}

// draft is a letter with the links that were made for it.
type draft struct {
	web.Letter
	name  string // of the devices behind its links
	links []letterLink
}

type letterLink struct {
	card   loyalty.CardID
	device loyalty.DeviceID
}

// settle ends the links of earlier letters to the same cards or, where the letter
// did not go out, its own, which nobody has. A link on paper stays good: else
// whoever knows an address could end it.
func (l *Letters) settle(ctx context.Context, m loyalty.MerchantID, links []letterLink, sent bool) error {
	var errs []error
	for _, link := range links {
		errs = append(errs, revokeDevices(ctx, l.Store, m, link.card, l.now(), func(d *loyalty.Device) bool {
			return isLetter(d) && (d.ID == link.device) != sent
		}))
	}
	return errors.Join(errs...)
}

func (l *Letters) now() time.Time { return l.Now().UTC().Truncate(time.Microsecond) }

// emailOf is where somebody reads letters; empty: nowhere.
func emailOf(p *personal.Profile) string {
	for _, c := range p.Contacts() { // its own comes first
		if c.Kind == personal.Email {
			return c.Value
		}
	}
	return ""
}

// add makes a card's link, unless another letter with one has just been sent, or is
// under way. A link of this very letter is of an attempt that ended midway: nobody has
// it, or whoever does gets a newer one.
func (l *Letters) add(ctx context.Context, to *draft, state *loyalty.State) error {
	m, card, now := state.Card.Merchant, state.Card.ID, l.now()
	devices, err := l.Store.Devices(ctx, m, card, loyalty.DeviceID{}, maxSignedOut)
	if err != nil {
		return err
	}
	for i := range devices {
		if d := &devices[i]; isLetter(d) && d.Name != to.name && d.Revoked.IsZero() && now.Sub(d.Created) < letterEvery {
			return nil
		}
	}
	face, err := (passes.Faces{Shelf: l.Store, Now: l.Now}).Face(ctx, state, to.Language)
	if err != nil {
		return err
	}
	device := loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: loyalty.Recovery, Name: to.name, Created: now}
	token, hash := credential.NewDeviceSecret(device.ID)
	if _, err := l.Store.AddDevice(ctx, loyalty.Answer{}, m, device, hash, loyalty.Answer{Status: http.StatusCreated}); err != nil {
		return err
	}
	to.links = append(to.links, letterLink{card, device.ID})
	to.Brand = face.Brand.Name
	to.Cards = append(to.Cards, web.LetterCard{
		Title: face.Title, URL: l.PublicURL + "/recover/" + token + "?lang=" + string(to.Language),
	})
	return nil
}

func (l *Letters) send(ctx context.Context, to string, letter *web.Letter) error {
	return l.Mail.Send(ctx, &mail.Letter{
		To: to, Name: letter.Brand, Language: string(letter.Language), Subject: letter.Subject(), Text: letter.Text(), HTML: letter.HTML(),
	})
}
