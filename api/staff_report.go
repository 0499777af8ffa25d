package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// reportStore sums up what was done at tills.
type reportStore interface {
	StaffReport(ctx context.Context, m loyalty.MerchantID, from, to time.Time, most int) (*loyalty.StaffReport, error)
}

// reportLength is how long a report goes back when it is not said.
const reportLength = 7 * 24 * time.Hour

// reportWindow is how many entries of the whole house a report looks at: a few
// seconds' work.
const reportWindow = 500_000

// ReportStaff shows what was done at the tills, by person.
func (s *Server) ReportStaff(c *fiber.Ctx, params gen.ReportStaffParams) error {
	to := params.To
	if to.IsZero() {
		to = s.moment()
	}
	from := params.From
	if from.IsZero() {
		from = to.Add(-reportLength)
	}
	if !from.Before(to) {
		return invalid("from", "must lie before to")
	}
	report, err := s.Store.StaffReport(c.UserContext(), principalOf(c).Merchant, from, to, reportWindow)
	if err != nil {
		return err
	}
	view := gen.StaffReport{From: report.From, To: report.To, People: []gen.StaffWork{}, Repeats: []gen.Repeat{}, Favourites: []gen.Favourite{}}
	for i := range report.People {
		view.People = append(view.People, workView(&report.People[i]))
	}
	for _, r := range report.Repeats {
		view.Repeats = append(view.Repeats, gen.Repeat{Card: r.Card, Till: r.Till, Staff: r.Staff, Times: r.Times})
	}
	for _, f := range report.Favourites {
		view.Favourites = append(view.Favourites, gen.Favourite{
			Card: f.Card, Staff: f.Staff, Earns: f.Earns, Redemptions: f.Redemptions, OfPerson: f.OfPerson, OfCard: f.OfCard,
		})
	}
	return s.json(c, http.StatusOK, view)
}

func workView(w *loyalty.StaffWork) gen.StaffWork {
	view := gen.StaffWork{
		Staff: w.Staff.ID, Name: w.Staff.Name,
		Earns: w.Earns, Units: w.Units, Redemptions: w.Redemptions, Grants: w.Grants, Refunds: w.Refunds,
		Adjustments: w.Adjustments, Overrides: w.Overrides,
		Static: w.Static, Manual: w.Manual, VoidsOwn: w.VoidsOwn, VoidsOthers: w.VoidsOthers, Lookups: w.Lookups,
		UnusualHours: w.UnusualHours,
	}
	if w.Staff.Role != loyalty.NoRole {
		view.Role = gen.Role(w.Staff.Role.String())
	}
	return view
}
