package loyalty

// Shelf is a reward and how many of it are left.
type Shelf struct {
	Reward  Reward
	Counted bool  // whether Left was ever set; a Limited reward without it cannot be handed out
	Left    int64 // 0 to MaxUnits
}
