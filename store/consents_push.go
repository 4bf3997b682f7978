package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"muban/wechat"
)

// The modes of a message push (消息推送, 消息加解密方式).
const (
	PushPlain  = "plain"
	PushCompat = "compat" // plain and encrypted, together
	PushSafe   = "safe"   // encrypted alone
)

// PushModes lists them, the plainest first.
var PushModes = []string{PushPlain, PushCompat, PushSafe}

// Push is how WeChat pushes an app's events here.
type Push struct {
	App           int64
	Mode          string        // one of PushModes
	Token, AESKey wechat.Secret // as they were entered at WeChat; AESKey "" in plain mode; sealed in the database
	VerifiedAt    time.Time     // when WeChat last asked for the echo and got it; zero for never
	Heard         string        // the last Event that was taken; within a minute, the first
	HeardAt       time.Time     // zero for never
	Refused       string        // one of PushRefusals: why the last push that was not taken was not
	RefusedAt     time.Time     // zero for never
}

// Why a push is not taken.
const (
	PushForged = "forged" // its signature does not fit or is old, or the key does not open it
	PushUnread = "unread" // its body cannot be read
)

// PushRefusals lists them.
var PushRefusals = []string{PushForged, PushUnread}

const pushColumns = "app, mode, token, aes_key, verified_at, heard, heard_at, refused, refused_at"

// PushKey is the key that an EncodingAESKey stands for: 43 letters and digits.
func PushKey(key wechat.Secret) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(key.Reveal() + "=")
	if err != nil || len(raw) != keySize {
		return nil, errors.New("store: an EncodingAESKey has 43 letters and digits")
	}
	return raw, nil
}

// Push answers ErrNotFound for an app that nothing is set up for.
func (s *Store) Push(ctx context.Context, app int64) (Push, error) {
	return one(ctx, s.readers, s.scanPush, "SELECT "+pushColumns+" FROM pushes WHERE app = ?", app)
}

func (s *Store) scanPush(r row) (p Push, err error) {
	var token, key []byte
	if err := r.Scan(&p.App, &p.Mode, &token, &key, instant{&p.VerifiedAt}, &p.Heard, instant{&p.HeardAt}, &p.Refused,
		instant{&p.RefusedAt}); err != nil {
		return p, err
	}
	text, err := s.unseal(place("pushes", p.App, "token"), token)
	if err != nil {
		return Push{}, err
	}
	p.Token = wechat.Secret(text)
	text, err = s.unseal(place("pushes", p.App, "aes_key"), key)
	p.AESKey = wechat.Secret(text)
	return p, err
}

// SetPush sets up an app's push, complete: VerifiedAt is set here. With another token it has to be verified anew.
func (s *Store) SetPush(ctx context.Context, by Actor, p Push) error {
	return s.write(ctx, func(t *tx) error {
		before, err := one(t.ctx, t, s.scanPush, "SELECT "+pushColumns+" FROM pushes WHERE app = ?", p.App)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if before.Token == p.Token {
			p.VerifiedAt = before.VerifiedAt
		}
		ring := s.sealing()
		if err := t.exec(`INSERT INTO pushes (app, mode, token, aes_key, verified_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (app) DO UPDATE SET mode = excluded.mode, token = excluded.token, aes_key = excluded.aes_key,
				verified_at = excluded.verified_at`,
			p.App, p.Mode, ring.seal(place("pushes", p.App, "token"), p.Token.Reveal()),
			ring.seal(place("pushes", p.App, "aes_key"), p.AESKey.Reveal()), millis(p.VerifiedAt)); err != nil {
			return err
		}
		return t.record(by, p.App, ActAppPush, object("app", p.App), map[string]string{"kind": p.Mode})
	})
}

// PushVerified notes that WeChat has asked for the echo.
func (s *Store) PushVerified(ctx context.Context, app int64) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("UPDATE pushes SET verified_at = ? WHERE app = ?", millis(t.now), app)
	})
}

// NotePush notes that an event of this name was taken or, where refused is not "", that a push was not.
func (s *Store) NotePush(ctx context.Context, app int64, event, refused string) error {
	return s.write(ctx, func(t *tx) error {
		if refused != "" {
			return t.exec("UPDATE pushes SET refused = ?, refused_at = ? WHERE app = ?", refused, millis(t.now), app)
		}
		return t.exec("UPDATE pushes SET heard = ?, heard_at = ? WHERE app = ?", event, millis(t.now), app)
	})
}

// MessageReceipt is what became of a message after WeChat had taken it.
type MessageReceipt struct {
	MsgID, TemplateID, OpenID string
	ErrCode                   int
	Status                    string // WeChat's, whole: success, or what went wrong
	SaidAt                    time.Time
}

// Arrived tells whether the message reached its reader.
func (r MessageReceipt) Arrived() bool { return r.ErrCode == 0 && r.Status == "success" }

// KeepReceipts keeps what WeChat told of messages, the first word on each.
func (s *Store) KeepReceipts(ctx context.Context, app int64, all []MessageReceipt) error {
	if len(all) == 0 {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		for _, r := range all {
			if err := t.exec(`INSERT INTO message_receipts (app, msg_id, template_id, openid, err_code, status, said_at, reported_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, msg_id) DO NOTHING`,
				app, r.MsgID, r.TemplateID, r.OpenID, r.ErrCode, r.Status, millis(r.SaidAt), millis(t.now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Receipt answers what WeChat told of a send's message; ErrNotFound while it told nothing, and where it gave the message
// no number.
func (s *Store) Receipt(ctx context.Context, x Send) (MessageReceipt, error) {
	return one(ctx, s.readers, scanReceipt, `SELECT msg_id, template_id, openid, err_code, status, said_at FROM message_receipts
		WHERE app = ? AND msg_id = ? AND msg_id <> '' AND template_id = ? AND openid = ?`, x.App, x.MsgID, x.TemplateID, x.OpenID)
}

func scanReceipt(r row) (m MessageReceipt, err error) {
	err = r.Scan(&m.MsgID, &m.TemplateID, &m.OpenID, &m.ErrCode, &m.Status, instant{&m.SaidAt})
	return m, err
}

// PenaltyNotice is a penalty, or a warning of one, as WeChat pushed it: for a person to record.
type PenaltyNotice struct {
	App                   int64
	PunishID              string
	Warning               bool // nothing is banned yet
	Reason, Content, Rule string
	RuleURL, GuideURL     string
	Functions             []string // that are banned, or will be
	Days                  int      // for how long; 0 where that is not said
	At                    time.Time
	SeenAt                time.Time // when a person put it away; zero before
}

// Letter is what the notice says, a line for each part.
func (n PenaltyNotice) Letter() string {
	var lines []string
	for _, part := range append([]string{n.Rule, n.Reason, n.Content}, n.Functions...) {
		if part != "" {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, "\n")
}

// KeepPenaltyNotice keeps a notice once.
func (s *Store) KeepPenaltyNotice(ctx context.Context, by Actor, n PenaltyNotice) error {
	functions, err := json.Marshal(append([]string{}, n.Functions...))
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		rows, err := t.affect(`INSERT INTO penalty_notices (app, punish_id, warning, reason, content, rule, rule_url, guide_url,
				functions, days, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, punish_id) DO NOTHING`,
			n.App, n.PunishID, n.Warning, n.Reason, n.Content, n.Rule, n.RuleURL, n.GuideURL, string(functions), n.Days, millis(n.At))
		if err != nil || rows == 0 {
			return err
		}
		return t.record(by, n.App, ActPenaltyNotice, object("app", n.App), map[string]string{"reason": n.Reason})
	})
}

// PenaltyNotices answers the notices that nobody has put away, the newest first.
func (s *Store) PenaltyNotices(ctx context.Context, app int64) ([]PenaltyNotice, error) {
	return many(ctx, s.readers, scanNotice, `SELECT app, punish_id, warning, reason, content, rule, rule_url, guide_url, functions,
		days, at, seen_at FROM penalty_notices WHERE app = ? AND seen_at = 0 ORDER BY at DESC, punish_id LIMIT 50`, app)
}

// PutAwayNotice takes a notice off the list. ErrNotFound when it is not on it.
func (s *Store) PutAwayNotice(ctx context.Context, by Actor, app int64, punishID string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE penalty_notices SET seen_at = ? WHERE app = ? AND punish_id = ? AND seen_at = 0",
			millis(t.now), app, punishID); err != nil {
			return err
		}
		return t.record(by, app, ActPenaltySeen, object("app", app), nil)
	})
}

func scanNotice(r row) (n PenaltyNotice, err error) {
	var functions []byte
	err = r.Scan(&n.App, &n.PunishID, &n.Warning, &n.Reason, &n.Content, &n.Rule, &n.RuleURL, &n.GuideURL, &functions,
		&n.Days, instant{&n.At}, instant{&n.SeenAt})
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(functions, &n.Functions)
}
