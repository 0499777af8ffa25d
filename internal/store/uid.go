package store

import (
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"
)

// uid is an id as database/sql and GORM see it: 16 bytes, NULL for the zero id.
// PostgreSQL hands uuids back as text, SQLite hands back blobs.
type uid [16]byte

// Value implements driver.Valuer.
func (u uid) Value() (driver.Value, error) {
	if u == (uid{}) {
		return nil, nil
	}
	return u[:], nil
}

// Scan implements sql.Scanner.
func (u *uid) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*u = uid{}
		return nil
	case []byte:
		if len(v) == len(u) {
			*u = uid(v)
			return nil
		}
	case string:
		id, err := uuid.Parse(v)
		*u = uid(id)
		return err
	}
	return fmt.Errorf("store: %T is not an id", value)
}

func uids[T ~[16]byte](ids []T) []uid {
	keys := make([]uid, len(ids))
	for i := range ids {
		keys[i] = uid(ids[i])
	}
	return keys
}
