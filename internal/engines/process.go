package engines

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a running child. Someone always waits for it, so ended tells at
// any moment whether it still lives.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once the child was reaped
	err   error         // how it ended; read it only after ended
}

// launch starts cmd on a thread that stays reserved until the child has ended.
// Linux sends the parent death signal (see attributes) when the thread that
// forked is gone, not the process, and the Go runtime ends threads as it likes.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// wait returns how the child ended, or kills it when ctx is done first.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
}

// end asks the child to go by sig, and kills it when that takes longer than
// patience. It returns when the child is gone.
func (p *process) end(sig os.Signal, patience time.Duration) {
	_ = p.cmd.Process.Signal(sig) // fails only when it is gone already
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
	}
}

// kill ends the child without giving it a last word.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it is gone already
	<-p.ended
}
