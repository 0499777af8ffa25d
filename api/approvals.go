package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// approvalStore keeps which taps at the counter wait for a till.
type approvalStore interface {
	Approval(ctx context.Context, m loyalty.MerchantID, id loyalty.ApprovalID) (loyalty.Approval, error)
	WaitingApprovals(ctx context.Context, m loyalty.MerchantID, l loyalty.LocationID, now time.Time, after loyalty.ApprovalID, limit int) ([]loyalty.Approval, error)
	RefuseApproval(ctx context.Context, r loyalty.Answer, till loyalty.Till, staff loyalty.StaffID, id loyalty.ApprovalID, now time.Time, render editing[loyalty.Approval]) (loyalty.Answer, error)
}

// ListApprovals shows a till who waits, once or for as long as it listens.
func (s *Server) ListApprovals(c *fiber.Ctx, params gen.ListApprovalsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ApprovalID], params.After)
	if err != nil {
		return err
	}
	if err := s.working(c); err != nil {
		return err
	}
	till := principalOf(c).Till
	c.Set(fiber.HeaderCacheControl, "no-store")
	if strings.Contains(c.Get(fiber.HeaderAccept), eventStream) {
		return s.streamApprovals(c, till, limit)
	}
	page, err := s.approvals(c.UserContext(), till, after, limit)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, page)
}

// approvals are who waits in a till's shop.
func (s *Server) approvals(ctx context.Context, till loyalty.Till, after loyalty.ApprovalID, limit int) (gen.ApprovalPage, error) {
	now := s.moment()
	list, err := s.Store.WaitingApprovals(ctx, till.Merchant, till.Location, now, after, limit+1)
	if err != nil {
		return gen.ApprovalPage{}, err
	}
	list, next := cut(list, limit, func(a *loyalty.Approval) string { return a.ID.String() })
	page := gen.ApprovalPage{Approvals: make([]gen.Approval, len(list)), Next: next}
	for i := range list {
		program, err := s.Store.Program(ctx, till.Merchant, list[i].Program)
		if err != nil {
			return gen.ApprovalPage{}, err
		}
		page.Approvals[i] = approvalView(&list[i], program, now)
	}
	return page, nil
}

// Approve posts what somebody at the counter has tapped.
func (s *Server) Approve(c *fiber.Ctx, id gen.ApprovalInPath, params gen.ApproveParams) error {
	var body gen.ApproveRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	asked, err := s.Store.Approval(c.UserContext(), command.Merchant, id)
	if err != nil {
		return err
	}
	asked.Present(&command)
	err = s.approve(c.UserContext(), &command, body.PIN)
	err = s.post(c, command, err, s.renderPosting(http.StatusOK))
	if err == nil {
		s.metrics.taps.WithLabelValues("approved").Inc()
		s.tellDecided(&asked)
	}
	return err
}

// RefuseApproval ends the wait of somebody at the counter.
func (s *Server) RefuseApproval(c *fiber.Ctx, id gen.ApprovalInPath, params gen.RefuseApprovalParams) error {
	command, err := s.command(c, params.IdempotencyKey, false)
	if err != nil {
		return err
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	asked, err := s.Store.Approval(c.UserContext(), command.Merchant, id)
	if err != nil {
		return err
	}
	program, err := s.Store.Program(c.UserContext(), command.Merchant, asked.Program)
	if err != nil {
		return err
	}
	now := s.moment()
	answer, err := s.Store.RefuseApproval(c.UserContext(), change, principalOf(c).Till, command.Staff, id, now,
		func(a *loyalty.Approval) (loyalty.Answer, error) {
			answer, err := render(http.StatusOK, approvalView(a, program, now))
			answer.Card = a.Card
			return answer, err
		})
	if err == nil {
		s.metrics.taps.WithLabelValues("refused_by_till").Inc()
		s.tellDecided(&asked)
	}
	return finish(c, answer, err)
}

// tellDecided tells the customer's page, and the tills of the shop.
func (s *Server) tellDecided(a *loyalty.Approval) {
	s.Pages.TellAll(a.ID)
	s.Pages.TellAll(a.Location)
}

func approvalView(a *loyalty.Approval, p *loyalty.Program, now time.Time) gen.Approval {
	return gen.Approval{
		ID: a.ID, Card: a.Card, Program: a.Program, ProgramName: p.Name, Units: a.Units, State: gen.ApprovalState(a.State(now)),
		AskedAt: a.Asked, ExpiresAt: a.Expires,
	}
}
