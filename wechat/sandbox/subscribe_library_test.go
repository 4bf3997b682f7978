package sandbox_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muban/wechat/sandbox"
	"muban/wechat/values"
)

// allTitles reads the titles of some categories page by page.
func (w *world) allTitles(ids string) (all []subscribeLine) {
	w.Helper()
	for {
		a := w.look(titlesPath, "&ids="+ids+"&start="+itoa(len(all))+"&limit=30")
		w.works(a.answer)
		all = append(all, a.Data...)
		if len(a.Data) == 0 || len(all) >= a.Count {
			return all
		}
	}
}

func (w *world) categories() (ids []string) {
	w.Helper()
	a := w.look(categoryPath, "")
	w.works(a.answer)
	for _, c := range a.Data {
		if c.Name == "" {
			w.Errorf("category %d has no name", c.ID)
		}
		ids = append(ids, itoa(c.ID))
	}
	return ids
}

func TestTheAccountHasADozenCategoriesAnd300TitlesInThem(t *testing.T) {
	for _, seed := range seeds {
		w := inProcess(t, sandbox.Options{Seed: seed})
		ids := w.categories()
		titles := w.allTitles(strings.Join(ids, ","))
		seen, long := map[int]bool{}, map[string]bool{}
		for _, title := range titles {
			seen[title.TID] = true
			if long[title.CategoryID] = long[title.CategoryID] || title.Type == 3; title.Type != 2 && title.Type != 3 {
				t.Errorf("%+v", title)
			}
		}
		if len(ids) < 12 || len(titles) < 300 || len(seen) != len(titles) {
			t.Errorf("seed %d: %d categories, %d titles, %d tids", seed, len(ids), len(titles), len(seen))
		}
		for _, id := range ids {
			public := slices.Contains([]string{"616", "86", "139", "198", "62"}, id)
			if n := len(w.allTitles(id)); n < 20 || long[id] != public {
				t.Errorf("category %s: %d titles, long-term %v", id, n, long[id])
			}
		}
	}
}

// Of what public sources tell nothing is changed; what is ours in the file says so.
func TestTheRealTitlesComeFirst(t *testing.T) {
	raw, err := os.ReadFile("subscribe_library.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	w := inProcess(t, sandbox.Options{})
	all := w.allTitles(strings.Join(w.categories(), ","))
	n := 0
	for line := range strings.Lines(string(raw)) {
		var title struct {
			TID, Title string
			Categories []string
			Keywords   []struct {
				KID        int
				Name, Rule string
			}
		}
		if err := json.Unmarshal([]byte(line), &title); err != nil {
			t.Fatal(err)
		}
		if len(title.Categories) == 0 {
			continue // a card
		}
		if got := all[n]; strconv.Itoa(got.TID) != title.TID || got.Title != title.Title {
			t.Errorf("%d: %+v, want %s", n, got, line)
		}
		n++
		keywords := w.look(keywordsPath, "&tid="+title.TID)
		for i, k := range title.Keywords {
			if got := keywords.Data[i]; got.KID != k.KID || got.Name != k.Name || got.Rule != k.Rule {
				t.Errorf("%s: %+v, want %+v", title.Title, got, k)
			}
		}
	}
	if n < 70 {
		t.Errorf("%d real titles", n)
	}
}

func TestEveryExampleFitsItsType(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	rules := map[string]int{}
	for _, title := range w.allTitles(strings.Join(w.categories(), ",")) {
		a := w.look(keywordsPath, "&tid="+itoa(title.TID))
		w.works(a.answer)
		kids := map[int]bool{}
		for _, k := range a.Data {
			kids[k.KID] = true
			rules[k.Rule]++
			v := values.Check(k.Rule, k.Example, nil)
			if _, known := values.RuleOf(k.Rule); !known || !v.OK() || k.Name == "" {
				t.Errorf("%s %s: %s %q", title.Title, k.Name, k.Rule, k.Example)
			}
		}
		if len(kids) != len(a.Data) || a.Count != len(a.Data) || len(kids) < 2 {
			t.Errorf("%s: %d keywords, %d ids", title.Title, len(a.Data), len(kids))
		}
	}
	for _, rule := range strings.Fields("thing number character_string time date amount phone_number car_number name phrase enum_string") {
		if rules[rule] == 0 {
			t.Errorf("no %s", rule)
		}
	}
}

func TestTheSameSeedGivesTheSameTitles(t *testing.T) {
	first, again := inProcess(t, sandbox.Options{Seed: 7}), inProcess(t, sandbox.Options{Seed: 7})
	other := inProcess(t, sandbox.Options{Seed: 8})
	ids := strings.Join(first.categories(), ",")
	a := asJSON(first.allTitles(ids))
	if a != asJSON(again.allTitles(ids)) || a == asJSON(other.allTitles(ids)) {
		t.Error("the seed does not say it all")
	}
}

func TestACategoryCanHave2000Titles(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	if slices.Contains(w.categories(), sandbox.CategoryMany) {
		t.Fatal("it is among the usual ones")
	}
	w.refused(200019, w.look(titlesPath, "&ids="+sandbox.CategoryMany+"&start=0&limit=1").answer)
	var set struct {
		Categories []string
		Titles     int
	}
	w.control("POST", "/sandbox/categories", `{"appid":"`+sandbox.DefaultAppID+`","categories":["612","900"]}`, &set)
	if len(set.Categories) != 2 || set.Titles < 2000 || len(w.allTitles("900")) != 2000 || len(w.categories()) != 2 {
		t.Errorf("%+v, %d titles", set, len(w.allTitles("900")))
	}
	w.control("POST", "/sandbox/categories", `{"appid":"`+sandbox.DefaultAppID+`","categories":[]}`, &set)
	if len(w.categories()) < 12 {
		t.Error("the usual ones are not back")
	}
}
