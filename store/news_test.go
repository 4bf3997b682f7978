package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"muban/wechat/alert"
)

// told are the changes that wait for a channel, the oldest first, as "change of title by name: reason".
func (f *fixture) told(t testing.TB, c Channel) (all []string) {
	t.Helper()
	list, _, err := f.Deliveries(t.Context(), 0, 100)
	noError(t, err)
	for i := len(list) - 1; i >= 0; i-- {
		var n News
		noError(t, json.Unmarshal(list[i].Body, &n))
		if list[i].Channel == c.ID {
			all = append(all, fmt.Sprintf("%s of %s by %s: %s", n.Change, n.Draft.Title, n.By, n.Reason))
		}
	}
	return all
}

func (f *fixture) channel(t testing.TB, apps []int64, topics ...alert.Topic) Channel {
	t.Helper()
	c, err := f.AddChannel(t.Context(), f.by, Channel{Make: alert.WeCom, Name: "group", Apps: apps, Topics: topics, URL: "https://robot.example/"}, "")
	noError(t, err)
	return c
}

func tellAll(n News) []byte {
	body, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return body
}

func TestEveryStepOfADraftIsToldToTheChannelsThatChoseIt(t *testing.T) {
	f := newFixture(t)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-other", Secret: canary})
	noError(t, err)
	f.in(t, "approved") // before anybody was there to put it into words
	all, verdicts, elsewhere := f.channel(t, nil, alert.Topics()...), f.channel(t, []int64{f.app.ID}, alert.Verdicts), f.channel(t, []int64{other.ID}, alert.Topics()...)
	several := f.channel(t, []int64{other.ID, f.app.ID}, alert.Verdicts)
	f.in(t, "approved")
	equal(t, "without words", len(f.told(t, all)), 0)
	f.TellBy(tellAll)
	f.in(t, "accepted")
	d := f.in(t, "review")
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "rejected", Reason{"title", "first"}, Reason{"", "second"})))
	refused := f.in(t, "submitted")
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(refused, "letter", Reason{"", "its words"})))
	want := []string{
		"review_asked of in accepted by admin: ", "approved of in accepted by admin: ", "accepted of in accepted by admin: ",
		"review_asked of in review by admin: ", "rejected of in review by admin: first",
		"review_asked of in submitted by admin: ", "approved of in submitted by admin: ", "refused of in submitted by admin: its words",
	}
	equal(t, "everything", fmt.Sprintf("%q", f.told(t, all)), fmt.Sprintf("%q", want))
	equal(t, "verdicts alone", fmt.Sprintf("%q", f.told(t, verdicts)), fmt.Sprintf("%q", []string{want[1], want[4], want[6]}))
	equal(t, "of another app", len(f.told(t, elsewhere)), 0)
	equal(t, "of several apps", fmt.Sprintf("%q", f.told(t, several)), fmt.Sprintf("%q", []string{want[1], want[4], want[6]}))
	kept, err := f.Channel(t.Context(), several.ID)
	noError(t, err)
	equal(t, "its apps", fmt.Sprint(kept.Apps), fmt.Sprint(several.Apps))
}

func TestAStepThatIsUndoneIsToldToNobody(t *testing.T) {
	f := newFixture(t)
	c := f.channel(t, nil, alert.Topics()...)
	f.TellBy(tellAll)
	d := f.draft(t, "title")
	wantError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version+1), ErrConflict)
	equal(t, "told", len(f.told(t, c)), 0)
}

func TestRightsThatRunOutAreToldOnceADay(t *testing.T) {
	f := newFixture(t)
	c := f.channel(t, nil, alert.Rights)
	f.TellBy(tellAll)
	other := open(t, f.dir, f.clock)
	other.TellBy(tellAll)
	for day, want := range map[int]bool{100: true, 101: true} {
		for i, s := range []*Store{f.Store, other, f.Store} {
			told, err := s.TellOfRights(t.Context(), f.app.ID, day, 3)
			noError(t, err)
			equal(t, "told", told, want && i == 0)
		}
		known, err := f.RightsTold(t.Context(), f.app.ID, day)
		noError(t, err)
		equal(t, "known", known, true)
	}
	equal(t, "notices", len(f.told(t, c)), 2)
}

func TestOfTooManyThatWaitForAChannelTheOldestAreGivenUp(t *testing.T) {
	f := newFixture(t)
	c, other := f.channel(t, nil, alert.Alerts), f.channel(t, nil, alert.Alerts)
	for range alert.QueueHolds + 3 {
		_, err := f.AddTestDelivery(t.Context(), f.by, c, []byte("{}"))
		noError(t, err)
	}
	_, err := f.AddTestDelivery(t.Context(), f.by, other, []byte("{}"))
	noError(t, err)
	waiting := map[int64]int{}
	list, _, err := f.Deliveries(t.Context(), 0, 1000)
	noError(t, err)
	for _, d := range list {
		if d.Problem == "" {
			waiting[d.Channel]++
		} else if d.ID > 3 || d.Problem != "crowded" || d.State() != "given_up" {
			t.Errorf("given up: %+v", d)
		}
	}
	equal(t, "waiting", fmt.Sprint(waiting[c.ID], waiting[other.ID]), fmt.Sprint(alert.QueueHolds, 1))
}

// A group whose server is away does not keep the others waiting behind it.
func TestWhatElseWaitsForAChannelThatFailedWaitsAsLong(t *testing.T) {
	f := newFixture(t)
	c, other := f.channel(t, nil, alert.Alerts), f.channel(t, nil, alert.Alerts)
	for range 3 {
		f.raise(t)
		f.clear(t)
	}
	d, err := f.TakeDelivery(t.Context(), f.clock.now().Add(time.Minute))
	noError(t, err)
	equal(t, "the first", d.Channel, c.ID)
	d.Attempts, d.Problem, d.NextAt = 1, "timeout", f.clock.now().Add(time.Hour)
	noError(t, f.Delivered(t.Context(), d))
	test, err := f.AddTestDelivery(t.Context(), f.by, c, []byte("{}"))
	noError(t, err)
	var got []int64
	for {
		next, err := f.TakeDelivery(t.Context(), f.clock.now().Add(time.Hour))
		if errors.Is(err, alert.ErrNoneDue) {
			break
		}
		noError(t, err)
		got = append(got, next.Channel)
		if next.Channel == c.ID {
			equal(t, "what is due of the channel that failed", next.ID, test.ID)
		}
	}
	equal(t, "due now", len(got), 6+1)
	equal(t, "of the other", got[0], other.ID)
}
