package store

import "stempel/internal/loyalty"

const partnerColumns = "program_id uuid, merchant_id uuid, invited_at bigint, since bigint, until bigint"

func putPartner(s sink, p *loyalty.Partner) {
	s.id(p.Program)
	s.id(p.Merchant)
	s.number(micros(p.Invited))
	s.number(micros(p.Since))
	s.number(micros(p.Until))
}

func getPartner(r source) loyalty.Partner {
	return loyalty.Partner{
		Program: r.id(), Merchant: r.id(),
		Invited: fromMicros(r.number()), Since: fromMicros(r.number()), Until: fromMicros(r.number()),
	}
}
