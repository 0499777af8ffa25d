package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// postgres is the engine on PostgreSQL: one pool, of which GORM borrows.
type postgres struct {
	pool     *pgxpool.Pool
	sql      *sql.DB
	gorm     *gorm.DB
	programs *programs
}

const (
	defaultConnections = 10
	connectTimeout     = 5 * time.Second
)

// openPostgres connects when first used, so that a server that is away for a
// moment does not keep us from starting.
func openPostgres(ctx context.Context, url string, o Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err // pgx leaves the password out of its errors
	}
	switch {
	case o.Connections > 0:
		config.MaxConns = o.Connections
	case !strings.Contains(url, "pool_max_conns="):
		config.MaxConns = defaultConnections
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	config.AfterConnect = prepareSession
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: db}), gormConfig())
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &postgres{pool: pool, sql: db, gorm: g, programs: newPrograms()}, nil
}

// sessionSettings suit a session that knows nothing but look-ups by key:
//
//   - One plan for any number of keys, made once per connection. Planning anew
//     costs more than executing.
//   - That plan may be made while the tables are new, empty and never analysed,
//     and then stays. So whatever would be cheapest on such a table and ruinous
//     on a full one (reading or joining all of it) must not even be considered.
//   - No statement runs long enough to be worth compiling.
const sessionSettings = `SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET jit = off`

// prepareSession sets by statement, not by start-up parameter: poolers between
// us and the server refuse parameters they do not know.
func prepareSession(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, sessionSettings)
	return err
}

func (p *postgres) reader() *gorm.DB { return p.gorm }

// wipe does nothing: dead rows are overwritten when autovacuum has freed them, and
// no dump shows them.
func (p *postgres) wipe(context.Context, bool) error { return nil }

func (p *postgres) close() error {
	err := p.sql.Close()
	p.pool.Close()
	return err
}

// within runs f in one transaction. A panic of f rolls back.
func (p *postgres) within(ctx context.Context, f func(*Tx) error) error {
	err := p.gorm.WithContext(ctx).Connection(func(db *gorm.DB) error {
		conn, ok := db.Statement.ConnPool.(*sql.Conn)
		if !ok {
			return fmt.Errorf("store: GORM gave a %T instead of a connection", db.Statement.ConnPool)
		}
		return transact(db, func(tx *gorm.DB) error {
			on := func(do func(*pgx.Conn) error) error {
				return conn.Raw(func(driverConn any) error { return do(driverConn.(*stdlib.Conn).Conn()) })
			}
			return f(&Tx{
				db: tx,
				apply: func(add func(changes) error) error {
					return on(func(conn *pgx.Conn) error { return flush(ctx, conn, add) })
				},
				bulk: func(add func(changes) error) error {
					return on(func(conn *pgx.Conn) error { return add(copying{conn}) })
				},
			})
		})
	})
	return translate(err, false) // of getting the connection; the rest has been translated
}

// flush makes one trip for changes within somebody's transaction.
func flush(ctx context.Context, conn *pgx.Conn, add func(changes) error) error {
	t := newTrip(conn)
	defer t.done()
	if err := add(t); err != nil {
		return err
	}
	return t.run(ctx)
}

// facts reads without locks.
func (p *postgres) facts(ctx context.Context, k *loyalty.Keys) (*loyalty.Facts, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, translate(err, false)
	}
	defer conn.Release()
	t := newTrip(conn.Conn())
	defer t.done()
	facts, err := p.gather(ctx, t, k, false)
	return facts, translate(err, false)
}

// gather makes the first trip, and further ones only for programs not seen yet.
func (p *postgres) gather(ctx context.Context, t *trip, k *loyalty.Keys, lock bool) (*loyalty.Facts, error) {
	g := newGathering(p.programs)
	for asked := g.first(k); ; {
		for _, q := range asked {
			q.lock = q.lock && lock
			if err := t.ask(ctx, q, g); err != nil {
				return nil, err
			}
		}
		if err := t.run(ctx); err != nil {
			return nil, err
		}
		if asked = g.next(k); len(asked) == 0 {
			return g.finish()
		}
	}
}
