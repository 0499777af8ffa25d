package api

import (
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/personal"
)

// importStore keeps what moves in.
type importStore interface {
	moving.Store
	moving.Known // for dry runs
}

// maxRows of a page.
const maxRows = 500

// ImportRows moves a page of cards and members in.
func (s *Server) ImportRows(c *fiber.Ctx, params gen.ImportRowsParams) error {
	var body gen.ImportPage
	if err := decode(c, &body); err != nil {
		return err
	}
	rows, err := importCells(&body)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	work := moving.Import{
		Merchant: principalOf(c).Merchant, Region: body.Region, Box: s.Personal, Store: s.Store, Now: s.now,
	}
	if body.DryRun {
		work.Store = moving.DryRun(s.Store)
	}
	if !body.Program.IsZero() {
		if work.Program, err = s.Store.Program(c.UserContext(), work.Merchant, body.Program); err != nil {
			return noProgram(err)
		}
		if work.Program.Version == 0 { // a draft
			return noProgram(loyalty.ErrNotFound)
		}
	}
	answer, err := work.Page(c.UserContext(), request, rows, func(lines []moving.Line) (loyalty.Answer, error) {
		return s.sealed(&request, work.Merchant, http.StatusOK, importReport(lines))
	})
	if err != nil {
		return err
	}
	return s.sendSealed(c, &request, work.Merchant, answer)
}

// importCells checks a page as far as it has to hold for any row. Errors:
// missing_field, invalid_field.
func importCells(body *gen.ImportPage) ([]moving.Cells, error) {
	switch {
	case len(body.Rows) == 0:
		return nil, missing("rows")
	case len(body.Rows) > maxRows:
		return nil, invalid("rows", "has more than 500 rows")
	}
	if err := personal.CheckRegion(body.Region); err != nil {
		return nil, err
	}
	cells := make([]moving.Cells, len(body.Rows))
	for i := range body.Rows {
		row := &body.Rows[i]
		if row.Balance < 0 || row.Balance > loyalty.MaxUnits {
			return nil, inRow(i, "balance", "must be 0 to 9007199254740991")
		}
		cells[i] = moving.Cells{
			Ref: row.Ref, Since: row.Since, Name: row.Name, Phone: row.Phone, Email: row.Email, ExternalID: row.ExternalID,
			Language: row.Language, Consent: row.Consent, ConsentedAt: row.ConsentedAt,
			Wording: row.Wording, WordingVersion: row.WordingVersion,
		}
		if row.Balance > 0 {
			cells[i].Balance = strconv.FormatInt(row.Balance, 10)
		}
		for column, text := range cells[i].All() {
			if most := longestCell(column); utf8.RuneCountInString(text) > most {
				return nil, inRow(i, column, fmt.Sprintf("is longer than %d characters", most))
			}
		}
	}
	return cells, nil
}

// longestCell is how many characters a text of a row may have, as the contract
// says. What it may be is a matter of the row.
func longestCell(column string) int {
	switch column {
	case "wording":
		return 4000
	case "email":
		return 300
	}
	return 200
}

func inRow(i int, field, problem string) error {
	return invalid(fmt.Sprintf("rows[%d].%s", i, field), problem)
}

func importReport(lines []moving.Line) gen.ImportReport {
	report := gen.ImportReport{Rows: make([]gen.ImportedRow, len(lines))}
	for i, l := range lines {
		report.Rows[i] = gen.ImportedRow{
			Row: int32(l.Number), Result: gen.ImportResult(l.Result), Card: l.Card, Member: l.Member, Field: l.Field, Detail: l.Detail,
		}
		switch l.Result {
		case moving.Stored:
			report.Stored++
		case moving.There:
			report.There++
		case moving.Refused:
			report.Refused++
		}
	}
	return report
}
