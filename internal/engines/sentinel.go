package engines

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Sentinel is a private Redis master with a replica, and one Sentinel that watches
// over them and suffices to promote the replica.
type Sentinel struct {
	several
	watch *Redis // the Sentinel, which speaks Redis's protocol too
}

// MasterName is what a Sentinel calls its master.
const MasterName = "private"

// StartSentinel starts all three on loopback and returns when the Sentinel knows
// of a replica that could take over. Errors are as of StartRedis.
func StartSentinel(ctx context.Context) (*Sentinel, error) {
	s := &Sentinel{several: several{password: rand.Text()}}
	if err := s.form(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Sentinel) form(ctx context.Context) error {
	either := []string{"masterauth " + s.password, "repl-diskless-sync-delay 0"}
	master, err := s.start(ctx, either...)
	if err != nil {
		return err
	}
	replica, err := s.start(ctx, append(either, fmt.Sprint("replicaof 127.0.0.1 ", master.port))...)
	if err != nil {
		return err
	}
	// Before the Sentinel looks: it would not look again for ten seconds.
	if err := await(ctx, "the replica does not follow", func() bool {
		state, err := on(ctx, replica, "info", "replication")
		return err == nil && strings.Contains(state, "master_link_status:up")
	}); err != nil {
		return err
	}
	if err := s.startWatch(ctx, master); err != nil {
		return err
	}
	return await(ctx, "the Sentinel does not find the replica", func() bool {
		state, err := on(ctx, s.watch, "sentinel", "replicas", MasterName)
		return err == nil && strings.Contains(state, "master-link-status:ok")
	})
}

// startWatch starts the Sentinel. It keeps its notes in its configuration, and so
// needs a file of it.
func (s *Sentinel) startWatch(ctx context.Context, master *Redis) error {
	watch, binary, err := newRedis("sentinel", s.password, nil)
	if err != nil {
		return err
	}
	s.watch = watch
	file := filepath.Join(watch.dir, "sentinel.conf")
	watch.command = func() *exec.Cmd {
		text := strings.Join([]string{
			"bind 127.0.0.1", fmt.Sprint("port ", watch.port), "requirepass " + s.password,
			fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 1", MasterName, master.port),
			fmt.Sprintf("sentinel auth-pass %s %s", MasterName, s.password),
			fmt.Sprintf("sentinel down-after-milliseconds %s %d", MasterName, FailoverAfter.Milliseconds()),
			fmt.Sprintf("sentinel failover-timeout %s 10000", MasterName),
		}, "\n")
		// Without the file the Sentinel ends at once, and says so.
		_ = os.WriteFile(file, []byte(text+"\n"), 0o600)
		_ = watch.account.own(file)
		return exec.Command(binary, file, "--sentinel")
	}
	return watch.startAnywhere(ctx)
}

// Host is where the Sentinel listens, as host:port.
func (s *Sentinel) Host() string { return address(s.watch.port) }

// Stop ends all three for good.
func (s *Sentinel) Stop() {
	if s.watch != nil {
		s.watch.Stop()
	}
	s.several.Stop()
}

// KillMaster kills the server that is the master now, and returns it.
func (s *Sentinel) KillMaster(ctx context.Context) (*Redis, error) {
	port, err := s.masterPort(ctx)
	if err != nil {
		return nil, err
	}
	node, err := s.listening(port)
	if err != nil {
		return nil, err
	}
	node.Kill()
	return node, nil
}

// Promoted waits until the Sentinel names another master than that one, which then
// is one.
func (s *Sentinel) Promoted(ctx context.Context, insteadOf *Redis) error {
	return await(ctx, "no replica is promoted", func() bool {
		port, err := s.masterPort(ctx)
		if err != nil || port == insteadOf.port {
			return false
		}
		node, err := s.listening(port)
		if err != nil {
			return false
		}
		role, err := on(ctx, node, "role")
		return err == nil && strings.HasPrefix(role, "[master")
	})
}

func (s *Sentinel) masterPort(ctx context.Context) (int, error) {
	answer, err := on(ctx, s.watch, "sentinel", "get-master-addr-by-name", MasterName)
	if err != nil {
		return 0, err
	}
	parts := strings.Fields(strings.Trim(answer, "[]"))
	if len(parts) != 2 {
		return 0, fmt.Errorf("engines: the Sentinel says that its master is at %q", answer)
	}
	return strconv.Atoi(parts[1])
}
