package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	sqlite "github.com/glebarez/go-sqlite"
	gormsqlite "github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// lite is the engine on SQLite: one connection that writes, since SQLite has one
// writer at a time anyway, and others that read what was last committed.
type lite struct {
	writer, readers         *sql.DB
	writerGorm, readersGorm *gorm.DB
	programs                *programs
	unwiped                 atomic.Bool // the log may hold what was deleted
}

// What both handles want.
const sharedOptions = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&"

// What the writer wants. WAL: the file stays in this mode, in which others read
// while one writes. Immediate: a transaction that reads first must not find out
// later that it cannot write. FULL: an acknowledged scan is on the disk. A log of
// 40 MB before it is copied into the file: the same few pages are written again
// and again, and are copied once. Secure delete: what is deleted is overwritten,
// as erasing a member promises.
const writerOptions = sharedOptions + "_txlock=immediate&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(10000)&_pragma=secure_delete(1)"

const readerOptions = sharedOptions + "_pragma=query_only(1)"

func openSQLite(ctx context.Context, path string) (*lite, error) {
	if path == "" {
		return nil, errors.New("store: the path of the SQLite file is empty")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", loyalty.ErrUnavailable, err)
	}
	err := makeLite(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", loyalty.ErrUnavailable, err)
	}
	l := &lite{programs: newPrograms()}
	l.writer, l.writerGorm, err = openLite(ctx, path, writerOptions, 1)
	if err != nil {
		return nil, err
	}
	l.readers, l.readersGorm, err = openLite(ctx, path, readerOptions, max(2, runtime.NumCPU()))
	if err != nil {
		return nil, errors.Join(err, l.writer.Close())
	}
	return l, nil
}

// makeLite makes the file, if there is none, so that only its owner can read it,
// in whatever folder it lies. SQLite gives its log the same mode. One that is there
// is not opened here: to close it again would give up this process's locks on it.
func makeLite(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

func openLite(ctx context.Context, path, options string, connections int) (*sql.DB, *gorm.DB, error) {
	// As a URI (sqlite.org/uri.html), so that no character of the path is an option.
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	name := url.URL{Scheme: "file", Opaque: escaped, RawQuery: options}
	db, err := sql.Open(gormsqlite.DriverName, name.String())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := connectLite(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	g, err := gorm.Open(gormsqlite.Dialector{Conn: db}, gormConfig())
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, g, nil
}

// connectLite makes the first connection. While another process turns the file
// to WAL or closes it as the last one, SQLite answers "busy" at once instead of
// waiting, so we wait.
func connectLite(ctx context.Context, db *sql.DB) error {
	const patience, pause = 5 * time.Second, 10 * time.Millisecond
	var err error
	for waited := time.Duration(0); waited < patience; waited += pause {
		var trouble *sqlite.Error
		if err = db.PingContext(ctx); !errors.As(err, &trouble) || trouble.Code()&0xff != liteBusy {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (l *lite) reader() *gorm.DB { return l.readersGorm }

// wipe empties the log, which still has the pages as they were before. While
// somebody reads from it, it cannot; then the next call does.
func (l *lite) wipe(ctx context.Context, erased bool) error {
	if erased {
		l.unwiped.Store(true)
	}
	if !l.unwiped.Load() {
		return nil
	}
	conn, err := l.writer.Conn(ctx)
	if err != nil {
		return translate(err, false)
	}
	defer conn.Close()
	// Whoever wants to write waits meanwhile, so it waits for readers only a moment.
	const moment, usual = "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 5000"
	if _, err := conn.ExecContext(ctx, moment); err != nil {
		return translate(err, false)
	}
	var busy, pages, copied int64
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
	if err == nil && busy == 0 {
		l.unwiped.Store(false)
	}
	_, usualErr := conn.ExecContext(context.WithoutCancel(ctx), usual)
	return translate(errors.Join(err, usualErr), false)
}

func (l *lite) close() error { return errors.Join(l.readers.Close(), l.writer.Close()) }

// within runs f in one transaction. A panic of f rolls back.
func (l *lite) within(ctx context.Context, f func(*Tx) error) error {
	return transact(l.writerGorm.WithContext(ctx), func(db *gorm.DB) error {
		tx, ok := db.Statement.ConnPool.(*sql.Tx)
		if !ok {
			return fmt.Errorf("store: GORM gave a %T instead of a transaction", db.Statement.ConnPool)
		}
		apply := func(add func(changes) error) error { return add(liteTx{tx}) }
		return f(&Tx{db: db, apply: apply, bulk: apply})
	})
}

// facts reads from one snapshot.
func (l *lite) facts(ctx context.Context, k *loyalty.Keys) (*loyalty.Facts, error) {
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, translate(err, false)
	}
	defer rollBackLite(tx)
	facts, err := liteTx{tx}.gather(ctx, k, l.programs)
	return facts, translate(err, false)
}

// rollBackLite ends a transaction that is not committed, or was.
func rollBackLite(tx *sql.Tx) { _ = tx.Rollback() }
