package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"muban/views/text"
	"muban/views/ui"
	"muban/wechat/ledger"
)

// paging reads offset and count from a URL's query. A bad one is never silently
// repaired: problems says what is wrong, and the page shows the nearest list that
// WeChat would give.
func paging(q url.Values, t *text.Text, limit int) (offset, count int, problems ui.Problems) {
	problems = ui.Problems{}
	count = limit
	if typed := q.Get("offset"); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 {
			problems["offset"] = t.T("library.bad_offset", "Value", text.Excerpt(typed))
		} else {
			offset = n
		}
	}
	if typed := q.Get("count"); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 1 || n > limit {
			problems["count"] = t.T("library.bad_count", "Value", text.Excerpt(typed), "Max", limit)
		} else {
			count = n
		}
	}
	return offset, count, problems
}

// filters are the named parts of a URL's query, for the links of a list.
func filters(q url.Values, names ...string) url.Values {
	kept := url.Values{}
	for _, name := range names {
		if value := q.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept
}

// listStatus is 422 where offset or count were refused.
func listStatus(problems ui.Problems) int {
	if len(problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// dayIn is the start of a day of WeChat's calendar, zero for none.
func dayIn(typed, name string, t *text.Text, problems ui.Problems) time.Time {
	if typed == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, ledger.Day(0).Start().Location())
	if err != nil {
		problems[name] = t.T("sends.bad_day", "Value", text.Excerpt(typed))
		return time.Time{}
	}
	return day
}

func dayLabel(d ledger.Day) string { return d.Start().Format(time.DateOnly) }

// timelineCount is how many fetches a page of the timeline shows.
const timelineCount = 20
