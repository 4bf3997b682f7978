package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/alert"
)

// Delivery is one notice on its way to the webhook.
type Delivery = alert.Delivery

// Webhook answers a Hook without a URL when none is set.
func (s *Store) Webhook(ctx context.Context) (alert.Hook, error) {
	hook, err := one(ctx, s.readers, s.scanHook, "SELECT url, secret, updated_at FROM webhook")
	if errors.Is(err, ErrNotFound) {
		return alert.Hook{}, nil
	}
	return hook, err
}

// SetWebhook replaces where alerts are sent; an empty secret keeps the stored one. Without a URL nothing is
// sent any more, and what waits is given up. host is what the log shows of the address, "" with none.
func (s *Store) SetWebhook(ctx context.Context, by Actor, hook alert.Hook, host string) error {
	return s.write(ctx, func(t *tx) error {
		before, err := one(t.ctx, t, s.scanHook, "SELECT url, secret, updated_at FROM webhook")
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		changed := hook.Secret != "" && hook.Secret != before.Secret
		if hook.Secret == "" {
			hook.Secret = before.Secret
		}
		if hook.URL == "" {
			err = t.removeHook()
		} else {
			err = s.putHook(t, hook)
		}
		if err != nil {
			return err
		}
		return t.record(by, 0, ActWebhook, "", map[string]any{"host": host, "secret_changed": changed})
	})
}

func (s *Store) putHook(t *tx, hook alert.Hook) error {
	return t.exec(`INSERT INTO webhook (id, url, secret, updated_at) VALUES (1, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, updated_at = excluded.updated_at`,
		s.sealing().seal(place("webhook", 1, "url"), hook.URL.Reveal()),
		s.sealing().seal(place("webhook", 1, "secret"), hook.Secret.Reveal()), millis(t.now))
}

func (t *tx) removeHook() error {
	if err := t.exec("DELETE FROM webhook"); err != nil {
		return err
	}
	return t.exec("UPDATE deliveries SET next_at = 0, problem = 'removed' WHERE next_at > 0")
}

func (s *Store) scanHook(r row) (h alert.Hook, err error) {
	var url, secret []byte
	if err := r.Scan(&url, &secret, instant{&h.UpdatedAt}); err != nil {
		return h, err
	}
	plain, err := s.unseal(place("webhook", 1, "url"), url)
	if err != nil {
		return h, err
	}
	h.URL = wechat.Secret(plain)
	plain, err = s.unseal(place("webhook", 1, "secret"), secret)
	h.Secret = wechat.Secret(plain)
	return h, err
}

const deliveryColumns = `id, change, cause, coalesce(app, 0), body, made_at, attempts, tried_at, next_at, status, problem, delivered_at`

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

// AddTestDelivery queues a notice that is about no alert.
func (s *Store) AddTestDelivery(ctx context.Context, by Actor, body []byte) (added Delivery, err error) {
	err = s.write(ctx, func(t *tx) error {
		added, err = t.addDelivery(Delivery{Change: alert.Tested, Body: body})
		if err != nil {
			return err
		}
		return t.record(by, 0, ActWebhookTest, object("delivery", added.ID), nil)
	})
	return added, err
}

// TakeDelivery answers alert.ErrNoneDue when there is none. With Delivered and Webhook it is the alert.Outbox.
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

// Delivered keeps what the attempt came to; ErrNotFound when the delivery is no more.
func (s *Store) Delivered(ctx context.Context, d Delivery) error {
	return s.write(ctx, func(t *tx) error {
		return t.update(`UPDATE deliveries SET attempts = ?, tried_at = ?, next_at = ?, status = ?, problem = ?, delivered_at = ?
			WHERE id = ?`, d.Attempts, millis(d.TriedAt), millis(d.NextAt), d.Status, d.Problem, millis(d.DeliveredAt), d.ID)
	})
}

func (t *tx) addDelivery(d Delivery) (Delivery, error) {
	return one(t.ctx, t, scanDelivery, `INSERT INTO deliveries (change, cause, app, body, made_at, next_at)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING `+deliveryColumns,
		string(d.Change), string(d.Cause), reference(d.App), d.Body, millis(t.now), millis(t.now))
}

func scanDelivery(r row) (d Delivery, err error) {
	err = r.Scan(&d.ID, &d.Change, &d.Cause, &d.App, &d.Body, instant{&d.MadeAt}, &d.Attempts, instant{&d.TriedAt},
		instant{&d.NextAt}, &d.Status, &d.Problem, instant{&d.DeliveredAt})
	return d, err
}
