package api

// lacking says of each reward that is ready on the card's face why it cannot be had
// now after all; empty where it can. The face itself does not say so: it is told to
// phones when the card changes, not when a shelf is emptied.
func (s *sight) lacking() []string {
	if len(s.short) == 0 {
		return nil
	}
	why := make([]string, len(s.face.Ready))
	for i, ready := range s.face.Ready {
		for _, short := range s.short {
			if short.Reward == ready.Reward && ready.Left == 0 { // a gift card was handed out before
				why[i] = string(short.Why)
			}
		}
	}
	return why
}
