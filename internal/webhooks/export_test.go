package webhooks

// PagesPerRound is what one round reads for all replays.
const PagesPerRound = pagesPerRound
