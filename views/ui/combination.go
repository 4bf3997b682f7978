package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Combination is the state of a builder: the form's fields and, by its URL, a
// thing to send to a colleague.
type Combination struct {
	Keywords []int    `form:"k" validate:"max=200"`             // keyword ids in order; more than 10 is a finding, not a refusal
	Emphasis int      `form:"e"`                                // 1-based place of the enlarged keyword on the card, 0 for none
	Scene    string   `form:"scene" validate:"max=40"`          // what a subscribe message is for; too long is told, not refused
	Draft    int64    `form:"draft"`                            // the draft this continues, 0 for a new one
	Version  int      `form:"version"`                          // of that draft, as it was opened
	Filter   string   `form:"q"`                                // what the keyword list is narrowed to
	From     string   `form:"from" validate:"max=900"`          // the library's list that the title was chosen from, as a query
	Undo     []string `form:"u" validate:"max=20,dive,max=900"` // the states before the last acts, the latest last
	Key      string   `form:"key" validate:"max=64"`            // one key, one template added
	Do       string   `form:"do"`                               // the act: "add:3", "up:3", "save", …
}

// URL is the state of the builder of a title as an address, to be given to a colleague: without what can be undone.
func (f Combination) URL(titleID string) string {
	q := url.Values{}
	for _, id := range f.Keywords {
		q.Add("k", strconv.Itoa(id))
	}
	if f.Emphasis != 0 {
		q.Set("e", strconv.Itoa(f.Emphasis))
	}
	if f.Scene != "" {
		q.Set("scene", f.Scene)
	}
	if f.Draft != 0 {
		q.Set("draft", strconv.FormatInt(f.Draft, 10))
		q.Set("version", strconv.Itoa(f.Version))
	}
	if f.Filter != "" {
		q.Set("q", f.Filter)
	}
	if f.From != "" {
		q.Set("from", f.From)
	}
	if len(q) == 0 {
		return TitleURL(titleID)
	}
	return TitleURL(titleID) + "?" + q.Encode()
}

// State is the order and the enlarged keyword as one word, such as "3-5-4*2".
func (f Combination) State() string {
	var b strings.Builder
	for i, id := range f.Keywords {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(strconv.Itoa(id))
	}
	if f.Emphasis != 0 {
		b.WriteString("*" + strconv.Itoa(f.Emphasis))
	}
	return b.String()
}

// SetState is the reverse of State; false for what is none.
func (f *Combination) SetState(state string) bool {
	order, emphasis, enlarged := strings.Cut(state, "*")
	var ids []int
	for word := range strings.SplitSeq(order, "-") {
		id, err := strconv.Atoi(word)
		if err != nil && order != "" {
			return false
		}
		if err == nil {
			ids = append(ids, id)
		}
	}
	place, err := strconv.Atoi(emphasis)
	if enlarged && err != nil {
		return false
	}
	f.Keywords, f.Emphasis = ids, place
	return true
}

// List is the library's list that the title was chosen from, at the title, and what was looked for there.
func (f Combination) List(titleID string) (address, text string) {
	q, err := url.ParseQuery(f.From)
	if err != nil || f.From == "" {
		return "/library", ""
	}
	q.Set("peek", titleID)
	return Address("/library", q) + "#" + RowID(titleID), q.Get("q")
}

// RowID is where a title stands in the library's list.
func RowID(titleID string) string { return "title-" + url.PathEscape(titleID) }

// CombinationURL opens the builder on keywords of a title.
func CombinationURL(titleID string, keywordIDs []int) string {
	return Combination{Keywords: keywordIDs}.URL(titleID)
}

// UndoableURL is URL with the states that can be undone, as far as an address goes: without the script
// there is no other place for them.
func (f Combination) UndoableURL(titleID string) string {
	address := f.URL(titleID)
	undo := url.Values{"u": f.Undo[max(0, len(f.Undo)-undoneByAddress):]}
	switch {
	case len(undo["u"]) == 0:
		return address
	case strings.Contains(address, "?"):
		return address + "&" + undo.Encode()
	}
	return address + "?" + undo.Encode()
}

// How many acts can be undone.
const (
	undone          = 20
	undoneByAddress = 5
)

// Arrange changes the order by one act, and remembers the one before. It answers false
// for an act that there is not.
func (f *Combination) Arrange(act, argument string) bool {
	before := f.State()
	switch act {
	case "", "check", "filter":
		return true
	case "undo":
		if last := len(f.Undo) - 1; last >= 0 {
			state := f.Undo[last]
			f.Undo = f.Undo[:last]
			return f.SetState(state)
		}
		return true
	case "copy":
		if !f.SetState(argument) {
			return false
		}
	case "swap":
		if !f.swap(argument) {
			return false
		}
	default:
		if !f.move(act, argument) {
			return false
		}
	}
	if f.State() != before {
		f.Undo = append(f.Undo[max(0, len(f.Undo)-undone+1):], before)
	}
	return true
}

// swap puts another keyword in the place of one: "52:3" puts 3 where 52 is.
func (f *Combination) swap(argument string) bool {
	old, other, _ := strings.Cut(argument, ":")
	from, err := strconv.Atoi(old)
	to, bad := strconv.Atoi(other)
	if err != nil || bad != nil {
		return false
	}
	if at := slices.Index(f.Keywords, from); at >= 0 && !slices.Contains(f.Keywords, to) {
		f.Keywords[at] = to
	}
	return true
}

// move is Arrange for the acts on one keyword: "add:3", "add:3:1" for a place, "up:3".
func (f *Combination) move(act, argument string) bool {
	name, rest, _ := strings.Cut(argument, ":")
	id, err := strconv.Atoi(name)
	if err != nil {
		return false
	}
	place, err := strconv.Atoi(rest)
	if err != nil && (rest != "" || act == "move") {
		return false
	}
	enlarged := f.enlarged()
	at := slices.Index(f.Keywords, id)
	switch {
	case act == "add" && at < 0:
		f.Keywords = append(f.Keywords, id) // more than 10 is a finding, not a click without effect
		if rest != "" {
			moveTo(f.Keywords, len(f.Keywords)-1, place-1)
		}
	case at < 0 || act == "add": // somebody else's page, or a second click: it is as it should be
	case act == "remove":
		f.Keywords = slices.Delete(f.Keywords, at, at+1)
	case act == "up":
		moveTo(f.Keywords, at, at-1)
	case act == "down":
		moveTo(f.Keywords, at, at+1)
	case act == "move":
		moveTo(f.Keywords, at, place-1)
	case act == "emphasis" && enlarged == id:
		enlarged = 0
	case act == "emphasis":
		enlarged = id
	default:
		return false
	}
	f.Emphasis = slices.Index(f.Keywords, enlarged) + 1 // the enlargement follows its keyword
	return true
}

// enlarged is the id of the enlarged keyword, 0 for none.
func (f *Combination) enlarged() int {
	if f.Emphasis >= 1 && f.Emphasis <= len(f.Keywords) {
		return f.Keywords[f.Emphasis-1]
	}
	return 0
}

// moveTo moves one entry; places beyond the ends are the ends.
func moveTo(list []int, from, to int) {
	to = min(max(to, 0), len(list)-1)
	for ; from < to; from++ {
		list[from], list[from+1] = list[from+1], list[from]
	}
	for ; from > to; from-- {
		list[from], list[from-1] = list[from-1], list[from]
	}
}
