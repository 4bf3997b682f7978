package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

// LoadToken answers token.ErrNone when there is none. With SaveToken it is the keeper's token.Store.
func (s *Store) LoadToken(ctx context.Context, appID string) (token.Record, error) {
	scan := func(r row) (token.Record, error) { return s.scanToken(appID, r) }
	record, err := one(ctx, s.readers, scan, "SELECT value, fetched_at, expires_at FROM tokens WHERE app_id = ?", appID)
	if errors.Is(err, ErrNotFound) {
		return token.Record{}, token.ErrNone
	}
	return record, err
}

// SaveToken answers token.ErrLater when a token that was fetched after r is stored, by a process that took over
// while r's fetch stood still. One of the future was stored under another clock, and does not count.
func (s *Store) SaveToken(ctx context.Context, appID string, r token.Record) error {
	return s.write(ctx, func(t *tx) error {
		err := t.update(`INSERT INTO tokens (app_id, value, fetched_at, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (app_id) DO UPDATE SET value = excluded.value, fetched_at = excluded.fetched_at,
				expires_at = excluded.expires_at WHERE tokens.fetched_at <= excluded.fetched_at OR tokens.fetched_at > ?`,
			appID, s.sealing().seal(place("tokens", appID, "value"),
				r.Value.Reveal()), millis(r.FetchedAt), millis(r.ExpiresAt), millis(t.now))
		if errors.Is(err, ErrNotFound) {
			return token.ErrLater
		}
		return err
	})
}

func (s *Store) scanToken(appID string, r row) (record token.Record, err error) {
	var sealed []byte
	if err := r.Scan(&sealed, instant{&record.FetchedAt}, instant{&record.ExpiresAt}); err != nil {
		return record, err
	}
	value, err := s.unseal(place("tokens", appID, "value"), sealed)
	record.Value = wechat.Secret(value)
	return record, err
}

// TokenEvent is one fetch of an access token.
type TokenEvent = token.Event

// TokenEventFilter picks fetches of one app; another zero field does not filter, Count 0 means 20.
type TokenEventFilter struct {
	AppID         string // WeChat's
	Reason        token.Reason
	Failed        bool // those that went wrong, and those that a process died over
	Offset, Count int
}

const tokenEventColumns = `id, app_id, reason, asked_by, process, at, ended, took_us, expires_at, err_kind, err_code, err_msg,
	fails, failing_since, next_at`

// TokenEvents answers one page, the newest first, and how many there are in all.
func (s *Store) TokenEvents(ctx context.Context, f TokenEventFilter) ([]TokenEvent, int, error) {
	l := list[TokenEvent]{
		columns: tokenEventColumns, table: "token_events", order: "id DESC", scan: scanTokenEvent,
		offset: f.Offset, count: f.Count,
	}
	l.where.and("app_id = ?", f.AppID)
	andSet(&l.where, "reason", string(f.Reason))
	if f.Failed {
		l.where.and("(ended = 0 OR err_kind <> '')")
	}
	return l.read(ctx, s.readers)
}

// Fetches answers those that began at since or later, oldest first. With BeginFetch and EndFetch it is
// the keeper's token.Fetches.
func (s *Store) Fetches(ctx context.Context, appID string, since time.Time) ([]TokenEvent, error) {
	return many(ctx, s.readers, scanTokenEvent,
		"SELECT "+tokenEventColumns+" FROM token_events WHERE app_id = ? AND at >= ? ORDER BY id", appID, millis(since))
}

// BeginFetch is committed before WeChat is asked: a process that dies over the fetch leaves a trace.
func (s *Store) BeginFetch(ctx context.Context, e TokenEvent) (id int64, err error) {
	err = s.write(ctx, func(t *tx) error {
		id, err = t.beginFetch(e)
		return err
	})
	return id, err
}

func (t *tx) beginFetch(e TokenEvent) (id int64, err error) {
	return t.insert("INSERT INTO token_events (app_id, reason, asked_by, process, at) VALUES (?, ?, ?, ?, ?) RETURNING id",
		e.AppID, string(e.Reason), e.By, e.Process, millis(e.Start))
}

// EndFetch replaces an earlier outcome: an answer may come after it was given up.
func (s *Store) EndFetch(ctx context.Context, e TokenEvent) error {
	return s.write(ctx, func(t *tx) error { return t.endFetch(e) })
}

func (t *tx) endFetch(e TokenEvent) error {
	f := token.FailureOf(e.Err)
	return t.update(`UPDATE token_events SET ended = 1, took_us = ?, expires_at = ?, err_kind = ?, err_code = ?, err_msg = ?,
		fails = ?, failing_since = ?, next_at = ? WHERE id = ?`,
		e.Took.Microseconds(), millis(e.ExpiresAt), f.Kind, f.Code, f.Msg,
		e.Fails, millis(e.FailingSince), millis(e.NextAttempt), e.ID)
}

// AddFetch records a fetch that has ended, and was made by no keeper: the check of new credentials.
func (s *Store) AddFetch(ctx context.Context, e TokenEvent) error {
	return s.write(ctx, func(t *tx) (err error) {
		if e.ID, err = t.beginFetch(e); err != nil {
			return err
		}
		return t.endFetch(e)
	})
}

// PruneTokenEvents forgets fetches that began before.
func (s *Store) PruneTokenEvents(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM token_events WHERE at < ?", millis(before))
	})
}

func scanTokenEvent(r row) (e TokenEvent, err error) {
	var took int64
	var f token.Failure
	err = r.Scan(&e.ID, &e.AppID, &e.Reason, &e.By, &e.Process, instant{&e.Start}, &e.Ended, &took, instant{&e.ExpiresAt},
		&f.Kind, &f.Code, &f.Msg, &e.Fails, instant{&e.FailingSince}, instant{&e.NextAttempt})
	e.Took, e.Err = time.Duration(took)*time.Microsecond, f.Err()
	return e, err
}
