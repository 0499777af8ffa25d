package engines

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// account is the user that a server runs as; nil means whoever we are.
type account struct{ uid, gid int }

// unprivileged returns the account for servers. PostgreSQL refuses to run as
// root, so root lends it the account that Debian's package makes, else nobody.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return parseAccount(u)
		}
	}
	return nil, errors.New("servers must not run as root, and there is neither a user postgres nor nobody")
}

func parseAccount(u *user.User) (*account, error) {
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	if err := errors.Join(errUID, errGID); err != nil {
		return nil, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return &account{uid: uid, gid: gid}, nil
}

// own hands a file or folder to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}
