package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// What one act of a user allows (下发条件说明). Kept apart from our client's numbers:
// the simulator states WeChat's side.
const (
	formSends     = 1
	paymentSends  = 3
	rightLifetime = 7 * 24 * time.Hour
	maxRights     = 100_000 // of one app; the oldest are forgotten, so that memory stays bounded
)

// What SubmitForm and Pay refuse.
var (
	ErrUnknownApp = errors.New("sandbox: no such app")
	ErrOpenID     = errors.New("sandbox: an openid has 28 characters of a-z, A-Z, 0-9, - and _")
)

// right is a form_id or a prepay_id.
type right struct {
	ID, OpenID string
	Left       int       // sends
	CreatedAt  time.Time // lives rightLifetime from then
	ReadyAt    time.Time // until then a payment is not yet known to the message servers
}

// SubmitForm lets a user submit a form with report-submit, and returns its form_id.
func (s *Server) SubmitForm(appID, openID string) (string, error) {
	return s.grant(appID, openID, 0, formSends, s.formID)
}

// Pay lets a user complete a payment, and returns its prepay_id. It is good for sending
// after the time that Options.Settle says.
func (s *Server) Pay(appID, openID string) (string, error) {
	return s.PaySettling(appID, openID, s.o.Settle)
}

// PaySettling is Pay with a time of its own until the prepay_id is good for sending.
func (s *Server) PaySettling(appID, openID string, settle time.Duration) (string, error) {
	return s.grant(appID, openID, settle, paymentSends, s.prepayID)
}

func (s *Server) grant(
	appID, openID string, settle time.Duration, sends int, newID func(time.Time) string,
) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return "", ErrUnknownApp
	case !validOpenID(openID):
		return "", ErrOpenID
	}
	now := s.now()
	app.addRight(&right{ID: newID(now), OpenID: openID, Left: sends, CreatedAt: now, ReadyAt: now.Add(settle)}, now)
	s.changes++
	return app.Rights[len(app.Rights)-1].ID, nil
}

func (a *app) addRight(r *right, now time.Time) {
	for len(a.Rights) > 0 && (len(a.Rights) >= maxRights || a.Rights[0].expired(now)) {
		delete(a.rights, a.Rights[0].ID)
		a.Rights = a.Rights[1:]
	}
	a.Rights = append(a.Rights, r)
	a.index(r)
}

func (a *app) index(r *right) {
	if a.rights == nil {
		a.rights = map[string]*right{}
	}
	a.rights[r.ID] = r
}

// formID is 32 hex digits that begin with the time in milliseconds.
func (s *Server) formID(now time.Time) string {
	random := s.mint("form")
	return fmt.Sprintf("%011x%x", now.UnixMilli(), random[:])[:32]
}

// prepayID is wx, the time of payment in Shanghai, and hex digits.
func (s *Server) prepayID(now time.Time) string {
	random := s.mint("payment")
	return fmt.Sprintf("wx%s%x", now.In(shanghai).Format("20060102150405"), random[:10])
}

// use spends one send of the right, or says why it cannot be: 41028 for a right that is
// unknown, unpaid, expired or another user's, 41029 for one that is used up (发送模板消息).
func (a *app) use(id, openID string, now time.Time) int {
	r := a.rights[id]
	switch {
	case r == nil || r.OpenID != openID || r.expired(now) || now.Before(r.ReadyAt):
		return codeFormID
	case r.Left == 0:
		return codeFormUsed
	}
	r.Left--
	return 0
}

func (r *right) expired(now time.Time) bool { return !now.Before(r.CreatedAt.Add(rightLifetime)) }

// OpenIDs are the users of an app who have rights, consents or messages, sorted.
func (s *Server) OpenIDs(appID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	if app == nil {
		return nil
	}
	users, now := map[string]bool{}, s.now()
	for _, r := range app.Rights {
		if !r.expired(now) {
			users[r.OpenID] = true
		}
	}
	for key := range app.Consents {
		users[key.openID()] = true
	}
	for _, d := range app.Delivered {
		users[d.OpenID] = true
	}
	return slices.Sorted(maps.Keys(users))
}

// OpenIDFor gives a person's name an openid under an app: always the same, and like real
// ones with a beginning that all users of the app share.
func OpenIDFor(appID, name string) string {
	return "o" + letters(appID)[:5] + letters(appID + "\x00" + name)[:22]
}

func letters(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func validOpenID(s string) bool { return len(s) == 28 && isBase64URL(s) }
