package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/sessions"

	"muban/store"
)

const (
	idleLife     = 12 * time.Hour     // a session unused for this long is over
	absoluteLife = 7 * 24 * time.Hour // however much it is used
	// recheck is how long a person is believed without asking the database
	// again: another process (muban user) may have changed them.
	recheck = time.Second
	// touchEvery is how exactly the last use of a session reaches the disk.
	touchEvery = time.Minute
	// pruneEvery is how often sessions that are over leave the disk.
	pruneEvery = time.Hour
)

// The values of a gorilla session: columns of its row and its person.
const (
	personValue = "person"
	nameValue   = "name"
	appValue    = "app"
)

// sessionStore is a gorilla/sessions store over SQLite. A cookie holds a random
// id of 32 bytes; the database knows its SHA-256 alone, so a stolen copy of the
// database opens no session. The id needs no signature: it is looked up, and
// guessing one is as hard as guessing a key.
//
// A session in use is answered from memory, without a query, until it is ended
// or recheck has passed.
type sessionStore struct {
	store  *store.Store
	now    func() time.Time
	secure bool

	mu    sync.RWMutex
	live  map[[32]byte]*liveSession
	drops uint64 // how often drop was called

	pruned time.Time // flush's own
}

// liveSession is a session as it was read, and when it was last used since. Only
// the atomic fields change.
type liveSession struct {
	session  store.Session
	standing store.Access
	checked  time.Time
	seen     atomic.Int64 // nanoseconds since 1970
	touched  atomic.Bool  // seen is newer than the database's SeenAt
}

// over tells whether the session has ended by itself.
func (l *liveSession) over(now time.Time) bool {
	return now.UnixNano()-l.seen.Load() >= int64(idleLife) || !now.Before(l.session.ExpiresAt)
}

func newSessionStore(st *store.Store, now func() time.Time, secure bool) *sessionStore {
	s := &sessionStore{store: st, now: now, secure: secure, live: map[[32]byte]*liveSession{}}
	st.OnSessionsEnded(s.drop)
	return s
}

// cookieName has the __Host- prefix where cookies are Secure: then no other host
// of the domain can set one for us.
func (s *sessionStore) cookieName() string {
	if s.secure {
		return "__Host-muban"
	}
	return "muban"
}

func (s *sessionStore) options(maxAge int) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: maxAge, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Get is the session of the request, from gorilla's registry.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session of the request's cookie, or answers an empty one.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
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
	session.Values[personValue], session.Values[nameValue], session.Values[appValue] = live.standing.ID, live.standing.Name, live.session.AppID
	return session, nil
}

// Save writes the session and its cookie. A session without an id gets a new one;
// a negative MaxAge ends it and says in the activity log who signed out.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		person, _ := session.Values[personValue].(int64)
		name, _ := session.Values[nameValue].(string)
		by := store.Actor{PersonID: person, Name: name, Addr: address(r)}
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
		Addr: address(r), Agent: browserOf(r.UserAgent()),
	}
	row.PersonID, _ = session.Values[personValue].(int64)
	row.AppID, _ = session.Values[appValue].(int64)
	if err := s.store.SaveSession(r.Context(), row); err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}

// cookie is the session id of the request.
func (s *sessionStore) cookie(r *http.Request) (string, bool) {
	id := cookieValue(r, s.cookieName())
	return id, len(id) == 43
}

// cookieValue is the value of the request's cookie called name, "" for none. It
// reads the header itself: parsing every cookie is most of what the check of a
// session would cost.
func cookieValue(r *http.Request, name string) string {
	for _, line := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if key == name {
				return value
			}
		}
	}
	return ""
}

// lookup answers the session and its person's standing, or store.ErrNotFound where
// there is none, it is over, or its person is disabled.
func (s *sessionStore) lookup(ctx context.Context, hash [32]byte) (*liveSession, error) {
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
func (s *sessionStore) load(ctx context.Context, hash [32]byte, now time.Time) (*liveSession, error) {
	l := &liveSession{checked: now}
	s.mu.RLock()
	drops := s.drops
	s.mu.RUnlock()
	var err error
	if l.session, err = s.store.Session(ctx, hash); err == nil {
		l.standing, err = s.store.PersonAccess(ctx, l.session.PersonID)
	}
	if err == nil && l.standing.Disabled {
		err = store.ErrNotFound
	}
	if err != nil {
		s.drop([][32]byte{hash})
		return nil, err
	}
	l.seen.Store(l.session.SeenAt.UnixNano())
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

// drop forgets sessions that ended or whose person changed.
func (s *sessionStore) drop(hashes [][32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops++
	for _, h := range hashes {
		delete(s.live, h)
	}
}

// flush writes when sessions were last used, and removes those that are over. A
// GET itself writes nothing (faults.md 31). One goroutine calls it.
func (s *sessionStore) flush(ctx context.Context) error {
	now := s.now()
	var touched []*liveSession
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
		err := s.store.TouchSession(ctx, l.session.Hash, time.Unix(0, l.seen.Load()))
		if err != nil && !errors.Is(err, store.ErrNotFound) { // one that another process ended is no reason to lose the others
			return err
		}
	}
	if now.Sub(s.pruned) < pruneEvery {
		return nil
	}
	s.pruned = now
	_, err := s.store.PruneSessions(ctx, now.Add(-idleLife), now)
	return err
}
