package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"stempel/api"
	"stempel/internal/jobs"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/store"
	"stempel/passes"
	"stempel/passes/apple"
	"stempel/passes/google"
)

// updates keeps wallets current: what a card's passes show, and how each wallet is
// told that it changed.
type updates struct {
	store  *store.Store
	faces  passes.Faces
	codes  api.PassCodes
	static keys.MACs      // which codes on passes are made with
	secret keys.MACs      // likewise, of those that rotate
	apple  *apple.Pusher  // nil: nothing that it could tell would be believed
	google *google.Wallet // nil: not set up
}

// The kinds of jobs. Their names are stored.
const (
	appleJob  = "apple"
	googleJob = "google"
	letterJob = "letter"
)

var jobKinds = []string{appleJob, googleJob, letterJob, reminderJob, lowCodesJob}

// How many jobs of a kind are done at the same time. Those for Google mostly wait for
// its limit; more of them would hold no more than connections.
const (
	appleWorkers  = 8
	googleWorkers = 8
	letterWorkers = 2
)

// update is what a job is for. Without a phone it is for all that show the pass.
type update struct {
	Pass  loyalty.PassID `json:"pass"`
	Phone loyalty.Hash   `json:"phone,omitzero"`
	At    int64          `json:"at,omitzero"`   // which change the phone is to be told of, in µs
	Many  bool           `json:"many,omitzero"` // as of its job
}

func (u update) job(kind string) jobs.Job { return jobs.Job{Kind: kind, Args: u, Many: u.Many} }

// openUpdates makes what keeps wallets current.
func (s *server) openUpdates() error {
	u := &updates{
		store: s.store, faces: s.faces(), codes: s.passCodes(), static: s.ring.MACs(keys.Static), secret: s.ring.MACs(keys.Rotating),
		apple: s.pusher, google: s.google,
	}
	s.updates = u
	var err error
	kinds := u.kinds(s.addJobs)
	if s.letters != nil {
		kinds[letterJob] = jobs.Kind{Do: jobs.Handle(s.writeLetter), Workers: letterWorkers}
	}
	kinds[reminderJob] = jobs.Kind{Do: jobs.Handle(s.tellReminder), Workers: tellWorkers}
	kinds[lowCodesJob] = jobs.Kind{Do: jobs.Handle(s.tellLowCodes), Workers: tellWorkers}
	s.jobs, err = jobs.New(jobsOf(s.store), jobs.Config{Kinds: kinds, Log: s.log})
	if err != nil {
		return err
	}
	s.fanout = passes.NewFanout(passes.FanoutConfig{
		Board: s.store, Look: u.look, Jobs: u.jobs(s.jobs), Tell: s.live.Tell, Now: time.Now, Log: s.log,
	})
	return nil
}

// faces make how cards look, with their members' names where those are shown.
func (s *server) faces() passes.Faces {
	return passes.Faces{Shelf: s.store, Name: s.personal().Name, Now: time.Now}
}

func (s *server) personal() *personal.Box {
	return personal.NewBox(s.ring.MACs(keys.Personal), s.ring.MACs(keys.Index))
}

// addJobs puts jobs down by themselves.
func (s *server) addJobs(ctx context.Context, list ...jobs.Job) error {
	if len(list) == 0 {
		return nil
	}
	db, _ := s.store.SQL()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.jobs.Add(ctx, tx, list...); err != nil {
		return err
	}
	return tx.Commit()
}

// look finds out what a pass shows now.
func (u *updates) look(ctx context.Context, p *loyalty.Pass) (passes.Look, error) {
	now := time.Now()
	seen, err := u.see(ctx, p)
	if err != nil {
		return passes.Look{}, err
	}
	if seen.survivor == p.Card {
		return passes.Look{}, fmt.Errorf("card %s is merged into itself", p.Card)
	}
	return passes.Look{
		Version: seen.version, Due: soonest(seen.face.Due(now), u.static.Next(now), u.secret.Next(now)), Survivor: seen.survivor,
	}, nil
}

// sight is what a pass shows at a moment.
type sight struct {
	face     *passes.Face
	version  [16]byte       // of the face, with the code beside it
	survivor loyalty.CardID // of a card that was merged
}

func (u *updates) see(ctx context.Context, p *loyalty.Pass) (sight, error) {
	state, err := u.store.Card(ctx, p.Merchant, p.Card)
	if err != nil {
		return sight{}, err
	}
	face, err := u.faces.OfPass(ctx, p, state)
	if err != nil {
		return sight{}, err
	}
	version, err := u.codes.Shown(ctx, p, state, face)
	return sight{face, version, state.Card.MergedInto}, err
}

// soonest is the first of some moments; zero ones never come.
func soonest(moments ...time.Time) (first time.Time) {
	for _, at := range moments {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// jobs puts down what has to be done about passes that changed.
func (u *updates) jobs(runner *jobs.Runner) func(context.Context, *sql.Tx, []passes.Changed) error {
	return func(ctx context.Context, tx *sql.Tx, changed []passes.Changed) error {
		var list []jobs.Job
		for _, p := range changed {
			switch {
			case p.Wallet == loyalty.AppleWallet && u.apple != nil:
				list = append(list, update{Pass: p.ID, Many: p.Many}.job(appleJob))
			case p.Wallet == loyalty.GoogleWallet && u.google != nil:
				list = append(list, update{Pass: p.ID, Many: p.Many}.job(googleJob))
			}
		}
		return runner.Add(ctx, tx, list...)
	}
}

// kinds are what does those jobs.
func (u *updates) kinds(add func(context.Context, ...jobs.Job) error) map[string]jobs.Kind {
	kinds := map[string]jobs.Kind{}
	if u.apple != nil {
		push := func(ctx context.Context, job update) error { return u.pushApple(ctx, job, add) }
		kinds[appleJob] = jobs.Kind{Do: jobs.Handle(push), Workers: appleWorkers}
	}
	if u.google != nil {
		kinds[googleJob] = jobs.Kind{Do: jobs.Handle(u.updateGoogle), Workers: googleWorkers}
	}
	return kinds
}

// pushApple tells the phones of a pass to fetch it. A phone that could not be told
// gets a job of its own, so that the others are told once.
func (u *updates) pushApple(ctx context.Context, job update, add func(context.Context, ...jobs.Job) error) error {
	pass, err := u.store.Pass(ctx, job.Pass)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	if job.Phone != (loyalty.Hash{}) {
		phone, err := u.store.Registration(ctx, job.Pass, job.Phone)
		if errors.Is(err, loyalty.ErrNotFound) {
			return nil // it has removed the pass
		}
		if err != nil {
			return err
		}
		if job.At > 0 && phone.Changed.UnixMicro() > job.At {
			return nil // there is a job for a later change: one push tells of both
		}
		return u.push(ctx, &pass, phone.PushToken)
	}
	phones, err := u.store.Announce(ctx, job.Pass, time.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return err
	}
	var again []jobs.Job
	for i := range phones {
		if err := u.push(ctx, &pass, phones[i].PushToken); err != nil {
			again = append(again, update{job.Pass, phones[i].Device, phones[i].Changed.UnixMicro(), job.Many}.job(appleJob))
		}
	}
	return add(ctx, again...)
}

func (u *updates) push(ctx context.Context, pass *loyalty.Pass, token string) error {
	outcome := u.apple.Push(ctx, token)
	switch outcome.Result {
	case apple.Delivered:
		return nil
	case apple.Gone:
		return u.store.ForgetPushToken(ctx, *pass, token)
	case apple.Later:
		if outcome.Wait > 0 {
			return jobs.Later(outcome.Wait)
		}
		return fmt.Errorf("the push service of Apple: %s", outcome.Reason)
	}
	return jobs.GiveUp(fmt.Errorf("the push service of Apple refused: %s", outcome.Reason))
}

// googleAgain is how soon a pass is sent again that changed while it was sent.
const googleAgain = time.Second

// updateGoogle sends Google what a pass shows. Of two jobs for one pass at the same
// time the slower might leave the older state behind: so it looks again.
func (u *updates) updateGoogle(ctx context.Context, job update) error {
	pass, err := u.store.Pass(ctx, job.Pass)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	seen, err := u.see(ctx, &pass)
	if err != nil {
		return err
	}
	result, err := u.google.Update(ctx, &pass, seen.face)
	if err != nil {
		return err
	}
	switch result.Outcome {
	case google.Done:
	case google.Later:
		return jobs.Later(result.After)
	default:
		return jobs.GiveUp(fmt.Errorf("at Google: %w", result.Err))
	}
	now, err := u.store.Pass(ctx, job.Pass)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if again, err := u.see(ctx, &now); err != nil || again.version == seen.version {
		return err
	}
	return jobs.Later(googleAgain)
}
