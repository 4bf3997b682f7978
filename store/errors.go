package store

import (
	"errors"

	"muban/store/db"
	"muban/wechat/dispatch"
)

// What callers tell apart with errors.Is.
var (
	ErrNotFound          = db.ErrNotFound // also a reference to a row that is not there
	ErrTaken             = db.ErrTaken
	ErrConflict          = errors.New("store: changed by somebody else in the meantime")
	ErrState             = errors.New("store: not in a state that allows this")
	ErrReplayed          = dispatch.ErrReplayed
	ErrKeyReused         = dispatch.ErrKeyReused
	ErrLastAdministrator = errors.New("store: the last enabled administrator must stay")
	ErrOwnDraft          = errors.New("store: one's own draft is reviewed by somebody else")
	ErrNoApp             = errors.New("store: no app would be left to the person")
	ErrLastApp           = errors.New("store: the last app at work must stay")
	ErrFull              = db.ErrFull
	ErrBusy              = db.ErrBusy
	ErrDisk              = db.ErrDisk
	ErrAway              = db.ErrAway
	ErrDamaged           = db.ErrDamaged
	ErrNewer             = db.ErrNewer
	ErrOlder             = db.ErrOlder
	ErrForeign           = db.ErrForeign
	ErrInUse             = db.ErrInUse
	ErrKey               = errors.New("store: muban.key does not fit the database")
)

// Unavailable tells whether err is trouble of the storage: a full disk, a lock that another process keeps, a disk that
// fails, a database that does not answer. Nothing of the change was done, and it may be asked for again once the trouble
// is over; of a database that went away in its middle it is not known, so that what must not be done twice has a key.
func Unavailable(err error) bool { return db.Trouble(err) }
