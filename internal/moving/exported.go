package moving

import (
	"errors"
	"io"
	"slices"
)

// files are all there are, with their columns. Each is there also when it is
// empty, so that whoever reads them need not ask.
var files = [][]string{
	{
		"merchant", "id", "name", "created_at",
		"card_earns_per_hour", "till_actions_per_minute", "till_actions_per_hour", "staff_actions_per_hour",
	},
	{"brand", "name", "background", "foreground", "label", "accent", "logo", "icon", "privacy_url", "changed_at"},
	{"images", "hash", "width", "height", "added_at", "file"},
	{"locations", "id", "name", "zone", "latitude", "longitude", "hours"},
	{"tills", "id", "location", "name", "readers", "offline_redemptions", "offline_hours", "created_at", "paired_at", "revoked_at", "blocked_at"},
	{"staff", "id", "name", "role", "has_pin", "created_at", "dismissed_at"},
	{"api_keys", "id", "name", "scope", "created_at", "revoked_at"},
	{"webhooks", "id", "url", "description", "kinds", "created_at", "disabled_at"},
	{"programs", "id", "version", "name", "kind", "published_at", "rules"},
	{"drafts", "program", "based_on", "revision", "saved_at", "rules"},
	{"stock", "reward", "left"},
	{"partners", "program", "merchant", "invited_at", "since", "until"},
	{"members", "id", "name", "phone", "email", "external_id", "language", "tags", "audience", "agreement", "created_at", "changed_at"},
	{"merged_members", "id", "into"},
	{"agreements", "id", "kind", "name", "starts_at", "ends_at", "domains", "roster_lines", "roster_at", "created_at", "changed_at"},
	{"contacts", "member", "kind", "value"},
	{"consents", "id", "member", "purpose", "given", "at", "wording", "wording_version", "language", "source"},
	{
		"cards", "id", "program", "member", "attached_at", "created_at", "balance", "lifetime", "cycle", "inherited", "spent", "merged_into",
		"blocked", "last_earned_at", "wallet_generation", "print_generation",
	},
	{"lots", "card", "entry", "seq", "units", "left", "expired", "available_at", "expires_at"},
	{"vouchers", "id", "card", "reward", "state", "threshold", "spent", "issued_at", "expires_at", "entry", "value", "left"},
	{"card_changes", "id", "card", "kind", "surface", "api_key", "at", "note"},
	{"devices", "id", "card", "home", "kind", "name", "number", "epoch", "created_at", "revoked_at"},
	{"tags", "id", "card", "location", "program", "uid", "epoch", "counter", "label", "created_at", "revoked_at"},
	{"passes", "id", "card", "program", "wallet", "language", "created_at", "changed_at", "removed_at"},
	{
		"entries", "id", "merchant", "operator", "card", "seq", "kind", "units", "balance", "program", "version",
		"location", "till", "staff", "method", "captured_at", "posted_at", "origin", "reward", "voucher", "commitment", "hash", "lifted",
		"month", "spend", "rate", "discount",
	},
	{"details", "entry", "salt", "detail"},
	{
		"claims", "id", "program", "till", "location", "staff", "role", "units", "purchase", "worth", "issued_at", "expires_at",
		"withdrawn_at", "claimed_at", "card", "entry",
	},
	{
		"contested", "id", "till", "staff", "queue", "counter", "captured_at", "synced_at", "action", "card", "method", "units",
		"total", "currency", "voucher", "code", "detail", "settled_at", "note",
	},
}

// exported are the files of an export while they are written.
type exported struct {
	format Format
	create func(name string) (io.WriteCloser, error)
	tables map[string]*table
}

func (to *exported) begin() error {
	for _, f := range files {
		name, columns := f[0], slices.Clone(f[1:])
		file, err := to.create(name + "." + string(to.format))
		if err != nil {
			return err
		}
		t, err := newTable(file, to.format, columns...)
		if err != nil {
			return errors.Join(err, file.Close())
		}
		to.tables[name] = t
	}
	return nil
}

func (to *exported) row(file string, values ...any) error { return to.tables[file].row(values...) }

// beside writes a file that is no table.
func (to *exported) beside(name string, content []byte) error {
	file, err := to.create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func (to *exported) counts() Counts {
	counts := Counts{}
	for name, t := range to.tables {
		counts[name] = t.rows
	}
	return counts
}

func (to *exported) close() (err error) {
	for _, t := range to.tables {
		err = errors.Join(err, t.close())
	}
	return err
}
