package api

import (
	"time"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// exportedCard is one card of an export.
type exportedCard struct {
	*export
	state *loyalty.State
}

func (x *exportedCard) write(since time.Time) {
	x.text(`{"card":`)
	x.value(heldView(x.state.Program, &x.state.Card, &x.state.Belonging, x.state.Vouchers, x.state.Lots, x.server.now()))
	if !since.IsZero() {
		x.text(`,"attached_at":`)
		x.value(since)
	}
	x.text(`,"entries":[`)
	exportList(x.export, func(e *gen.EntryExport) int64 { return e.Entry.Seq }, x.entries)
	x.text(`],"vouchers":[`)
	exportList(x.export, func(v *gen.Voucher) loyalty.VoucherID { return v.ID }, x.vouchers)
	x.text(`],"phones":[`)
	exportList(x.export, func(d *gen.Device) loyalty.DeviceID { return d.ID }, x.phones)
	x.text(`],"tags":[`)
	exportList(x.export, func(t *gen.Tag) loyalty.TagID { return t.ID }, x.tags)
	x.text(`],"changes":[`)
	exportList(x.export, func(c *gen.CardChange) loyalty.ChangeID { return c.ID }, x.changes)
	x.text(`],"contested":[`)
	exportList(x.export, func(c *gen.Contested) loyalty.ContestedID { return c.ID }, x.contested)
	x.text(`],"codes":[`)
	exportList(x.export, func(g *gen.GiftCode) loyalty.EntryID { return g.Entry }, x.codes)
	x.text(`]}`)
}

func (x *exportedCard) entries(after int64) ([]gen.EntryExport, error) {
	page, err := x.server.Store.DetailedEntries(x.ctx, x.state.Card.ID, after, exportPage)
	return views(page, func(e *loyalty.DetailedEntry) gen.EntryExport {
		return gen.EntryExport{Entry: entryView(&e.Entry), Detail: e.Detail}
	}), err
}

func (x *exportedCard) vouchers(after loyalty.VoucherID) ([]gen.Voucher, error) {
	page, err := x.server.Store.CardVouchers(x.ctx, x.state.Card.Merchant, x.state.Card.ID, 0, after, exportPage)
	now := x.server.moment()
	return views(page, func(v *loyalty.Voucher) gen.Voucher { return voucherView(x.state.Program, v, now) }), err
}

func (x *exportedCard) phones(after loyalty.DeviceID) ([]gen.Device, error) {
	page, err := x.server.Store.CardDevices(x.ctx, x.state.Card.ID, after, exportPage)
	return views(page, deviceView), err
}

func (x *exportedCard) tags(after loyalty.TagID) ([]gen.Tag, error) {
	page, err := x.server.Store.Tags(x.ctx, x.state.Card.Merchant, x.state.Card.ID, true, after, exportPage)
	return views(page, tagView), err
}

func (x *exportedCard) changes(after loyalty.ChangeID) ([]gen.CardChange, error) {
	page, err := x.server.Store.CardChanges(x.ctx, x.state.Card.Merchant, x.state.Card.ID, after, exportPage)
	return views(page, changeView), err
}

// codes are also those that have ended.
func (x *exportedCard) codes(after loyalty.EntryID) ([]gen.GiftCode, error) {
	page, err := x.server.Store.CardCodes(x.ctx, x.state.Card.Merchant, x.state.Card.ID, time.Time{}, after, exportPage)
	if err != nil {
		return nil, err
	}
	list := make([]gen.GiftCode, len(page))
	for i := range page {
		if list[i], err = x.server.codeViewOf(x.state.Program, &page[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (x *exportedCard) contested(after loyalty.ContestedID) ([]gen.Contested, error) {
	page, err := x.server.Store.CardContested(x.ctx, x.state.Card.Merchant, x.state.Card.ID, after, exportPage)
	return views(page, contestedView), err
}
