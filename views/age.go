package views

import "time"

// Age is how long ago something was, as coarsely as people say it: pages that
// show one stay the same for an hour or a day.
type Age struct {
	Unit string // "hour" or "day"; "" for less than an hour
	N    int
}

// AgeOf counts hours for two days, and then days.
func AgeOf(d time.Duration) Age {
	switch hours := int(d / time.Hour); {
	case hours <= 0:
		return Age{}
	case hours < 48:
		return Age{"hour", hours}
	default:
		return Age{"day", hours / 24}
	}
}

func (a Age) in(p *Page) string {
	if a.Unit == "" {
		return p.T("age.recent")
	}
	return p.T("age."+a.Unit+"s", "Count", a.N)
}
