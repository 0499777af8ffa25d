package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// maxTillStaff is how many may be chosen from at a till, the newest.
const maxTillStaff = 200

// GetTillSetup shows a till all that it needs before anything is scanned.
func (s *Server) GetTillSetup(c *fiber.Ctx) error {
	ctx, p := c.UserContext(), principalOf(c)
	merchant, err := s.Store.Merchant(ctx, p.Merchant)
	if err != nil {
		return err
	}
	till, err := s.Store.Till(ctx, p.Merchant, p.Till.ID)
	if err != nil {
		return err
	}
	location, err := s.Store.Location(ctx, p.Merchant, till.Location)
	if err != nil {
		return err
	}
	brand, err := s.Store.Brand(ctx, p.Merchant)
	if err != nil {
		return err
	}
	programs, err := s.Store.Programs(ctx, p.Merchant)
	if err != nil {
		return err
	}
	honoured, err := s.Store.HonouredPrograms(ctx, p.Merchant)
	if err != nil {
		return err
	}
	staff, err := s.Store.Staff(ctx, p.Merchant, false, loyalty.StaffID{}, maxTillStaff)
	if err != nil {
		return err
	}
	now := s.moment()
	work, err := s.offlineWork(&till, now)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.json(c, http.StatusOK, gen.TillSetup{
		MerchantName: cmp.Or(brand.Name, merchant.Name), Colors: brandView(&brand).Colors,
		Till: tillView(&till), Location: locationView(&location),
		Programs: publishedView(append(programs, honoured...)), Staff: tillStaffView(staff), Offline: work, Test: s.Test, Now: now,
	})
}

func publishedView(programs []*loyalty.Program) []gen.Program {
	list := []gen.Program{}
	for _, p := range programs {
		if stateOf(p) == gen.ProgramStatePublished {
			list = append(list, programView(p))
		}
	}
	return list
}

// tillStaffView shows who can sign in, by name.
func tillStaffView(staff []loyalty.StaffListing) []gen.TillStaff {
	list := []gen.TillStaff{}
	for i := range staff {
		if staff[i].HasPIN {
			list = append(list, tillStaff(&staff[i].Staff))
		}
	}
	slices.SortStableFunc(list, func(a, b gen.TillStaff) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func tillStaff(who *loyalty.Staff) gen.TillStaff {
	return gen.TillStaff{ID: who.ID, Name: who.Name, Role: gen.Role(who.Role.String())}
}

// BeginShift signs somebody in at a till. A PIN that is somebody else's is wrong:
// who is at the till must be who they say.
func (s *Server) BeginShift(c *fiber.Ctx) error {
	var body gen.ShiftRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Staff.IsZero():
		return missing("staff")
	case body.PIN == "":
		return missing("pin")
	}
	if err := credential.CheckPIN(body.PIN); err != nil {
		return err
	}
	p, now := principalOf(c), s.moment()
	named, err := s.Store.StaffMember(c.UserContext(), p.Merchant, body.Staff)
	if err != nil {
		return err
	}
	if !named.Dismissed.IsZero() {
		return refuse(loyalty.StaffDismissed, "This person does not work here any more.")
	}
	who, err := s.Store.CheckPIN(c.UserContext(), p.Merchant, p.Till, s.PINs.MAC(p.Merchant, body.PIN), now)
	if err != nil {
		return err
	}
	if who.ID != body.Staff {
		return refuse(loyalty.Code(gen.ProblemCodePINWrong), "This is not the PIN of "+named.Name+".")
	}
	ends := now.Add(credential.ShiftLife)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.json(c, http.StatusCreated, gen.Shift{
		Staff: tillStaff(&who), Shift: s.PINs.SealShift(p.Till, who.ID, ends), ExpiresAt: ends,
	})
}
