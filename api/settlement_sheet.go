package api

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/moving"
)

// GetSettlementSheet is GetSettlement as a table, a row for each line.
func (s *Server) GetSettlementSheet(c *fiber.Ctx, id gen.ProgramInPath, params gen.GetSettlementSheetParams) error {
	view, err := s.settlement(c, id, params.Month)
	if err != nil {
		return err
	}
	sheet, err := settlementSheet(view)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="settlement-`+view.Month+`.csv"`)
	return c.Send(sheet)
}

// sheetHeader names the columns. What is new comes last: people's spreadsheets count
// on their places.
var sheetHeader = []string{
	"month", "from", "to", "closed", "program", "merchant", "name", "operator",
	"issued", "taken_back", "redeemed", "given_back", "other", "redemptions",
	"gift_cards", "pays", "gets", "due", "currency",
}

// settlementSheet writes the table in UTF-8, with commas. Names are somebody else's
// text: none is a formula there. Numbers are bare, so that they can be summed up.
func settlementSheet(view *gen.Settlement) ([]byte, error) {
	var sheet bytes.Buffer
	to := csv.NewWriter(&sheet)
	rows := [][]string{sheetHeader}
	for i := range view.Lines {
		l := &view.Lines[i]
		row := []string{
			view.Month, view.From.Format(time.RFC3339), view.To.Format(time.RFC3339), strconv.FormatBool(view.Closed),
			view.Program.String(), l.Merchant.String(), moving.Harmless(l.Name), strconv.FormatBool(l.Operator),
		}
		for _, n := range []int64{
			l.Issued, l.TakenBack, l.Redeemed, l.GivenBack, l.Other, l.Redemptions, l.GiftCards, l.Pays, l.Gets, l.Due,
		} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, append(row, view.Currency))
	}
	err := to.WriteAll(rows)
	return sheet.Bytes(), err
}
