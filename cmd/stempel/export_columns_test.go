package main

import "strings"

// outgoing says of each table in which file its columns come out: under their own
// name, as another (column=name), or in another file (column=file.name).
var outgoing = map[string]string{
	"merchants": "merchant: id name created_at card_earns_per_hour till_actions_per_minute till_actions_per_hour staff_actions_per_hour",
	"brands":    "brand: merchant_id=merchant.id name background foreground label accent logo icon privacy_url changed_at",
	"images":    "images: merchant_id=merchant.id hash width height added_at png=file",
	"locations": "locations: id merchant_id=merchant.id name zone latitude longitude hours",
	"tills":     "tills: id merchant_id=merchant.id location_id=location name readers offline_redemptions offline_hours created_at paired_at revoked_at blocked_at",
	"staff":     "staff: id merchant_id=merchant.id role name dismissed_at created_at",
	"api_keys":  "api_keys: id merchant_id=merchant.id name scope revoked_at created_at",
	"webhooks":  "webhooks: id merchant_id=merchant.id url description kinds created_at disabled_at",

	"programs":         "programs: id merchant_id=merchant.id current_version=version",
	"program_versions": "programs: program_id=id version rules created_at=published_at",
	"program_drafts":   "drafts: program_id=program revision rules saved_at",
	"stock":            "stock: reward_id=reward remaining=left",
	"partners":         "partners: program_id=program merchant_id=merchant invited_at since until",

	"members":      "members: id merchant_id=merchant.id merged_into=merged_members.into profile=name tags created_at changed_at",
	"affiliations": "members: member_id=id audience agreement_id=agreement",
	"agreements":   "agreements: id merchant_id=merchant.id kind name starts_at ends_at domains listed=roster_lines listed_at=roster_at created_at changed_at",
	"contacts":     "contacts: member_id=member",
	"consents":     "consents: id member_id=member purpose given given_at=at shown=wording",
	"card_members": "cards: card_id=id member_id=member attached_at",

	"cards": "cards: id merchant_id=merchant.id program_id=program created_at blocked balance lifetime cycle seq=entries.seq head=entries.hash " +
		"last_earn=last_earned_at wallet_gen=wallet_generation print_gen=print_generation inherited counts=spent merged_into",
	"enrolments":   "cards: merchant_id=merchant.id program_id=program card_id=id blocked",
	"card_changes": "card_changes: id card_id=card key_id=api_key at kind surface note",
	"devices":      "devices: id card_id=card name created_at revoked_at home_id=home kind number epoch",
	"tags":         "tags: id merchant_id=merchant.id card_id=card location_id=location program_id=program uid epoch counter label created_at revoked_at",
	"passes":       "passes: id merchant_id=merchant.id program_id=program card_id=card wallet language created_at changed_at removed_at",
	"lots":         "lots: card_id=card entry_id=entry seq units remaining=left expired available_at expires_at",
	"vouchers":     "vouchers: id card_id=card reward_id=reward state threshold spent entry_id=entry issued_at expires_at value remaining=left",
	"entries": "entries: id merchant_id=merchant operator_id=operator card_id=card seq kind units balance program_id=program version " +
		"location_id=location till_id=till staff_id=staff method captured_at posted_at origin_id=origin reward_id=reward " +
		"voucher_id=voucher commitment hash lifted month spend rate discount explained=details.detail",
	"details": "details: entry_id=entry salt body=detail",
	"claims": "claims: id merchant_id=merchant.id program_id=program till_id=till location_id=location staff_id=staff role units purchase worth " +
		"issued_at expires_at withdrawn_at claimed_at card_id=card entry_id=entry",
	"offline_items": "contested: id merchant_id=merchant.id till_id=till staff_id=staff slot=queue captured_at synced_at action card_id=card " +
		"method units total currency voucher_id=voucher code detail settled_at note",
}

// staysIn are the tables and columns that do not come out. docs/moving.md has the
// reasons.
var staysIn = []string{
	"tills.token_hash", "tills.pairing", "pairings", "staff.pin_mac", "api_keys.secret_hash", "api_keys.former_hash", "api_keys.former_until",
	"claims.code_hash", "claims.key_id", "devices.token_hash", "webhooks.secret", "webhooks.previous", "webhooks.previous_until",
	"agreements.roster_key", "rosters", "affiliations.who", "affiliations.domain", "affiliations.since", "affiliations.alone",
	"cards.tags", "cards.audience", "cards.agreement_id",
	"contacts.blind_index", "passes.key_id", "tags.key_id", "tags.floor", "tags.recent", "tag_gaps", "approvals", "keyring", "test_chains",
	"registrations",
	"codes", "code_imports", "pools", "partner_terms",
	"spent", "requests", "google_nonces", "lookups", "refunds", "turns", "reminded",
	"vouchers.held_by", "vouchers.held_until",
	"queues", "leases", "offline_items.hash", "offline_items.entry_id", "offline_items.lease_id",
	"merchants.pins_forgiven_at", "tills.pin_failures", "tills.pin_locked_until",
	"cards.may_owe", "cards.floor", "cards.active_at", "cards.day", "cards.day_from", "cards.day_units",
	"cards.month", "cards.month_from", "cards.month_units", "cards.visits", "tallies", "member_tallies", "purchases", "programs.created_at",
	"deliveries", "webhook_cursor", "webhooks.failures", "webhooks.failing_since", "webhooks.rest_until", "webhooks.replay_from", "webhooks.replay_next",
	"cards.choice", "cards.watched", "dirty", "touches", "views", "passes.shown", "passes.due_at", "google_objects",
	"river_*", "goose_db_version", "sqlite_sequence",
}

// comesOut is the file.name of every table.column in outgoing.
func comesOut() map[string]string {
	out := map[string]string{}
	for table, list := range outgoing {
		file, columns, _ := strings.Cut(list, ":")
		for _, column := range strings.Fields(columns) {
			column, name, renamed := strings.Cut(column, "=")
			if !renamed {
				name = column
			}
			if !strings.Contains(name, ".") {
				name = file + "." + name
			}
			out[table+"."+column] = name
		}
	}
	return out
}
