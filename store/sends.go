package store

import (
	"context"
	"strings"
	"time"

	"muban/wechat/dispatch"
)

// Send is one attempt to send a message, with its outcome.
type Send = dispatch.Send

// SendFilter picks sends of one app; another nil or zero field does not filter, Count 0 means 20.
type SendFilter struct {
	App                         int64
	Outcome, TemplateID, OpenID string
	ErrCode                     *int
	PersonID                    int64
	Offset, Count               int
}

const sendColumns = `id, app, key, body_hash, template_id, title, openid, right_id, request, outcome, err_code, err_msg,
	reason, took_us, coalesce(person_id, 0), person_name, created_at, finished_at`

// Send answers ErrNotFound when the app has none with this id.
func (s *Store) Send(ctx context.Context, app, id int64) (Send, error) {
	return one(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND id = ?", app, id)
}

// SendByKey answers ErrNotFound when the app has none with this key.
func (s *Store) SendByKey(ctx context.Context, app int64, key string) (Send, error) {
	return sendByKey(ctx, s.readers, app, key)
}

func sendByKey(ctx context.Context, q querier, app int64, key string) (Send, error) {
	return one(ctx, q, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND key = ?", app, key)
}

// Sends answers one page, the newest first, and how many there are in all.
func (s *Store) Sends(ctx context.Context, f SendFilter) ([]Send, int, error) {
	l := list[Send]{
		columns: sendColumns, table: "sends", order: "id DESC", scan: scanSend,
		offset: f.Offset, count: f.Count,
	}
	l.where.and("app = ?", f.App)
	andSet(&l.where, "outcome", f.Outcome)
	andSet(&l.where, "template_id", f.TemplateID)
	andSet(&l.where, "openid", f.OpenID)
	andSet(&l.where, "person_id", f.PersonID)
	if f.ErrCode != nil {
		l.where.and("err_code = ?", *f.ErrCode)
	}
	return l.read(ctx, s.readers)
}

// LastSends answers the newest send, whatever its outcome, of each template that has any.
func (s *Store) LastSends(ctx context.Context, app int64, templateIDs []string) (map[string]Send, error) {
	last := make(map[string]Send, len(templateIDs))
	if len(templateIDs) == 0 {
		return last, nil
	}
	args := []any{app}
	for _, id := range templateIDs {
		args = append(args, id)
	}
	marks := strings.Repeat(", ?", len(templateIDs))[2:]
	all, err := many(ctx, s.readers, scanSend, "SELECT "+sendColumns+` FROM sends WHERE id IN
		(SELECT max(id) FROM sends WHERE app = ? AND template_id IN (`+marks+") GROUP BY template_id)", args...)
	for _, x := range all {
		last[x.TemplateID] = x
	}
	return last, err
}

func scanSend(r row) (x Send, err error) {
	var hash []byte
	var took int64
	err = r.Scan(&x.ID, &x.App, &x.Key, &hash, &x.TemplateID, &x.Title, &x.OpenID, &x.FormID, &x.Request, &x.Outcome,
		&x.ErrCode, &x.ErrMsg, &x.Reason, &took, &x.PersonID, &x.PersonName, instant{&x.CreatedAt}, instant{&x.FinishedAt})
	copy(x.BodyHash[:], hash)
	x.Duration = time.Duration(took) * time.Microsecond
	return x, err
}
