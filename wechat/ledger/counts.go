package ledger

import (
	"time"
)

// calendar is WeChat's: a quota is one of a day in China.
var calendar = time.FixedZone("Asia/Shanghai", 8*60*60)

// Day is a day of that calendar, counted from 1970-01-01.
type Day int

// DayOf is the day that an instant falls on.
func DayOf(at time.Time) Day {
	_, offset := at.In(calendar).Zone()
	return Day((at.Unix() + int64(offset)) / (24 * 60 * 60))
}

// Start is the day's first instant.
func (d Day) Start() time.Time { return time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, calendar) }

// DayCount is what became of rights on one day: how many were reported, how many sends were used, how
// many rights were closed for each cause, and how many sends are left of rights that end on it.
type DayCount struct {
	Day                      Day
	Reported                 int // rights that came in
	Used                     int // sends that arrived
	Spent, Expired, Rejected int // rights whose last send was used, that ran out with sends left, that WeChat refused
	Ending                   int // sends, those that are under way among them
}

// Balance is what one openid's rights come to.
type Balance struct {
	OpenID                 string
	Usable                 int       // sends that could begin now
	Ending                 int       // of those, sends of rights that end within a day
	Held, Used             int       // sends
	Spent, Expired, Closed int       // rights: used up by sends, run out, refused by WeChat
	LastUntil              time.Time // when its last usable right ends; zero without one
}

// Soon is how long before its end a right counts as ending.
const Soon = 24 * time.Hour

// BalanceOf adds up the rights of one openid as they are at now.
func BalanceOf(rights []Right, now time.Time) Balance {
	var s Balance
	for _, r := range rights {
		s.OpenID = r.OpenID
		s.add(r, now)
	}
	return s
}

func (s *Balance) add(r Right, now time.Time) {
	s.Used, s.Held = s.Used+r.Used, s.Held+r.Held
	switch r.State(now) {
	case Usable:
		s.Usable += r.Left()
		if r.ExpiresAt.Sub(now) <= Soon {
			s.Ending += r.Left()
		}
		if r.ExpiresAt.After(s.LastUntil) {
			s.LastUntil = r.ExpiresAt
		}
	case EndSpent:
		s.Spent++
	case EndExpired:
		s.Expired++
	case EndInvalid, EndUsedUp:
		s.Closed++
	}
}

// Reported is what a right that came in at now adds to the counts of days.
func Reported(r Right, now time.Time) []DayCount {
	return []DayCount{{Day: DayOf(now), Reported: 1}, {Day: DayOf(r.ExpiresAt), Ending: r.unused()}}
}

// Change is what the step from before to after, at now, adds to the counts of days.
func Change(before, after Right, now time.Time) []DayCount {
	t := DayCount{Day: DayOf(now), Used: after.Used - before.Used}
	if before.Closed != after.Closed {
		switch after.Closed {
		case EndSpent:
			t.Spent++
		case EndExpired:
			t.Expired++
		case EndInvalid, EndUsedUp:
			t.Rejected++
		}
	}
	return []DayCount{t, {Day: DayOf(after.ExpiresAt), Ending: after.unused() - before.unused()}}
}

// unused is how many sends may still arrive under the right, those that are under way among them.
func (r Right) unused() int {
	if r.Closed != "" {
		return 0
	}
	return r.Total - r.Used
}
