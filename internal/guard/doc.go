// Package guard stands in front of the database: it remembers, for a while, what
// was spent, so that a flood of replays is answered without the database, and it
// counts requests for rate limits. Memory serves one process; Redis serves all
// processes of a deployment, and one of them when Redis is gone.
//
// A guard is never the truth. Whatever it loses (expired, evicted, flushed,
// failed over, partitioned) costs the database a question and nobody a credit: it
// may say "this was used, there and then" only of what was committed, and says
// nothing otherwise. So it must never know balances, programs or requests, and
// nothing that has to be remembered may be kept here alone.
package guard
