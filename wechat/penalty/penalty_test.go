package penalty

import (
	"testing"
	"time"
)

var letter = time.Date(2018, 5, 4, 8, 30, 0, 0, time.UTC)

func violation(s Step, from time.Time) Violation {
	return Violation{Step: s, From: from, Until: End(s, from), State: Standing}
}

func TestEachStepBansAsLongAsTheLadderSays(t *testing.T) {
	for _, c := range []struct {
		step  Step
		after time.Duration
		bans  bool
	}{
		{Warned, 0, false},
		{Week, -time.Second, false}, {Week, 0, true}, {Week, 7*day - time.Second, true}, {Week, 7 * day, false},
		{Month, 0, true}, {Month, 30*day - time.Second, true}, {Month, 30 * day, false},
		{Forever, 0, true}, {Forever, 20 * 365 * day, true},
	} {
		v := violation(c.step, letter)
		if got := v.Bans(letter.Add(c.after)); got != c.bans {
			t.Errorf("step %d after %v: %t", c.step, c.after, got)
		}
	}
}

func TestTheLadderClimbsByWhatStillCounts(t *testing.T) {
	var all []Violation
	for _, want := range []Step{Warned, Week, Month, Forever, Forever} {
		if got := Next(all); got != want {
			t.Fatalf("after %d violations: %d, want %d", len(all), got, want)
		}
		all = append(all, violation(want, letter))
	}
	all[0].State, all[1].State, all[4].State = Lifted, Mistaken, Appealed
	if got := Next(all); got != Forever {
		t.Errorf("three still count: %d", got)
	}
	all[2].State = Lifted
	if got := Next(all); got != Month {
		t.Errorf("two still count: %d", got)
	}
}

// What the letter says counts: the first one that is recorded need not be the first that there was.
func TestTheLadderCountsWhatALetterSaysAndNobodyRecorded(t *testing.T) {
	at := func(s Step, days int, state string) Violation {
		v := violation(s, letter.Add(time.Duration(days)*day))
		v.State = state
		return v
	}
	for name, c := range map[string]struct {
		all     []Violation
		climbed int
		next    Step
	}{
		"the second first":                  {[]Violation{at(Week, 0, Standing)}, 2, Month},
		"the third first":                   {[]Violation{at(Month, 0, Upheld)}, 3, Forever},
		"the last first":                    {[]Violation{at(Forever, 0, Standing)}, 4, Forever},
		"the second, then the first":        {[]Violation{at(Week, 0, Standing), at(Warned, -9, Standing)}, 2, Month},
		"the second, then one more":         {[]Violation{at(Month, 40, Standing), at(Week, 0, Standing)}, 3, Forever},
		"the second, which is lifted":       {[]Violation{at(Week, 0, Lifted)}, 0, Warned},
		"the third, whose second is lifted": {[]Violation{at(Month, 40, Standing), at(Week, 0, Lifted)}, 2, Month},
		"the second and the first at once":  {[]Violation{at(Week, 0, Standing), at(Warned, 0, Standing)}, 2, Month},
		"a warning twice":                   {[]Violation{at(Warned, 0, Standing), at(Warned, 3, Standing)}, 2, Month},
	} {
		if got := Climbed(c.all); got != c.climbed || Next(c.all) != c.next {
			t.Errorf("%s: climbed %d, next %d; want %d, %d", name, got, Next(c.all), c.climbed, c.next)
		}
	}
}

func TestTheLongestBanIsTheOneInForce(t *testing.T) {
	week, month := violation(Week, letter), violation(Month, letter.Add(-day))
	week.ID, month.ID = 1, 2
	got, banned := InForce([]Violation{week, month}, letter)
	if !banned || got.ID != 2 {
		t.Fatalf("%+v, %t", got, banned)
	}
	month.State = Lifted
	if got, _ = InForce([]Violation{month, week}, letter); got.ID != 1 {
		t.Errorf("a lifted ban is in force: %+v", got)
	}
	if _, banned = InForce([]Violation{month, week}, letter.Add(7*day)); banned {
		t.Error("banned after the last end")
	}
	forever := violation(Forever, letter)
	forever.ID = 3
	if got, _ = InForce([]Violation{forever, week}, letter); got.ID != 3 {
		t.Errorf("a ban without an end is not the longest: %+v", got)
	}
}

func TestALetterThatNamesItsOwnEndIsBelieved(t *testing.T) {
	v := violation(Week, letter)
	v.Until = letter.Add(14 * day)
	if !v.Bans(letter.Add(10 * day)) {
		t.Error("the general rule won over the letter")
	}
}

func TestAnAppealIsGrantedOrRefusedOnce(t *testing.T) {
	for _, c := range []struct {
		from, to string
		may      bool
	}{
		{Standing, Appealed, true}, {Standing, Lifted, false}, {Standing, Mistaken, true},
		{Appealed, Lifted, true}, {Appealed, Upheld, true}, {Upheld, Appealed, true}, {Upheld, Lifted, false},
		{Lifted, Standing, false}, {Mistaken, Standing, true}, {Lifted, "", true}, {Standing, "nonsense", false},
	} {
		if got := May(c.from, c.to); got != c.may {
			t.Errorf("%s to %q: %t", c.from, c.to, got)
		}
	}
}
