package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/passes"
	"stempel/passes/web"
)

// How often one address may open a card, and ask for a join page or what belongs to
// it. Customers of one shop share the address of its network, and all share that of
// a proxy.
const (
	joinsPerSecond = 5
	joinsAtOnce    = 100

	programJoinsPerSecond = 20 // from all addresses together
	programJoinsAtOnce    = 1000

	doorsPerSecond = 100
	doorsAtOnce    = 1000
)

// door is a program that people join.
type door struct {
	program *loyalty.Program
	face    passes.Face // of a card that is still empty
	base    string      // of the page's address
	shops   []loyalty.Location
}

// door reads the program in the address. Errors: errNoProgram.
func (s *Server) door(c *fiber.Ctx) (*door, error) {
	what, perSecond, atOnce := "door ", doorsPerSecond, doorsAtOnce
	if c.Method() == http.MethodPost {
		what, perSecond, atOnce = "join ", joinsPerSecond, joinsAtOnce
	}
	ok, wait := s.TillLimits.Allow(c.UserContext(), what+s.auth.proxies.from(c), perSecond, atOnce)
	if !ok {
		return nil, tooMany(s.now().Add(wait))
	}
	id, err := loyalty.ParseID[loyalty.ProgramID](c.Params("program"))
	if err != nil {
		return nil, errNoProgram
	}
	owner, err := s.Store.ProgramOwner(c.UserContext(), id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, errNoProgram
	}
	if err != nil {
		return nil, err
	}
	program, err := s.Store.Program(c.UserContext(), owner, id)
	if err == nil && program.Version == 0 { // a draft is nobody's business
		err = errNoProgram
	}
	if err != nil {
		return nil, err
	}
	subject, err := s.emptyCard(c.UserContext(), owner, program, pageLanguage(c))
	if err != nil {
		return nil, err
	}
	return &door{program, passes.Of(subject), "/join/" + id.String(), subject.Shops}, nil
}

// closed is why nobody opens a card here now, as the name of a text, and the status
// of the page that says so; empty where people do.
func (d *door) closed(now time.Time) (why string, status int) {
	switch p := d.program; {
	case p.Archived, !p.Ends.IsZero() && !now.Before(p.Ends):
		return "join.closed", http.StatusGone
	case p.Invitation:
		return "join.invited", http.StatusForbidden
	case len(p.Only.Tags) > 0:
		return "join.only.tags", http.StatusForbidden
	case !p.Only.IsZero():
		return "join.only", http.StatusForbidden
	case now.Before(p.Starts):
		return "join.soon", http.StatusNotFound
	}
	return "", http.StatusOK
}

// joinPage shows what one gets, and the button.
func (s *Server) joinPage(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	return s.sendJoin(c, http.StatusOK, d, &joinForm{once: rand.Text()}, "")
}

func (s *Server) sendJoin(c *fiber.Ctx, status int, d *door, form *joinForm, wrong string) error {
	page := web.Join{
		Page: brandedPage(c, &d.face, d.base), Title: d.face.Title, Gets: getsOf(d, pageLanguage(c)), For: forOf(d, pageLanguage(c)), Once: form.once,
		Values: web.JoinValues{Name: form.name, Phone: form.phone, Email: form.email}, Wrong: wrong, Strip: stripPath(&d.face, d.base), Lost: s.lostPath(d), Work: s.workPath(d),
	}
	if why, closed := d.closed(s.now()); why != "" {
		opens := web.Moment(d.program.Starts, zoneOf(d.shops), page.Language)
		page.Closed, status = strings.ReplaceAll(page.Say(why), "{n}", opens), closed
	}
	for _, purpose := range joinPurposes {
		page.Consents = append(page.Consents, web.Consent{Purpose: purpose, Wording: web.Say(page.Language, "consent."+purpose, d.face.Brand.Name)})
	}
	return sendPage(c, status, func() ([]byte, error) { return web.RenderJoin(&page) })
}

// joinForm is what somebody sent.
type joinForm struct {
	once               string // names the form: sent twice, it opens one card
	name, phone, email string
	consents           []string
	language           passes.Language
}

// joinPurposes are what somebody may consent to while joining, each for one kind
// of contact.
var joinPurposes = []string{"marketing_email", "marketing_sms"}

const onceLength = 26 // of rand.Text: 130 bits

func readJoin(c *fiber.Ctx) (*joinForm, error) {
	args := c.Context().PostArgs()
	f := &joinForm{
		once: string(args.Peek("once")), name: strings.TrimSpace(string(args.Peek("name"))),
		phone: strings.TrimSpace(string(args.Peek("phone"))), email: strings.TrimSpace(string(args.Peek("email"))),
		language: pageLanguage(c),
	}
	for _, purpose := range args.PeekMulti("consent") {
		f.consents = append(f.consents, string(purpose))
	}
	if len(f.once) != onceLength {
		return nil, errForeignForm
	}
	return f, nil
}

// regions are where people write phone numbers without a country code.
var regions = map[passes.Language]string{passes.Polish: "PL", passes.Romanian: "RO"}

// profile is what the form says of a person, and the field that is wrong, if any.
func (f *joinForm) profile() (p personal.Profile, wrong string) {
	var err error
	if f.name != "" {
		if p.Name, err = personal.ParseName(f.name); err != nil || f.phone == "" && f.email == "" {
			return p, "name"
		}
	}
	if f.phone != "" {
		if p.Phone, err = personal.ParsePhone(f.phone, regions[f.language]); err != nil {
			return p, "phone"
		}
	}
	if f.email != "" {
		if p.Email, err = personal.ParseEmail(f.email); err != nil {
			return p, "email"
		}
	}
	p.Language = string(f.language)
	return p, ""
}

// join opens a card, and leads to its page.
func (s *Server) join(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	if why, status := d.closed(s.now()); why != "" {
		return s.sendJoin(c, status, d, &joinForm{}, "")
	}
	ok, wait := s.TillLimits.Allow(c.UserContext(), "join "+d.program.ID.String(), programJoinsPerSecond, programJoinsAtOnce)
	if !ok {
		return tooMany(s.now().Add(wait))
	}
	form, err := readJoin(c)
	if err != nil {
		return err
	}
	profile, wrong := form.profile()
	if wrong != "" {
		return s.sendJoin(c, http.StatusUnprocessableEntity, d, form, wrong)
	}
	card, member, err := s.enrol(c.UserContext(), d, form, &profile)
	if err != nil {
		return err
	}
	token, err := s.addPage(c.UserContext(), d.face.Merchant, newPage(card, s.moment()))
	if err != nil {
		return err
	}
	if s.Post != nil && profile.Email != "" && !member.IsZero() {
		err := s.Post.Ask(c.UserContext(), newLetterRequest(d.face.Merchant, member, form.language))
		if err != nil { // the card is there, and a letter can be asked for at any time
			s.log.Error("no recovery letter", slog.String("request_id", requestID(c)), slog.Any("error", err))
		}
	}
	return c.Redirect("/card/"+token+"?lang="+string(form.language)+"&told=card.fresh", http.StatusSeeOther)
}

// enrol opens the form's card, once. The card is anonymous where no contact was
// given, and also where the contact is a member's already: whoever fills in a form
// has not shown that it is theirs, and is not to learn whose it is. Else the member is
// returned too.
func (s *Server) enrol(ctx context.Context, d *door, form *joinForm, profile *personal.Profile) (loyalty.CardID, loyalty.MemberID, error) {
	command := loyalty.Command{Merchant: d.face.Merchant, Captured: s.moment(), Request: joinRequest(d, form, "card")}
	rand.Read(command.Salt[:])
	var member loyalty.MemberID
	var err error
	if len(profile.Contacts()) > 0 {
		if member, err = s.meetMember(ctx, d, form, profile); err != nil {
			return loyalty.CardID{}, member, err
		}
	}
	var answer loyalty.Answer
	if member.IsZero() {
		answer, err = s.Store.OpenCard(ctx, command, d.program.ID, openCard(command))
	} else {
		answer, err = s.Store.OpenMemberCard(ctx, command, d.program.ID, member, openCard(command))
	}
	if err != nil {
		return loyalty.CardID{}, member, err
	}
	var opened gen.Card
	err = json.Unmarshal(answer.Body, &opened)
	return opened.ID, member, err
}

// joinRequest names one of the changes that a form makes.
func joinRequest(d *door, form *joinForm, what string) loyalty.RequestID {
	return sha256.Sum256([]byte("join " + what + " " + d.program.ID.String() + " " + form.once))
}

// meetMember notes the person and the consents; zero where a contact is taken.
func (s *Server) meetMember(ctx context.Context, d *door, form *joinForm, profile *personal.Profile) (loyalty.MemberID, error) {
	now := s.moment()
	named := func(what string) loyalty.Answer {
		return loyalty.Answer{Request: joinRequest(d, form, what), Expires: now.Add(loyalty.AnswerLife)}
	}
	member := loyalty.Member{ID: loyalty.NewID(), Merchant: d.face.Merchant, Created: now, Changed: now}
	s.Personal.SealMember(&member, profile, now)
	answer, err := s.Store.AddMember(ctx, named("member"), member, loyalty.Answer{Status: http.StatusCreated, Body: []byte(member.ID.String())})
	var taken *loyalty.TakenError
	if errors.As(err, &taken) {
		return loyalty.MemberID{}, nil
	}
	if err != nil {
		return loyalty.MemberID{}, err
	}
	id, err := loyalty.ParseID[loyalty.MemberID](string(answer.Body))
	if err != nil {
		return id, err
	}
	for _, purpose := range joinPurposes {
		if !slices.Contains(form.consents, purpose) || !reachable(purpose, profile) {
			continue
		}
		consent := loyalty.Consent{ID: loyalty.NewID(), Member: id, Purpose: purpose, Given: true, At: now}
		shown := personal.Shown{
			Wording: web.Say(form.language, "consent."+purpose, d.face.Brand.Name), Language: string(form.language), Source: "join page",
		}
		s.Personal.SealConsent(member.Merchant, &consent, &shown, now)
		if _, err := s.Store.AddConsent(ctx, named(purpose), member.Merchant, consent, loyalty.Answer{Status: http.StatusCreated, Body: []byte("{}")}); err != nil {
			return id, err
		}
	}
	return id, nil
}

// Names of the devices that pages make.
const (
	pageDevice     = "Web card"
	recoveryDevice = "Recovery link" // on paper; see letterDevice
)

// newPage is a card's page in one more browser.
func newPage(card loyalty.CardID, now time.Time) loyalty.Device {
	return loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: loyalty.Browser, Name: pageDevice, Created: now}
}

// addPage gives what opens a page a token of its card.
func (s *Server) addPage(ctx context.Context, m loyalty.MerchantID, device loyalty.Device) (token string, err error) {
	token, hash := credential.NewDeviceSecret(device.ID)
	_, err = s.Store.AddDevice(ctx, loyalty.Answer{}, m, device, hash, loyalty.Answer{Status: http.StatusCreated})
	return token, err
}

func (s *Server) joinStyle(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	return sendFile(c, "text/css; charset=utf-8", web.Style(&d.face), nil)
}

func (s *Server) joinLogo(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	return s.sendLogo(c, &d.face)
}

func (s *Server) joinStrip(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	return s.sendStrip(c, &d.face)
}
