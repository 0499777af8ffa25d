package api

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// What pages refuse by themselves. These never leave as problems.
const (
	pageForm    loyalty.Code = "page_form"
	pageGone    loyalty.Code = "page_gone"
	pageProgram loyalty.Code = "page_program"
	pageChoice  loyalty.Code = "page_choice"
	pageAmount  loyalty.Code = "page_amount"
)

var (
	errForeignForm = refuse(pageForm, "The form was not one of ours.")
	errNoPage      = refuse(pageGone, "No card is opened by this address.")
	errChoiceGone  = refuse(pageChoice, "The card cannot have that now.")
	errNoAmount    = refuse(pageAmount, "That is no amount that can be chosen.")
	errNoProgram   = refuse(pageProgram, "There is no such program.")
)

// pageRefusal is what a page says of a refusal: the name of its texts, and whether
// it helps to open the page again.
type pageRefusal struct {
	status int
	text   string
	again  bool
}

// pageRefusals are those that people meet and can do something about. The sentences
// of refusals are for programs' people, in English: no page shows one.
var pageRefusals = map[loyalty.Code]pageRefusal{
	pageForm:              {http.StatusForbidden, "error.form", true},
	pageGone:              {http.StatusNotFound, "error.gone", false},
	pageProgram:           {http.StatusNotFound, "error.program", false},
	pageChoice:            {http.StatusConflict, "error.choice", true},
	pageAmount:            {http.StatusUnprocessableEntity, "error.amount", true},
	loyalty.NotRepeatable: {http.StatusNotFound, "error.gone", false},
	loyalty.AnswerErased:  {http.StatusConflict, "error.erased", true},
	rateLimited:           {http.StatusTooManyRequests, "error.busy", true},
	loyalty.TooManyPhones: {http.StatusConflict, "error.phones", true},
	loyalty.CardBlocked:   {http.StatusConflict, "error.blocked", false},

	loyalty.RewardOutOfStock:    {http.StatusConflict, "error.stock", true},
	loyalty.RewardLimitReached:  {http.StatusConflict, "error.often", true},
	loyalty.RewardReserved:      {http.StatusConflict, "error.choice", true},
	loyalty.RewardNotFound:      {http.StatusConflict, "error.choice", true},
	loyalty.RewardNotOffered:    {http.StatusConflict, "error.choice", true},
	loyalty.VoucherNotFound:     {http.StatusConflict, "error.choice", true},
	loyalty.VoucherNotLive:      {http.StatusConflict, "error.choice", true},
	loyalty.NotEligible:         {http.StatusConflict, "error.choice", true},
	loyalty.InsufficientBalance: {http.StatusConflict, "error.choice", true},
	loyalty.AmountInvalid:       {http.StatusUnprocessableEntity, "error.amount", true},

	unauthorized:                {http.StatusUnauthorized, "error.gone", false},
	credential.Malformed:        {http.StatusUnprocessableEntity, "tap.torn", false},
	credential.Invalid:          {http.StatusUnprocessableEntity, "tap.foreign", false},
	loyalty.TagNotFound:         {http.StatusNotFound, "tap.foreign", false},
	loyalty.CredentialRevoked:   {http.StatusConflict, "tap.revoked", false},
	loyalty.CredentialUsed:      {http.StatusConflict, "tap.used", false},
	loyalty.CounterOtherProgram: {http.StatusConflict, "tap.program", false},
	loyalty.CounterNotOffered:   {http.StatusConflict, "tap.off", false},
	loyalty.ShopClosed:          {http.StatusConflict, "tap.closed", false},
	loyalty.CooldownActive:      {http.StatusConflict, "tap.soon", false},
	loyalty.DailyCapReached:     {http.StatusConflict, "tap.enough", false},
	loyalty.ProgramEnded:        {http.StatusConflict, "tap.ended", false},
	loyalty.ProgramNotStarted:   {http.StatusConflict, "tap.ended", false},

	walletNotConfigured: {http.StatusNotFound, "error.wallet", true},
	overloaded:          {http.StatusServiceUnavailable, "error.busy", true},
	unavailable:         {http.StatusServiceUnavailable, "error.busy", true},
	timedOut:            {http.StatusGatewayTimeout, "error.busy", true},
	outcomeUnknown:      {http.StatusServiceUnavailable, "error.busy", true},
	internalError:       {http.StatusInternalServerError, "error.inside", true},
}

// refusePage says in the reader's language what went wrong, and logs what is our
// own fault.
func (s *Server) refusePage(c *fiber.Ctx, err error) error {
	said, _, _ := s.pageProblem(c, err)
	page := web.Notice{Page: s.plainPage(c)}
	page.Heading, page.Text = page.Say(said.text), page.Say(said.text+".text")
	if said.again {
		page.Retry = doorway(c.Path()) + "?lang=" + string(page.Language)
	}
	return sendPage(c, said.status, func() ([]byte, error) { return web.RenderNotice(&page) })
}

// pageProblem is what a page says of an error, its code, and when it may be tried
// again, if that is known. It logs what is our own fault.
func (s *Server) pageProblem(c *fiber.Ctx, err error) (said pageRefusal, code loyalty.Code, retry time.Time) {
	if errors.Is(err, loyalty.ErrNotFound) {
		err = errNoPage
	}
	code = loyalty.Code(s.describe(c, err).Code)
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) {
		code, retry = refusal.Code, refusal.RetryAt // the contract knows none of the pages' own
	}
	said, known := pageRefusals[code]
	if !known {
		said = pageRefusal{http.StatusConflict, "error.refused", false}
	}
	if said.status >= http.StatusInternalServerError {
		s.log.Error("page failed", slog.String("request_id", requestID(c)), slog.String("route", c.Route().Path), slog.Any("error", err))
		c.Set(fiber.HeaderRetryAfter, "10")
	}
	return said, code, retry
}

// plainPage is a page of no brand.
func (s *Server) plainPage(c *fiber.Ctx) web.Page {
	return web.Page{Language: pageLanguage(c), Languages: passes.Languages(), Here: doorway(c.Path())}
}

// doorway is the page to which an address belongs: of all that lies below a card,
// the card. Only that can be opened by itself.
func doorway(path string) string {
	parts := strings.SplitN(path, "/", 4)
	return strings.Join(parts[:min(len(parts), 3)], "/")
}
