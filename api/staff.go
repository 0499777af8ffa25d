package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// ListStaff shows who works for the merchant.
func (s *Server) ListStaff(c *fiber.Ctx, params gen.ListStaffParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.StaffID], params.After)
	if err != nil {
		return err
	}
	all, err := wantsAll(params.State)
	if err != nil {
		return err
	}
	list, err := s.Store.Staff(c.UserContext(), principalOf(c).Merchant, all, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(who *loyalty.StaffListing) string { return who.ID.String() })
	return s.json(c, http.StatusOK, gen.StaffPage{Staff: views(list, staffView), Next: next})
}

// CreateStaff adds somebody, with a PIN or without.
func (s *Server) CreateStaff(c *fiber.Ctx, params gen.CreateStaffParams) error {
	var body gen.NewStaff
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := checkName(body.Name); err != nil {
		return err
	}
	if body.Role == "" {
		return missing("role")
	}
	role, err := readRole(body.Role)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	var mac []byte
	if body.PIN != "" {
		if mac, err = s.pinMAC(merchant, body.PIN); err != nil {
			return err
		}
	}
	who := loyalty.StaffListing{HasPIN: mac != nil, Created: s.moment(), Staff: loyalty.Staff{
		ID: loyalty.NewID(), Merchant: merchant, Name: body.Name, Role: role,
	}}
	answer, err := s.created(c, params.IdempotencyKey, staffView(&who))
	if err != nil {
		return err
	}
	answer, err = s.Store.AddStaff(c.UserContext(), answer, who.Staff, mac, who.Created)
	return finish(c, answer, err)
}

// GetStaff shows one of the staff.
func (s *Server) GetStaff(c *fiber.Ctx, id gen.StaffInPath) error {
	who, err := s.Store.StaffMember(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, staffView(&who))
}

// UpdateStaff changes name and role.
func (s *Server) UpdateStaff(c *fiber.Ctx, id gen.StaffInPath, params gen.UpdateStaffParams) error {
	var body gen.StaffChange
	if err := decode(c, &body); err != nil {
		return err
	}
	var role loyalty.Role
	var err error
	if body.Role != "" {
		if role, err = readRole(body.Role); err != nil {
			return err
		}
	}
	if body.Name != "" || body.Role == "" {
		if err := checkName(body.Name); err != nil {
			return err
		}
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.ChangeStaff(c.UserContext(), request, principalOf(c).Merchant, id, func(who *loyalty.StaffListing) (loyalty.Answer, error) {
		if body.Name != "" {
			who.Name = body.Name
		}
		if role != loyalty.NoRole {
			who.Role = role
		}
		return renderStaff(who)
	})
	return finish(c, answer, err)
}

// SetPIN gives somebody a new PIN.
func (s *Server) SetPIN(c *fiber.Ctx, id gen.StaffInPath, params gen.SetPINParams) error {
	var body gen.NewPIN
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.PIN == "" {
		return missing("pin")
	}
	merchant := principalOf(c).Merchant
	mac, err := s.pinMAC(merchant, body.PIN)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.SetPIN(c.UserContext(), request, merchant, id, mac, s.moment(), renderStaff)
	return finish(c, answer, err)
}

// DismissStaff ends somebody's PIN; the entries that name the person stay.
func (s *Server) DismissStaff(c *fiber.Ctx, id gen.StaffInPath, params gen.DismissStaffParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.DismissStaff(c.UserContext(), request, principalOf(c).Merchant, id, s.moment(), renderStaff)
	return finish(c, answer, err)
}

// pinMAC is what is kept of a PIN. Errors: invalid_field.
func (s *Server) pinMAC(m loyalty.MerchantID, pin string) ([]byte, error) {
	if err := credential.CheckPIN(pin); err != nil {
		return nil, err
	}
	return s.PINs.MAC(m, pin), nil
}

func readRole(name gen.Role) (loyalty.Role, error) {
	role, err := loyalty.ParseRole(string(name))
	if err != nil || role == loyalty.NoRole {
		return role, invalid("role", "must be cashier, manager or owner")
	}
	return role, nil
}

func renderStaff(who *loyalty.StaffListing) (loyalty.Answer, error) {
	return render(http.StatusOK, staffView(who))
}

func staffView(who *loyalty.StaffListing) gen.Staff {
	return gen.Staff{
		ID: who.ID, Name: who.Name, Role: gen.Role(who.Role.String()), HasPIN: who.HasPIN,
		CreatedAt: who.Created, DismissedAt: who.Dismissed,
	}
}
