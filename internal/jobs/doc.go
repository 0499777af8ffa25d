// Package jobs runs work that another machine may refuse for a while: pushes to
// wallets, mail. A job is put down in the transaction of what it is for, is tried
// again with growing pauses, by whichever process is free, and where it fails for
// good it stays as a dead letter that an operator can see and replay.
//
// It is a small room around River, so that nothing else has to know River. It
// must never know what a job is about.
package jobs
