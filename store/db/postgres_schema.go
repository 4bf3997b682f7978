package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strconv"
	"sync"
)

// ownTables are what the engine itself keeps in a database: how many steps have made it, and the last transaction that
// each opening has committed.
const ownTables = `CREATE TABLE muban_schema (version bigint NOT NULL);
	INSERT INTO muban_schema (version) VALUES (0);
	CREATE TABLE muban_writers (id bigint PRIMARY KEY, done bigint NOT NULL, at timestamptz NOT NULL)`

func (e *postgresDB) moment(ctx context.Context, look func(q Querier) error) error {
	t, err := e.readers.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Classify(e.note(err))
	}
	defer t.Rollback()
	return look(t)
}

func (e *postgresDB) version(ctx context.Context, q Querier) (int, error) {
	tables, err := number(ctx, q, "SELECT count(*) FROM pg_class WHERE oid = to_regclass(current_schema() || '.muban_schema')")
	if err != nil || tables == 0 {
		return 0, err
	}
	return number(ctx, q, "SELECT version FROM muban_schema")
}

func (e *postgresDB) step(text string, version int) []string {
	steps := []string{translateSchema(text), "UPDATE muban_schema SET version = " + strconv.Itoa(version)}
	if version == 1 {
		steps = append([]string{ownTables}, steps...)
	}
	return steps
}

// everything names what is in the schema, with how it is made: columns, tables and their kind, indexes, constraints,
// triggers, rules, policies and functions. What an extension has put there is not looked at.
const everything = `WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname = current_schema()),
	relations AS (SELECT * FROM pg_class WHERE relnamespace = (SELECT oid FROM ours)
		AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'))
	SELECT 'column ' || c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity, a.attgenerated, l.collname, pg_get_expr(d.adbin, d.adrelid, true))
		FROM relations c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum LEFT JOIN pg_collation l ON l.oid = a.attcollation
		WHERE c.relkind NOT IN ('i', 'S')
	UNION ALL SELECT 'relation ' || relname, concat_ws(' ', relkind, relpersistence, relrowsecurity, relhassubclass,
			CASE WHEN relkind = 'i' THEN pg_get_indexdef(oid, 0, true) WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid, true) END)
		FROM relations
	UNION ALL SELECT 'constraint ' || r.relname || '.' || conname, pg_get_constraintdef(c.oid, true)
		FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid
	UNION ALL SELECT 'trigger ' || r.relname || '.' || tgname, concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid, true))
		FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT tgisinternal
	UNION ALL SELECT 'rule ' || r.relname || '.' || rulename, pg_get_ruledef(w.oid, true)
		FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class
	UNION ALL SELECT 'policy ' || r.relname || '.' || polname, concat_ws(' ', polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
		FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
	UNION ALL SELECT 'function ' || proname || '(' || pg_get_function_arguments(oid) || ')', prosrc
		FROM pg_proc WHERE pronamespace = (SELECT oid FROM ours)
		AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e')`

func (e *postgresDB) objects(ctx context.Context, q Querier) (map[string]string, error) {
	return pairs(ctx, q, everything)
}

// madeBefore keeps what steps make on an engine: it is the same as long as the program runs, and costs up to half a
// second.
var madeBefore sync.Map

// made makes the tables in a schema of their own, which is gone again before anybody sees it.
func (e *postgresDB) made(ctx context.Context, steps Schema, _ map[string]string) (map[string]string, error) {
	if len(steps) == 0 {
		return map[string]string{}, nil
	}
	conn, err := e.pooled().Conn(ctx)
	if err != nil {
		return nil, Classify(e.note(err))
	}
	defer conn.Close()
	var server string
	if err := conn.QueryRowContext(ctx, "SHOW server_version").Scan(&server); err != nil {
		return nil, Classify(e.note(err))
	}
	key := sha256.Sum256([]byte(server + steps.script()))
	if known, ok := madeBefore.Load(key); ok {
		return known.(map[string]string), nil
	}
	all, err := e.make(ctx, conn, steps)
	if err == nil {
		madeBefore.Store(key, all)
	}
	return all, Classify(e.note(err))
}

func (e *postgresDB) make(ctx context.Context, conn *sql.Conn, steps Schema) (map[string]string, error) {
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	schema := fmt.Sprintf("muban_check_%d", e.id)
	statements := []string{"SET TRANSACTION READ WRITE", "CREATE SCHEMA " + schema, "SET LOCAL search_path = " + schema}
	for n, step := range steps {
		statements = append(statements, e.step(step, n+1)...)
	}
	for _, statement := range statements {
		if _, err := t.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return e.objects(ctx, t)
}

// pooled are the connections that write, where there are any.
func (e *postgresDB) pooled() *sql.DB {
	if e.pool == nil {
		return e.readers
	}
	return e.pool
}
