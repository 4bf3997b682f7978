// Package auth says who asks and what they may: sessions, passwords and second factors
// of people, API keys of business servers, and the table of permissions. It draws
// nothing; the doors (web/pages, web/api) answer in their own forms.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/sessions"

	"muban/store"
)

const (
	// IdleLife is how long a session may be unused before it is over.
	IdleLife     = 12 * time.Hour
	absoluteLife = 7 * 24 * time.Hour // however much it is used
	// recheck is how long a person is believed without asking the database
	// again: another process (muban user) may have changed them.
	recheck = time.Second
	// touchEvery is how exactly the last use of a session reaches the disk.
	touchEvery = time.Minute
	// sessionsPruned is how often sessions that are over leave the disk.
	sessionsPruned = time.Hour
)

// The values of a gorilla session: columns of its row and its person.
const (
	personValue = "person"
	nameValue   = "name"
	appValue    = "app"
)

// Sessions is a gorilla/sessions store over SQLite. A cookie holds a random
// id of 32 bytes; the database knows its SHA-256 alone, so a stolen copy of the
// database opens no session. The id needs no signature: it is looked up, and
// guessing one is as hard as guessing a key.
//
// A session in use is answered from memory, without a query, until it is ended
// or recheck has passed.
type Sessions struct {
	store  *store.Store
	now    func() time.Time
	Secure bool // cookies are for https alone

	mu    sync.RWMutex
	live  map[[32]byte]*Live
	drops uint64 // how often drop was called

	pruned time.Time // flush's own
}

// Live is a session as it was read, and when it was last used since. Only the atomic
// fields change.
type Live struct {
	Session store.Session
	Access  store.Access // of its person
	checked time.Time
	seen    atomic.Int64 // nanoseconds since 1970
	touched atomic.Bool  // seen is newer than the database's SeenAt
}

// over tells whether the session has ended by itself.
func (l *Live) over(now time.Time) bool {
	return now.UnixNano()-l.seen.Load() >= int64(IdleLife) || !now.Before(l.Session.ExpiresAt)
}

// NewSessions answers those of the store; with secure, cookies are for https alone.
func NewSessions(st *store.Store, now func() time.Time, secure bool) *Sessions {
	s := &Sessions{store: st, now: now, Secure: secure, live: map[[32]byte]*Live{}}
	st.OnSessionsEnded(s.drop)
	return s
}

// cookieName has the __Host- prefix where cookies are Secure: then no other host
// of the domain can set one for us.
func (s *Sessions) cookieName() string {
	if s.Secure {
		return "__Host-muban"
	}
	return "muban"
}

func (s *Sessions) options(maxAge int) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: maxAge, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Begin signs person in under a new session id: an id from before the sign-in,
// which somebody else may have planted, is worth nothing after it.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, person store.Person) error {
	session, err := s.New(r, s.cookieName())
	if err != nil {
		return err
	}
	if session.ID != "" {
		if err := s.store.EndSession(r.Context(), sha256.Sum256([]byte(session.ID))); err != nil {
			return err
		}
		session.ID = ""
	}
	session.Values[personValue] = person.ID
	device, err := s.device(r)
	if err != nil {
		return err
	}
	places := append(networkPlaces(r), devicePlace(device))
	by := store.Actor{PersonID: person.ID, Name: person.Name, Addr: Address(r)}
	if err := s.store.SignedIn(r.Context(), by, s.now(), places...); err != nil {
		return err
	}
	if err := session.Save(r, w); err != nil {
		return err
	}
	s.setDevice(w, device)
	return nil
}

// End signs out whose session the request's is.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Get(r, s.cookieName())
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(r, w)
}

// Get is the session of the request, from gorilla's registry.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session of the request's cookie, or answers an empty one.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.Options = s.options(int(absoluteLife.Seconds()))
	session.IsNew = true
	id, ok := s.cookie(r)
	if !ok {
		return session, nil
	}
	live, err := s.lookup(r.Context(), sha256.Sum256([]byte(id)))
	if errors.Is(err, store.ErrNotFound) {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.ID, session.IsNew = id, false
	session.Values[personValue], session.Values[nameValue], session.Values[appValue] = live.Access.ID, live.Access.Name, live.Session.AppID
	return session, nil
}

// Save writes the session and its cookie. A session without an id gets a new one;
// a negative MaxAge ends it and says in the activity log who signed out.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		person, _ := session.Values[personValue].(int64)
		name, _ := session.Values[nameValue].(string)
		by := store.Actor{PersonID: person, Name: name, Addr: Address(r)}
		return s.store.SignedOut(r.Context(), by, sha256.Sum256([]byte(session.ID)))
	}
	now := s.now()
	if session.ID == "" {
		var id [32]byte
		_, _ = rand.Read(id[:]) // never fails
		session.ID = base64.RawURLEncoding.EncodeToString(id[:])
	}
	row := store.Session{
		Hash: sha256.Sum256([]byte(session.ID)), CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(absoluteLife),
		Addr: Address(r), Agent: browserOf(r.UserAgent()),
	}
	row.PersonID, _ = session.Values[personValue].(int64)
	row.AppID, _ = session.Values[appValue].(int64)
	if err := s.store.SaveSession(r.Context(), row); err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}

// Of is the session of the request's cookie; store.ErrNotFound where there is none, it
// is over, or its person is disabled.
func (s *Sessions) Of(r *http.Request) (*Live, error) {
	id, ok := s.cookie(r)
	if !ok {
		return nil, store.ErrNotFound
	}
	return s.lookup(r.Context(), sha256.Sum256([]byte(id)))
}

// Lapsed tells that the request comes with a session that is over, and whose it was: 0
// where that is not known any more. Who signed out has no session to come with.
func (s *Sessions) Lapsed(r *http.Request) (person int64, lapsed bool) {
	id, ok := s.cookie(r)
	if !ok {
		return 0, false
	}
	old, err := s.store.Session(r.Context(), sha256.Sum256([]byte(id)))
	if err != nil {
		return 0, true
	}
	return old.PersonID, true
}

// cookie is the session id of the request.
func (s *Sessions) cookie(r *http.Request) (string, bool) {
	id := CookieValue(r, s.cookieName())
	return id, len(id) == 43
}

// lookup is Of, by the hash of the id.
func (s *Sessions) lookup(ctx context.Context, hash [32]byte) (*Live, error) {
	now := s.now()
	s.mu.RLock()
	l := s.live[hash]
	s.mu.RUnlock()
	if l == nil || now.Sub(l.checked) >= recheck {
		var err error
		if l, err = s.load(ctx, hash, now); err != nil {
			return nil, err
		}
	}
	if l.over(now) {
		return nil, store.ErrNotFound
	}
	if now.UnixNano()-l.seen.Load() >= int64(touchEvery) {
		l.seen.Store(now.UnixNano())
		l.touched.Store(true)
	}
	return l, nil
}

// load reads the session and its person from the database.
func (s *Sessions) load(ctx context.Context, hash [32]byte, now time.Time) (*Live, error) {
	l := &Live{checked: now}
	s.mu.RLock()
	drops := s.drops
	s.mu.RUnlock()
	var err error
	if l.Session, err = s.store.Session(ctx, hash); err == nil {
		l.Access, err = s.store.PersonAccess(ctx, l.Session.PersonID)
	}
	if err == nil && l.Access.Disabled {
		err = store.ErrNotFound
	}
	if err != nil {
		s.drop([][32]byte{hash})
		return nil, err
	}
	l.seen.Store(l.Session.SeenAt.UnixNano())
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.live[hash]; old != nil {
		l.seen.Store(max(l.seen.Load(), old.seen.Load()))
		l.touched.Store(old.touched.Load())
	}
	if s.drops == drops { // else what was read may be from before an end or a change
		s.live[hash] = l
	}
	return l, nil
}

// Forget makes the next request of the session read it anew.
func (s *Sessions) Forget(hash [32]byte) { s.drop([][32]byte{hash}) }

// drop forgets sessions that ended or whose person changed.
func (s *Sessions) drop(hashes [][32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops++
	for _, h := range hashes {
		delete(s.live, h)
	}
}

// Flush writes when sessions were last used, and removes those that are over. A
// GET itself writes nothing. One goroutine calls it.
func (s *Sessions) Flush(ctx context.Context) error {
	now := s.now()
	var touched []*Live
	s.mu.Lock()
	for hash, l := range s.live {
		if l.touched.Swap(false) {
			touched = append(touched, l)
		}
		if l.over(now) {
			delete(s.live, hash)
		}
	}
	s.mu.Unlock()
	for _, l := range touched {
		err := s.store.TouchSession(ctx, l.Session.Hash, time.Unix(0, l.seen.Load()))
		if err != nil && !errors.Is(err, store.ErrNotFound) { // one that another process ended is no reason to lose the others
			return err
		}
	}
	if now.Sub(s.pruned) < sessionsPruned {
		return nil
	}
	s.pruned = now
	_, err := s.store.PruneSessions(ctx, now.Add(-IdleLife), now)
	return err
}
