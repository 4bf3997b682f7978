package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat/alert"
)

// Delivery is one notice on its way to a channel.
type Delivery = alert.Delivery

const deliveryColumns = `id, channel, channel_name, change, cause, coalesce(app, 0), body, made_at, attempts, tried_at, next_at,
	status, code, problem, delivered_at`

// Deliveries answers one page, the newest first, and how many there are in all. Count 0 means 20.
func (s *Store) Deliveries(ctx context.Context, offset, count int) ([]Delivery, int, error) {
	l := list[Delivery]{
		columns: deliveryColumns, table: "deliveries", order: "id DESC", scan: scanDelivery, offset: offset, count: count,
	}
	return l.read(ctx, s.readers)
}

// Delivery answers ErrNotFound when there is none with this id.
func (s *Store) Delivery(ctx context.Context, id int64) (Delivery, error) {
	return one(ctx, s.readers, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries WHERE id = ?", id)
}

// LatestDeliveries answers the last one of each channel that has any.
func (s *Store) LatestDeliveries(ctx context.Context) (map[int64]Delivery, error) {
	all, err := many(ctx, s.readers, scanDelivery, "SELECT "+deliveryColumns+` FROM deliveries
		WHERE id IN (SELECT max(id) FROM deliveries WHERE channel IN (SELECT id FROM channels) GROUP BY channel)`)
	latest := make(map[int64]Delivery, len(all))
	for _, d := range all {
		latest[d.Channel] = d
	}
	return latest, err
}

// AddTestDelivery queues a notice that is about nothing but the channel.
func (s *Store) AddTestDelivery(ctx context.Context, by Actor, c Channel, body []byte) (added Delivery, err error) {
	err = s.write(ctx, func(t *tx) error {
		added, err = t.addDelivery(Delivery{Channel: c.ID, ChannelName: c.Name, Change: alert.Tested, Body: body})
		if err != nil {
			return err
		}
		return t.record(by, 0, ActChannelTest, object("channel", c.ID), map[string]string{"name": c.Name})
	})
	return added, err
}

// TakeDelivery answers alert.ErrNoneDue when there is none. With Delivered and ChannelOf it is the alert.Outbox.
func (s *Store) TakeDelivery(ctx context.Context, until time.Time) (taken Delivery, err error) {
	due, err := one(ctx, s.readers, scan[int], "SELECT count(*) FROM deliveries WHERE next_at > 0 AND next_at <= ?",
		millis(s.now()))
	if err != nil || due == 0 { // nearly always: without a write
		return Delivery{}, errors.Join(err, alert.ErrNoneDue)
	}
	err = s.write(ctx, func(t *tx) error {
		taken, err = one(t.ctx, t, scanDelivery, `UPDATE deliveries SET next_at = ? WHERE id =
			(SELECT id FROM deliveries WHERE next_at > 0 AND next_at <= ? ORDER BY next_at, id LIMIT 1)
			RETURNING `+deliveryColumns, millis(until), millis(t.now))
		if errors.Is(err, ErrNotFound) { // another process was quicker
			return alert.ErrNoneDue
		}
		return err
	})
	return taken, err
}

// Delivered keeps what the attempt came to; ErrNotFound when the delivery is no more. Where it is to be tried again,
// what else waits for the channel waits as long: one that is away does not keep the others back.
func (s *Store) Delivered(ctx context.Context, d Delivery) error {
	return s.write(ctx, func(t *tx) error {
		err := t.update(`UPDATE deliveries SET attempts = ?, tried_at = ?, next_at = ?, status = ?, code = ?, problem = ?,
			delivered_at = ? WHERE id = ?`, d.Attempts, millis(d.TriedAt), millis(d.NextAt), d.Status, d.Code, d.Problem,
			millis(d.DeliveredAt), d.ID)
		if err != nil || d.NextAt.IsZero() {
			return err
		}
		return t.exec(`UPDATE deliveries SET next_at = ? WHERE channel = ? AND next_at > 0 AND next_at < ? AND change <> ?`,
			millis(d.NextAt), d.Channel, millis(d.NextAt), string(alert.Tested))
	})
}

// tell queues what body makes for every channel that is told of such a change in the app. The body is made where
// there is one.
func (t *tx) tell(app int64, change alert.Change, cause alert.Cause, body func() []byte) error {
	scan := func(r row) (c Channel, err error) {
		var apps, topics string
		if err := r.Scan(&c.ID, &c.Name, &apps, &topics); err != nil {
			return c, err
		}
		c.Apps, c.Topics, err = receives(apps, topics)
		return c, err
	}
	channels, err := many(t.ctx, t, scan, "SELECT id, name, apps, topics FROM channels ORDER BY id")
	if err != nil {
		return err
	}
	var made []byte
	for _, c := range channels {
		if !c.Takes(app, change) {
			continue
		}
		if made == nil {
			made = body()
		}
		d := Delivery{Channel: c.ID, ChannelName: c.Name, Change: change, Cause: cause, App: app, Body: made}
		if _, err := t.addDelivery(d); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addDelivery(d Delivery) (Delivery, error) {
	// Of too many that wait the oldest are given up.
	err := t.exec(`UPDATE deliveries SET next_at = 0, problem = 'crowded' WHERE id IN (SELECT id FROM deliveries
		WHERE channel = ? AND next_at > 0 ORDER BY id DESC LIMIT 1000 OFFSET ?)`, d.Channel, alert.QueueHolds-1)
	if err != nil {
		return Delivery{}, err
	}
	return one(t.ctx, t, scanDelivery, `INSERT INTO deliveries (channel, channel_name, change, cause, app, body, made_at, next_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING `+deliveryColumns,
		d.Channel, d.ChannelName, string(d.Change), string(d.Cause), reference(d.App), d.Body, millis(t.now), millis(t.now))
}

func scanDelivery(r row) (d Delivery, err error) {
	err = r.Scan(&d.ID, &d.Channel, &d.ChannelName, &d.Change, &d.Cause, &d.App, &d.Body, instant{&d.MadeAt}, &d.Attempts,
		instant{&d.TriedAt}, instant{&d.NextAt}, &d.Status, &d.Code, &d.Problem, instant{&d.DeliveredAt})
	return d, err
}
