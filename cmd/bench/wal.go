package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// walFiles is more than all rounds fill, of 16 MB each.
const walFiles = 256

// reuseWAL brings PostgreSQL to where it is after some days: it writes its log
// into the files of before. A new server makes each file while a commit waits for
// it, 16 MB of zeros at a time, and so some rounds would be slower than others by
// nothing but their number. Setting roomy makes it keep the files.
func reuseWAL(ctx context.Context, database string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	statements := make([]string, walFiles, walFiles+1)
	for i := range statements {
		statements[i] = "SELECT pg_logical_emit_message(true, 'bench', ''), pg_switch_wal()"
	}
	for _, statement := range append(statements, "CHECKPOINT") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make files for the log: %w", err)
		}
	}
	return nil
}
