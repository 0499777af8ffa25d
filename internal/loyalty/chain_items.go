package loyalty

// VerifyItem holds an item of an offline queue that was posted against its entry: it
// is there, of that till and moment, and what an item can be. Errors: a *Flaw.
func VerifyItem(i *Synced, e *Entry) error {
	flaw := &Flaw{Card: e.Card, Seq: e.Seq, Entry: i.Entry}
	switch {
	case e.ID.IsZero():
		flaw.Problem = "is what an offline item of " + i.Item.Queue.String() + " was posted as, and is not there"
	case e.Till != i.Till || !e.Posted.Equal(i.At) || e.Kind != Earn && e.Kind != Redeem:
		flaw.Problem = "is not what an offline item of " + i.Item.Queue.String() + " was posted as"
	default:
		return nil
	}
	return flaw
}
