package store

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"muban/wechat"
	"muban/wechat/alert"
)

// Channel is where notices go: a webhook or a group robot.
type Channel = alert.Channel

const channelColumns = "id, make, name, apps, topics, url, secret, updated_at"

// Channels answers them all, by name.
func (s *Store) Channels(ctx context.Context) ([]Channel, error) {
	return many(ctx, s.readers, s.scanChannel, "SELECT "+channelColumns+" FROM channels ORDER BY name, id")
}

// Channel answers ErrNotFound when there is none with this id.
func (s *Store) Channel(ctx context.Context, id int64) (Channel, error) {
	return one(ctx, s.readers, s.scanChannel, "SELECT "+channelColumns+" FROM channels WHERE id = ?", id)
}

// ChannelOf answers a Channel without a URL when the delivery's is removed. It is of the alert.Outbox.
func (s *Store) ChannelOf(ctx context.Context, d Delivery) (Channel, error) {
	c, err := s.Channel(ctx, d.Channel)
	if errors.Is(err, ErrNotFound) {
		return Channel{}, nil
	}
	return c, err
}

// AddChannel sets ID and UpdatedAt. host is what the log shows of the address.
func (s *Store) AddChannel(ctx context.Context, by Actor, c Channel, host string) (added Channel, err error) {
	err = s.write(ctx, func(t *tx) error {
		// What seals the address is bound to the row, so the row comes first.
		id, err := t.insert(`INSERT INTO channels (make, name, apps, topics, url, secret, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, string(c.Make), c.Name, idsText(c.Apps), topicsText(c.Topics), []byte{}, []byte{},
			millis(t.now))
		if err != nil {
			return err
		}
		added = c
		added.ID, added.UpdatedAt = id, stored(t.now)
		if err := s.sealChannel(t, added); err != nil {
			return err
		}
		return t.record(by, appOf(c), ActChannelAdd, object("channel", id), map[string]string{"name": c.Name, "host": host})
	})
	return added, err
}

// SaveChannel replaces a channel; an empty URL or Secret keeps the stored one, unless the make has no secret.
// ErrNotFound when it was removed.
func (s *Store) SaveChannel(ctx context.Context, by Actor, c Channel, host string) error {
	return s.write(ctx, func(t *tx) error {
		before, err := one(t.ctx, t, s.scanChannel, "SELECT "+channelColumns+" FROM channels WHERE id = ?", c.ID)
		if err != nil {
			return err
		}
		changed := c.Secret != "" && c.Secret != before.Secret
		if c.URL == "" {
			c.URL = before.URL
		}
		if can, _ := c.Make.Signs(); c.Secret == "" && can && c.Make == before.Make {
			c.Secret = before.Secret
		}
		err = t.update("UPDATE channels SET make = ?, name = ?, apps = ?, topics = ?, updated_at = ? WHERE id = ?",
			string(c.Make), c.Name, idsText(c.Apps), topicsText(c.Topics), millis(t.now), c.ID)
		if err != nil {
			return err
		}
		if err := s.sealChannel(t, c); err != nil {
			return err
		}
		return t.record(by, appOf(c), ActChannelSave, object("channel", c.ID),
			map[string]any{"name": c.Name, "host": host, "secret_changed": changed})
	})
}

// RemoveChannel gives up what waits for it.
func (s *Store) RemoveChannel(ctx context.Context, by Actor, id int64) error {
	return s.write(ctx, func(t *tx) error {
		c, err := one(t.ctx, t, s.scanChannel, "SELECT "+channelColumns+" FROM channels WHERE id = ?", id)
		if err != nil {
			return err
		}
		if err := t.exec("DELETE FROM channels WHERE id = ?", id); err != nil {
			return err
		}
		err = t.exec("UPDATE deliveries SET next_at = 0, problem = 'removed' WHERE channel = ? AND next_at > 0", id)
		if err != nil {
			return err
		}
		return t.record(by, appOf(c), ActChannelRemove, object("channel", id), map[string]string{"name": c.Name})
	})
}

func (s *Store) sealChannel(t *tx, c Channel) error {
	return t.update("UPDATE channels SET url = ?, secret = ? WHERE id = ?",
		s.sealing().seal(place("channels", c.ID, "url"), c.URL.Reveal()),
		s.sealing().seal(place("channels", c.ID, "secret"), c.Secret.Reveal()), c.ID)
}

func (s *Store) scanChannel(r row) (c Channel, err error) {
	var apps, topics string
	var url, secret []byte
	if err := r.Scan(&c.ID, &c.Make, &c.Name, &apps, &topics, &url, &secret, instant{&c.UpdatedAt}); err != nil {
		return c, err
	}
	if c.Apps, c.Topics, err = receives(apps, topics); err != nil {
		return c, err
	}
	plain, err := s.unseal(place("channels", c.ID, "url"), url)
	if err != nil {
		return c, err
	}
	c.URL = wechat.Secret(plain)
	plain, err = s.unseal(place("channels", c.ID, "secret"), secret)
	c.Secret = wechat.Secret(plain)
	return c, err
}

// receives reads what a channel is told of.
func receives(appsText, topicsText string) (apps []int64, topics []alert.Topic, err error) {
	for _, id := range strings.Fields(appsText) {
		app, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, nil, err
		}
		apps = append(apps, app)
	}
	for _, topic := range strings.Fields(topicsText) {
		topics = append(topics, alert.Topic(topic))
	}
	return apps, topics, nil
}

// appOf is the app in whose log a channel's changes stand: its only one, 0 where there are several.
func appOf(c Channel) int64 {
	if len(c.Apps) == 1 {
		return c.Apps[0]
	}
	return 0
}

func idsText(ids []int64) string {
	var words []string
	for _, id := range ids {
		words = append(words, strconv.FormatInt(id, 10))
	}
	return strings.Join(words, " ")
}

func topicsText(topics []alert.Topic) string {
	var words []string
	for _, topic := range topics {
		words = append(words, string(topic))
	}
	return strings.Join(words, " ")
}
