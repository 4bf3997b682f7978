package ui

import (
	"testing"
	"time"

	"muban/views/text"
)

func TestAnAgeIsSaidInHoursForTwoDaysAndThenInDays(t *testing.T) {
	p := &Page{Text: text.LoadTexts().In("en")}
	for age, want := range map[time.Duration]string{
		-time.Minute: "less than an hour ago", 59 * time.Minute: "less than an hour ago", time.Hour: "1 hour ago",
		47*time.Hour + 59*time.Minute: "47 hours ago", 48 * time.Hour: "2 days ago", 240 * time.Hour: "10 days ago",
	} {
		if got := AgeOf(age).Text(p); got != want {
			t.Errorf("%s: %q, want %q", age, got, want)
		}
	}
}
