package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/giftcodes"
	"stempel/internal/loyalty"
)

// codeStore keeps pools of partner codes, and what was handed out of them.
type codeStore interface {
	ImportCodes(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render func(there []int, left int64) (loyalty.Answer, error)) (loyalty.Answer, error)
	CodePool(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID, now time.Time) (*loyalty.CodePool, error)
	CodeImports(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID, after loyalty.ImportID, limit int, now time.Time) ([]loyalty.CodeImport, error)
	WithdrawCodes(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, which loyalty.ImportID, render func(removed int64) (loyalty.Answer, error)) (loyalty.Answer, error)
	GiftCode(ctx context.Context, m loyalty.MerchantID, id loyalty.GiftCodeID) (loyalty.GiftCode, error)
	GiftCodeAt(ctx context.Context, till loyalty.TillID, id loyalty.GiftCodeID) (loyalty.GiftCode, error)
	CardCodes(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, now time.Time, after loyalty.EntryID, limit int) ([]loyalty.GiftCode, error)
}

// GetCodePool shows how many codes are left.
func (s *Server) GetCodePool(c *fiber.Ctx, id gen.RewardInPath, params gen.GetCodePoolParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ImportID], params.After)
	if err != nil {
		return err
	}
	m, now := principalOf(c).Merchant, s.moment()
	pool, err := s.Store.CodePool(c.UserContext(), m, id, now)
	if err != nil {
		return noReward(err)
	}
	imports, err := s.Store.CodeImports(c.UserContext(), m, id, after, limit+1, now)
	if err != nil {
		return err
	}
	imports, next := cut(imports, limit, func(i *loyalty.CodeImport) string { return i.ID.String() })
	return s.json(c, http.StatusOK, gen.CodePool{
		Reward: pool.Reward.ID, Name: pool.Reward.Name, Codes: pool.Reward.Kind == loyalty.PartnerCode,
		Left: pool.Free, HandedOut: pool.Taken, Spoiled: pool.Spoiled, Expired: pool.Expired,
		Low: pool.Reward.Low(pool.Free), LowSince: pool.LowSince, Imports: views(imports, codeImportView), Next: next,
	})
}

func codeImportView(i *loyalty.CodeImport) gen.CodeImport {
	return gen.CodeImport{
		ID: i.ID, ImportedAt: i.Imported, Left: i.Free, HandedOut: i.Taken, Spoiled: i.Spoiled, Expired: i.Expired,
	}
}

// ImportCodes takes a file of codes.
func (s *Server) ImportCodes(c *fiber.Ctx, id gen.RewardInPath, params gen.ImportCodesParams) error {
	file, err := csvFile(c)
	if err != nil {
		return err
	}
	m, now := principalOf(c).Merchant, s.moment()
	if _, err := s.Store.Shelf(c.UserContext(), m, id); err != nil { // before all that work
		return noReward(err)
	}
	rows, repeats, err := giftcodes.Read(file, now)
	var flaw *giftcodes.Flaw
	if errors.As(err, &flaw) {
		return refuse(codeFileInvalid, flaw.Error())
	}
	if err != nil {
		return err
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	batch := s.Codes.Batch(m, id, rows, now)
	answer, err := s.Store.ImportCodes(c.UserContext(), change, batch, now, func(there []int, left int64) (loyalty.Answer, error) {
		return render(http.StatusCreated, codeReport(batch, rows, repeats, there, left))
	})
	if err != nil {
		return noReward(err)
	}
	return send(c, answer)
}

const (
	codeFileInvalid = loyalty.Code(gen.ProblemCodeCodeFileInvalid)
	importNotFound  = loyalty.Code(gen.ProblemCodeImportNotFound)
)

// maxRepeats bounds an answer.
const maxRepeats = 100

// codeReport tells of a file: what of it is in the pool now, and which lines stand
// further up, or were there before.
func codeReport(batch *loyalty.CodeBatch, rows []giftcodes.Row, repeats []giftcodes.Repeat, there []int, left int64) gen.CodeImportReport {
	report := gen.CodeImportReport{
		Imported: int64(len(rows) - len(there)), LeftOut: int64(len(repeats) + len(there)), Left: left, Repeats: []gen.CodeRepeat{},
	}
	if report.Imported > 0 {
		report.Import = batch.Import
	}
	for _, r := range repeats {
		report.Repeats = append(report.Repeats, gen.CodeRepeat{Line: int64(r.Line), First: int64(r.First)})
	}
	for _, i := range there {
		report.Repeats = append(report.Repeats, gen.CodeRepeat{Line: int64(rows[i].Line)})
	}
	report.Repeats = report.Repeats[:min(len(report.Repeats), maxRepeats)]
	return report
}

// WithdrawCodes takes what is left of an import out of the pool.
func (s *Server) WithdrawCodes(c *fiber.Ctx, id gen.RewardInPath, which gen.ImportInPath, params gen.WithdrawCodesParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	m := principalOf(c).Merchant
	if _, err := s.Store.Shelf(c.UserContext(), m, id); err != nil {
		return noReward(err)
	}
	answer, err := s.Store.WithdrawCodes(c.UserContext(), change, m, id, which, func(removed int64) (loyalty.Answer, error) {
		return render(http.StatusOK, gen.WithdrawnCodes{Removed: removed})
	})
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(importNotFound, "There is no such import of this reward, or nothing is left of it.")
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}
