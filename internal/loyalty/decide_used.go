package loyalty

import "time"

// checkNonce holds that a nonce belongs to the first scan that acted on it, and
// that each scan has one earn and one redeem.
func (d *deciding) checkNonce() error {
	scan := &d.cmd.Scan
	if scan.Nonce == (Nonce{}) {
		return nil
	}
	for i := range d.state.Uses {
		use := &d.state.Uses[i]
		if use.Nonce != scan.Nonce || (use.Scan == scan.ID && use.Action != d.cmd.Kind()) {
			continue
		}
		return RefuseUsed(use, scan, d.cmd.Till, d.cmd.Merchant)
	}
	return nil
}

// RefuseUsed tells the loser when and where a presentation was used: the till
// that used it also learns which entry that made, and one that comes back with
// its handle that the scan is spent. Of a till of another merchant it says no more than
// that.
func RefuseUsed(use *Use, scan *Scanned, asking TillID, of MerchantID) *Refusal {
	if scan.Method == Slip {
		return refuseClaimed(use.At)
	}
	r := refuse(CredentialUsed, "This code has already been used. Ask the customer to show a fresh one.")
	if use.Scan == scan.ID && scan.ByHandle {
		r = refuse(ScanUsed, "This scan has already been used for this. Scan the customer's code again.")
	}
	first := *use // the facts go on changing with their batch
	if first.Partner = !use.Merchant.IsZero() && use.Merchant != of; first.Partner {
		first.Till, first.TillName = TillID{}, ""
	}
	r.Used = &first
	if use.Till == asking {
		r.Entry = use.Entry
	}
	return r
}

// CheckUnused is Decide's rule on nonces for a scan that only looks: a nonce on
// which another scan has acted is refused.
func CheckUnused(uses []Use, scan *Scanned, asking TillID, of MerchantID) error {
	for i := range uses {
		if uses[i].Nonce == scan.Nonce && uses[i].Scan != scan.ID {
			return RefuseUsed(&uses[i], scan, asking, of)
		}
	}
	return nil
}

// spend marks the presentation as used for this action. The mark is kept until
// no path accepts the nonce any more: the credential's end, leeway, the life of
// a handle made from it, and the offline horizon.
func (d *deciding) spend(entry EntryID) {
	scan := &d.cmd.Scan
	if scan.Nonce == (Nonce{}) {
		return
	}
	d.countTap()
	end := d.now
	if scan.Expires.After(end) {
		end = scan.Expires
	}
	d.out.Uses = append(d.out.Uses, Use{
		Nonce: scan.Nonce, Action: d.cmd.Kind(), Card: d.card.ID, Scan: scan.ID,
		Till: d.cmd.Till, Entry: entry, At: d.cmd.at(d.now),
		Expires: end.Add(Leeway + max(d.rules.handleLife(), redeemWithoutPIN) + OfflineHorizon),
	})
}

// Leeway is how far two clocks of the house may differ.
const Leeway = 5 * time.Second

// OfflineHorizon is how long a till may go without the server.
const OfflineHorizon = 72 * time.Hour
