package moving

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// ReportHeader is what a report begins with.
const ReportHeader = "line,ref,card,member,result,field,detail\n"

// CSVReport writes a line for each line of the file, for people and spreadsheets,
// with the columns of ReportHeader.
type CSVReport struct{ to *csv.Writer }

// NewCSVReport begins a report; Close ends it.
func NewCSVReport(to io.Writer) (*CSVReport, error) {
	_, err := io.WriteString(to, ReportHeader)
	return &CSVReport{csv.NewWriter(to)}, err
}

// Line implements Report.
func (r *CSVReport) Line(l Line) error {
	return r.to.Write([]string{
		strconv.Itoa(l.Number), Harmless(l.Ref), text(l.Card), text(l.Member), string(l.Result), Harmless(l.Field), Harmless(l.Detail),
	})
}

// Close writes what is left.
func (r *CSVReport) Close() error {
	r.to.Flush()
	return r.to.Error()
}

// Harmless keeps a spreadsheet from taking somebody else's text for a formula
// (OWASP, CSV Injection).
func Harmless(text string) string {
	if text != "" && strings.ContainsRune(formula+"\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
