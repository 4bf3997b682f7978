package webtest

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muban/store"
)

// Content is a hash of everything in the database, but for the lines of the log which say that somebody took a copy or
// a file: looking leaves a trace, and changes nothing else.
func (c *Console) Content() [32]byte {
	c.T.Helper()
	file := filepath.Join(c.T.(*testing.T).TempDir(), "content.db")
	Must(c.T, os.WriteFile(file, c.Backup(), 0o600))
	db, err := sql.Open("sqlite", file)
	Must(c.T, err)
	defer db.Close()
	var all strings.Builder
	for _, t := range rowsOf(c.T, db, "SELECT m.name, group_concat(quote(t.name)) FROM sqlite_master m, pragma_table_xinfo(m.name) t"+
		" WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND t.hidden = 0 GROUP BY m.name ORDER BY m.name") {
		table, columns, where := t[0], strings.ReplaceAll(t[1], "'", `"`), ""
		if table == "activities" { // the numbers and the chain count those lines too
			columns = "at, person_id, person_name, addr, app, act, object, detail"
			where = fmt.Sprintf(" WHERE act NOT IN ('%s', '%s', '%s')", store.ActBackup, store.ActExport, store.ActMuted)
		}
		for _, row := range rowsOf(c.T, db, "SELECT '"+table+"', "+quoted(columns)+" FROM "+table+where+" ORDER BY 2") {
			fmt.Fprintln(&all, row)
		}
	}
	return sha256.Sum256([]byte(all.String()))
}

// quoted makes one text of a row, whatever the types.
func quoted(columns string) string {
	return "quote(" + strings.ReplaceAll(strings.ReplaceAll(columns, ", ", ","), ",", ") || '|' || quote(") + ")"
}

// rowsOf answers two texts a row.
func rowsOf(t testing.TB, db *sql.DB, query string) (all [][2]string) {
	t.Helper()
	rows, err := db.Query(query)
	Must(t, err)
	defer rows.Close()
	for rows.Next() {
		var row [2]string
		Must(t, rows.Scan(&row[0], &row[1]))
		all = append(all, row)
	}
	Must(t, rows.Err())
	return all
}

// Still is content once nothing more is written: what a sign-in led to, such as the
// journal of the first token, may still be under way.
func (c *Console) Still() [32]byte {
	c.T.Helper()
	before := c.Content()
	for {
		after := c.Content()
		if after == before {
			return after
		}
		before = after
	}
}
