package pages

import (
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

const (
	chartDays  = 30 // how far back the charts go
	endingDays = 7  // for how long a right lasts, and so how far ahead
)

// drawnOutcomes are the series of the chart of sends, from the bottom up.
var drawnOutcomes = []string{dispatch.Sent, dispatch.Refused, dispatch.Unknown}

// barOf is how an outcome's bars look.
func barOf(outcome string) string {
	switch outcome {
	case dispatch.Sent:
		return "g"
	case dispatch.Refused:
		return "r"
	}
	return "u"
}

// outcomeSeries are the parts of a bar of sends.
func outcomeSeries(t *text.Text) []ui.Series {
	var all []ui.Series
	for _, outcome := range drawnOutcomes {
		all = append(all, ui.Series{Name: t.T("outcome." + outcome), Class: barOf(outcome)})
	}
	return all
}

// endings counts sends as they ended, in the order of drawnOutcomes.
func endings(counts []store.SendCount, from, to ledger.Day) []int {
	sums := make([]int, len(drawnOutcomes))
	for _, n := range counts {
		if at := slices.Index(drawnOutcomes, n.Outcome); at >= 0 && n.Day >= from && n.Day <= to {
			sums[at] += n.Sends
		}
	}
	return sums
}

// ends is such counts as a whole: how many there are, and which part of them was sent.
func ends(sums []int) views.Ended {
	e := views.Ended{Counts: sums}
	for _, n := range sums {
		e.All += n
	}
	e.Rate = ui.Percent(sums[0], e.All)
	return e
}

// rated is what stands behind a bar's counts: the part that was sent, where anything was.
func rated(t *text.Text, sums []int) string {
	if e := ends(sums); e.All > 0 {
		return t.T("sends.rate_is", "Rate", e.Rate)
	}
	return ""
}

// sendsByDay draws how sends ended, day by day up to the last one; each bar leads to the sends of its day, in the list of
// a kind as a filter names it.
func sendsByDay(t *text.Text, listed string, counts []store.SendCount, last ledger.Day, days int, today ledger.Day) ui.Chart {
	c := ui.Chart{ID: "sends-chart", Title: t.T("sends.chart", "Days", days), Step: t.T("chart.day"), Stacked: true,
		Series: outcomeSeries(t)}
	for day := last + 1 - ledger.Day(days); day <= last; day++ {
		sums := endings(counts, day, day)
		typed := dayLabel(day)
		c.Groups = append(c.Groups, ui.Group{Label: ui.DayName(t, day), Counts: sums, Note: rated(t, sums),
			Href: views.SendsURL(views.SendsFilter{Kind: listed, From: typed, To: typed}), Tick: tickOf(t, day, today, days)})
	}
	return c
}

// lastDays draws what became of the allowances of one sort, day by day up to today. countsOn answers a day's counts, one
// for each series.
func lastDays(t *text.Text, id string, today ledger.Day, series []ui.Series, countsOn func(ledger.Day) []int) ui.Chart {
	c := ui.Chart{ID: id, Title: t.T("rights.chart", "Days", chartDays), Step: t.T("chart.day"), Tall: "tall", Series: series}
	for day := today + 1 - chartDays; day <= today; day++ {
		c.Groups = append(c.Groups, ui.Group{Label: ui.DayName(t, day), Tick: tickOf(t, day, today, chartDays), Counts: countsOn(day)})
	}
	return c
}

// tickOf names one day in seven below a long axis, and every one below a short.
func tickOf(t *text.Text, day, today ledger.Day, days int) string {
	switch {
	case day == today:
		return t.T("chart.today")
	case days <= endingDays || today-day > 2 && (today-day)%7 == 0:
		return ui.DayTick(day)
	}
	return ""
}

// sendsByHour draws how the sends of one day ended.
func sendsByHour(t *text.Text, counts []store.HourCount, day ledger.Day) ui.Chart {
	c := ui.Chart{ID: "sends-chart", Title: t.T("sends.chart_hours", "Day", ui.DayName(t, day)), Step: t.T("chart.hour"),
		Stacked: true, Tall: "tall", Series: outcomeSeries(t)}
	for hour := range 24 {
		g := ui.Group{Label: twoDigits(hour) + ":00", Counts: make([]int, len(drawnOutcomes))}
		if hour%6 == 0 {
			g.Tick = g.Label
		}
		c.Groups = append(c.Groups, g)
	}
	for _, n := range counts {
		hour := int(n.Hour.Sub(day.Start()) / time.Hour)
		if at := slices.Index(drawnOutcomes, n.Outcome); at >= 0 && hour >= 0 && hour < 24 {
			c.Groups[hour].Counts[at] += n.Sends
		}
	}
	for i, g := range c.Groups {
		c.Groups[i].Note = rated(t, g.Counts)
	}
	return c
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// endingByDay draws how many sends are left by the day that they end on, from today on.
func endingByDay(t *text.Text, days []ledger.DayCount, today ledger.Day) ui.Chart {
	c := ui.Chart{ID: "ending-chart", Title: t.T("rights.ending_chart"), Step: t.T("chart.day"), Week: true,
		Series: []ui.Series{{Name: t.T("rights.ending_sends"), Class: "n"}}}
	for day := today; day < today+endingDays; day++ {
		g := ui.Group{Label: ui.DayName(t, day), Tick: ui.Weekday(t, day), Counts: []int{leftOn(days, day)},
			Href: views.RightsURL(views.RightsFilter{By: "right", State: ledger.Usable, Ends: dayLabel(day)})}
		if day == today {
			g.Tick, g.Class = t.T("chart.today"), "u"
		}
		c.Groups = append(c.Groups, g)
	}
	return c
}

func leftOn(days []ledger.DayCount, day ledger.Day) int {
	for _, n := range days {
		if n.Day == day {
			return n.Ending
		}
	}
	return 0
}

// codesOf are the errcodes of counts, the most frequent first; 0 stands for sends that WeChat gave none for.
func codesOf(t *text.Text, counts []store.SendCount, from, to ledger.Day) []views.CodeCount {
	sums := map[int]int{}
	for _, n := range counts {
		if n.Outcome == dispatch.Refused && n.Day >= from && n.Day <= to {
			sums[n.ErrCode] += n.Sends
		}
	}
	var all []views.CodeCount
	for code, n := range sums {
		all = append(all, views.CodeCount{Code: code, Cause: text.CodeName(t, code), Count: n})
	}
	slices.SortFunc(all, func(a, b views.CodeCount) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return a.Code - b.Code
	})
	return all
}
