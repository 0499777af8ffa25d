package moving

import (
	"context"

	"stempel/internal/loyalty"
)

// partners writes who honours the cards of a program.
func (e *Export) partners(ctx context.Context, to *exported, program loyalty.ProgramID) error {
	return walk(func(after loyalty.MerchantID, n int) ([]loyalty.PartnerListing, error) {
		return e.Source.PartnersOf(ctx, e.Merchant, program, after, n)
	},
		func(p *loyalty.PartnerListing) loyalty.MerchantID { return p.Merchant }, to.partner)
}

// partnerships writes whose cards the merchant honours.
func (e *Export) partnerships(ctx context.Context, to *exported) error {
	return walk(func(after loyalty.ProgramID, n int) ([]loyalty.PartnerListing, error) {
		return e.Source.Partnerships(ctx, e.Merchant, after, n)
	},
		func(p *loyalty.PartnerListing) loyalty.ProgramID { return p.Program }, to.partner)
}

func (to *exported) partner(p *loyalty.PartnerListing) error {
	return to.row("partners", p.Program.String(), p.Merchant.String(), p.Invited, p.Since, p.Until)
}
