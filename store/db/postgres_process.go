package db

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is where every process on a database hears that something was changed (Tx.Tell).
const channel = "muban_changes"

// usualPatience is Options.Patience where that is 0.
const usualPatience = 30 * time.Second

// presence is one connection of a process for as long as it runs. It holds the lock that the process is known by, and
// hears of changes. When it is lost it is made again, with pauses.
type presence struct {
	db       *postgresDB
	id       int64
	patience time.Duration
	changed  chan struct{}
	stop     context.CancelFunc
	stopped  chan struct{}

	mu     sync.Mutex
	looked time.Time
	unseen map[int64]time.Time // since when a process holds no lock
}

// Join makes the process known to the others on a PostgreSQL database.
func (d *DB) Join(ctx context.Context, o Options) (Process, <-chan struct{}, error) {
	e, ok := d.engine.(*postgresDB)
	if !ok {
		return nil, nil, fmt.Errorf("store: %s is known by its lock file", d.Where())
	}
	p := &presence{db: e, id: e.id, patience: o.Patience, changed: make(chan struct{}, 1),
		stopped: make(chan struct{}), unseen: map[int64]time.Time{}}
	if p.patience == 0 {
		p.patience = usualPatience
	}
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, nil, Classify(err)
	}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	go p.keep(ctx, conn)
	return p, p.changed, nil
}

func (p *presence) ID() int64 { return p.id }

// End closes the connection, and with it gives the lock back.
func (p *presence) End() error {
	p.stop()
	<-p.stopped
	return nil
}

func (p *presence) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, silentWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, p.db.config.Copy())
	if err != nil {
		return nil, err
	}
	if _, err = conn.Exec(ctx, "LISTEN "+channel); err == nil {
		err = p.hold(ctx, conn)
	}
	if err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// hold takes the lock. Where the server has not noticed yet that the connection before was lost, that still has it.
func (p *presence) hold(ctx context.Context, conn *pgx.Conn) error {
	for {
		var held bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", p.id).Scan(&held); err != nil || held {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lastPause / 4):
		}
	}
}

// keep goes on until stop is called.
func (p *presence) keep(ctx context.Context, conn *pgx.Conn) {
	defer close(p.stopped)
	pause := firstPause
	for ctx.Err() == nil {
		if conn == nil {
			var err error
			if conn, err = p.connect(ctx); err != nil {
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
				pause = min(2*pause, lastPause)
				continue
			}
		}
		pause = firstPause
		for {
			p.tell() // also at first: what happened before nobody has heard
			if _, err := conn.WaitForNotification(ctx); err != nil {
				break
			}
		}
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		conn.Close(closing)
		cancel()
		conn = nil
	}
}

func (p *presence) tell() {
	select {
	case p.changed <- struct{}{}:
	default: // somebody will look already
	}
}

// Dead are the processes that have held no lock for as long as the patience is, while it was looked all the time: a
// process that lost its connection, as all do when the server restarts, has it again before that.
func (p *presence) Dead(ctx context.Context, ids []int64) (dead []int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	alive, err := p.holders(ctx)
	now := time.Now()
	if err != nil || now.Sub(p.looked) > max(p.patience, 0)/2 {
		clear(p.unseen)
	}
	if err != nil {
		return nil, err
	}
	p.looked = now
	for _, id := range ids {
		if id == p.id || slices.Contains(alive, id) {
			delete(p.unseen, id)
			continue
		}
		if _, before := p.unseen[id]; !before {
			p.unseen[id] = now
		}
		if now.Sub(p.unseen[id]) >= p.patience {
			dead = append(dead, id)
		}
	}
	return dead, nil
}

// holders are the processes whose locks are held.
func (p *presence) holders(ctx context.Context) (ids []int64, err error) {
	rows, err := p.db.QueryContext(ctx, `SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1 AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		return nil, Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, Classify(rows.Err())
}
