package store

import (
	"context"
	"fmt"
	"strings"

	"stempel/internal/loyalty"
)

// A change writes many rows of one table in one statement. Its parameters are
// its columns: on PostgreSQL an array of each, on SQLite a list of rows.
type change struct {
	kinds []string // the parameters' types in PostgreSQL, by column

	postgres string // the whole text, the same for any number of rows

	// SQLite's text is head, then tuple once per row, then tail.
	sqliteHead, sqliteTuple, sqliteTail string

	exact bool // an error unless every row was found

	// Of an insertion, for COPY.
	table string
	names []string
}

// All changes there are. Nothing but these writes on the scan path; those of people
// are for moving in.
var (
	insertEntries   = insertion("entries", entryColumns)
	insertDetails   = insertion("details", detailColumns)
	insertVouchers  = insertion("vouchers", voucherColumns)
	insertStock     = insertion("stock", stockColumns)
	insertTallies   = insertion("tallies", tallyColumns)
	insertUses      = insertion("spent", useColumns)
	insertAnswers   = insertion("requests", answerColumns)
	insertLots      = insertion("lots", lotColumns)
	insertRefunds   = insertion("refunds", refundColumns)
	insertPurchases = insertion("purchases", creditedColumns)
	insertSynced    = insertion("offline_items", syncedColumns)
	insertCards     = insertion("cards", cardIdentity+", "+cardState)

	insertEnrolments = insertion("enrolments", enrolmentColumns)

	insertMembers     = insertion("members", newMemberColumns)
	insertContacts    = insertion("contacts", contactColumns)
	insertConsents    = insertion("consents", newConsentColumns)
	insertAttachments = insertion("card_members", ownershipColumns)
	updateMembers     = update("members", "id uuid", "profile bytea, changed_at bigint")

	updateCards    = update("cards", "id uuid", cardState)
	updateChoices  = update("cards", "id uuid", "choice bytea")
	updateVouchers = update("vouchers", "id uuid", voucherState)
	updateStock    = update("stock", "reward_id uuid", "remaining bigint")
	updateClaims   = update("claims", "id uuid", claimedColumns+", purchase bytea")
	updateTags     = update("tags", "id uuid", "counter bigint, floor bigint, recent bytea")
	insertGaps     = insertion("tag_gaps", gapColumns)
	fillGaps       = rewriting("tag_id uuid, epoch bigint, counter bigint", "UPDATE tag_gaps SET late = late + 1 FROM %s "+
		"WHERE tag_gaps.tag_id = n.tag_id AND tag_gaps.epoch = n.epoch AND first_value <= n.counter AND last_value >= n.counter", "", "")
	insertApprovals = insertion("approvals", approvalColumns)
	updateApprovals = update("approvals", "id uuid", decidedColumns)
	updateLeases    = update("leases", "id uuid", "used bigint")
	updateTallies   = update("tallies", "card_id uuid, reward_id uuid", "count bigint")
	updateLots      = update("lots", lotKey, lotState)
	insertCodes     = insertion("codes", newCodeColumns).orRollBack()
	handCodes       = update("codes", "id uuid", handedColumns).only("codes.state = n.state - 1") // nobody else did meanwhile
	updateRefunds   = update("refunds", "entry_id uuid", refundState)

	markDirty = insertion("dirty", newDirtColumns).or(dirtyAgain)

	deletePurchases = deletion("purchases", creditColumns)
)

// changes executes or collects changes, each of at least one row.
type changes interface {
	change(ctx context.Context, c *change, rows int, put func(i int, s sink)) error
}

// writing hands records to changes until the first error.
type writing struct {
	ctx context.Context
	to  changes
	err error
}

func add[T any](w *writing, c *change, rows []T, put func(sink, *T)) {
	if len(rows) > 0 && w.err == nil {
		w.err = w.to.change(w.ctx, c, len(rows), func(i int, s sink) { put(s, &rows[i]) })
	}
}

// write adds the after-images of a batch. What was freed goes before what is
// credited: a purchase may be both.
func write(ctx context.Context, to changes, w *loyalty.Writes) error {
	first, again := split(w.Tallies, func(t *loyalty.Tally) bool { return t.First })
	refunded, refundedAgain := split(w.Refunded, func(r *loyalty.Refunded) bool { return r.First })
	all := writing{ctx: ctx, to: to}
	add(&all, updateCards, w.Cards, putCardUpdate)
	add(&all, updateChoices, w.Rechosen, putChoice)
	add(&all, insertEntries, w.Entries, putEntry)
	add(&all, insertDetails, w.Details, putDetail)
	add(&all, insertVouchers, w.Issued, putVoucher)
	add(&all, updateVouchers, w.Changed, putVoucherUpdate)
	add(&all, insertLots, w.LotsNew, putLot)
	add(&all, updateLots, w.LotsChanged, putLotState)
	add(&all, insertRefunds, refunded, putRefund)
	add(&all, updateRefunds, refundedAgain, putRefund)
	add(&all, updateStock, w.Stock, putStock)
	add(&all, handCodes, w.Codes, putHanded)
	add(&all, insertTallies, first, putTally)
	add(&all, updateTallies, again, putTally)
	add(&all, insertUses, w.Uses, putUse)
	add(&all, deletePurchases, w.Freed, putCredit)
	add(&all, insertPurchases, w.Credited, putCredited)
	add(&all, updateClaims, w.Claimed, putClaimed)
	add(&all, updateTags, w.Tags, putTagCounter)
	add(&all, insertGaps, w.Gaps, putGap)
	for i := range w.CameLate { // two of one gap in one statement would count once
		add(&all, fillGaps, w.CameLate[i:i+1], putTapped)
	}
	add(&all, insertApprovals, w.Asked, putApproval)
	add(&all, updateApprovals, w.Decided, putDecided)
	add(&all, insertSynced, w.Synced, putSynced)
	add(&all, updateLeases, w.Leases, putLeaseUsed)
	add(&all, markDirty, w.Dirty, putDirt)
	all.merged(w.Merged)
	add(&all, insertAnswers, w.Answers, putAnswer)
	return all.err
}

// writeLate adds the answers that are made while the rest is being written.
func writeLate(ctx context.Context, to changes, w *loyalty.Writes) error {
	answers, err := w.Late()
	if err != nil {
		return err
	}
	all := writing{ctx: ctx, to: to}
	add(&all, insertAnswers, answers, putAnswer)
	return all.err
}

// split tells rows that are new from those that are there.
func split[T any](all []T, isNew func(*T) bool) (first, again []T) {
	for i := range all {
		if isNew(&all[i]) {
			first = append(first, all[i])
		} else {
			again = append(again, all[i])
		}
	}
	return first, again
}

func isEmpty(w *loyalty.Writes) bool {
	return len(w.Cards) == 0 && len(w.Entries) == 0 && len(w.Details) == 0 && len(w.Issued) == 0 &&
		len(w.Changed) == 0 && len(w.Stock) == 0 && len(w.Tallies) == 0 && len(w.Uses) == 0 &&
		len(w.Freed) == 0 && len(w.Credited) == 0 && len(w.Claimed) == 0 && len(w.Tags) == 0 && len(w.Asked) == 0 && len(w.Decided) == 0 && len(w.Merged) == 0 &&
		len(w.Synced) == 0 && len(w.Leases) == 0 && len(w.LotsNew) == 0 && len(w.LotsChanged) == 0 && len(w.Refunded) == 0 && len(w.Codes) == 0 && len(w.Answers) == 0
}

func insertion(table, columns string) *change {
	names, kinds := parseColumns(columns)
	into := fmt.Sprintf("INSERT INTO %s (%s) ", table, list(names, "%s"))
	return &change{
		kinds: kinds, table: table, names: names,
		postgres:    into + "SELECT * FROM unnest(" + arrays(kinds) + ")",
		sqliteHead:  into + "VALUES ",
		sqliteTuple: tuple(len(names)),
	}
}

// orRollBack is an insertion that on SQLite gives the whole transaction up where it fails,
// as whoever runs it would do anyway. For a statement that fails alone SQLite keeps each
// page as it was before, which is half of the work of one with many rows.
func (c *change) orRollBack() *change {
	c.sqliteHead = strings.Replace(c.sqliteHead, "INSERT ", "INSERT OR ROLLBACK ", 1)
	return c
}

// or is an insertion that does something else with rows that are there already.
func (c *change) or(onConflict string) *change {
	c.postgres += onConflict
	c.sqliteTail = onConflict
	return c
}

func update(table, key, columns string) *change {
	keys, _ := parseColumns(key)
	set, _ := parseColumns(columns)
	names, kinds := parseColumns(key + ", " + columns)
	body := fmt.Sprintf("UPDATE %s SET %s FROM %%s WHERE %s",
		table, list(set, "%[1]s = n.%[1]s"), matching(table, keys))
	return &change{
		kinds: kinds, exact: true,
		postgres:    exactly(fmt.Sprintf(body, given(names, kinds))),
		sqliteHead:  fmt.Sprintf("WITH n (%s) AS (VALUES ", list(names, "%s")),
		sqliteTuple: tuple(len(names)),
		sqliteTail:  ") " + fmt.Sprintf(body, "n"),
	}
}

// only is an update of rows for which a condition holds, too.
func (c *change) only(condition string) *change {
	c.postgres = strings.Replace(c.postgres, " RETURNING 1)", " AND "+condition+" RETURNING 1)", 1)
	c.sqliteTail += " AND " + condition
	return c
}

// rewriting is a statement over the given rows as a table n, which may concern
// any number of rows. The text between is PostgreSQL's alone: SQLite has one writer.
func rewriting(columns, statement, lock, tail string) *change {
	names, kinds := parseColumns(columns)
	return &change{
		kinds:       kinds,
		postgres:    fmt.Sprintf(statement, given(names, kinds)) + lock + tail,
		sqliteHead:  fmt.Sprintf("WITH n (%s) AS (VALUES ", list(names, "%s")),
		sqliteTuple: tuple(len(names)),
		sqliteTail:  ") " + fmt.Sprintf(statement, "n") + tail,
	}
}

func deletion(table, key string) *change {
	keys, kinds := parseColumns(key)
	return &change{
		kinds: kinds, exact: true,
		postgres: exactly(fmt.Sprintf("DELETE FROM %s USING %s WHERE %s",
			table, given(keys, kinds), matching(table, keys))),
		sqliteHead:  fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (VALUES ", table, list(keys, "%s")),
		sqliteTuple: tuple(len(keys)),
		sqliteTail:  ")",
	}
}

// exactly makes a statement of PostgreSQL fail (division_by_zero) unless it
// found every row it was given. COMMIT is already on its way behind it, so
// there is no time for anybody to look at the count.
func exactly(statement string) string {
	return "WITH found AS (" + statement + " RETURNING 1) " +
		"SELECT 1 / (count(*) = cardinality($1))::int FROM found"
}

// given is the parameters as a table n.
func given(names, kinds []string) string {
	return "unnest(" + arrays(kinds) + ") AS n (" + list(names, "%s") + ")"
}

func arrays(kinds []string) string {
	var b strings.Builder
	for i, kind := range kinds {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d::%s[]", i+1, kind)
	}
	return b.String()
}

func matching(table string, keys []string) string {
	conditions := make([]string, len(keys))
	for i, key := range keys {
		conditions[i] = fmt.Sprintf("%s.%s = n.%s", table, key, key)
	}
	return strings.Join(conditions, " AND ")
}

func list(names []string, format string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf(format, name)
	}
	return strings.Join(parts, ", ")
}

func tuple(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

// parseColumns reads "name type, name type".
func parseColumns(columns string) (names, kinds []string) {
	for column := range strings.SplitSeq(columns, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		names, kinds = append(names, name), append(kinds, kind)
	}
	return names, kinds
}

// selected is a column list for SELECT.
func selected(alias, columns string) string {
	names, _ := parseColumns(columns)
	return list(names, alias+".%s")
}
