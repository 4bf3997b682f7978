package audit

// sameTitle applies 审核说明 1.1 to a title, and 1.2 where no title is the same.
// The title that is combined, and the draft that is being written, are not
// "another".
func sameTitle(p *proposal) []Finding {
	x := p.options.Index
	if x == nil {
		return nil
	}
	var same []Existing
	for _, i := range x.equal[p.title] {
		if e := x.titles[i]; !p.owns(e) {
			same = append(same, e)
		}
	}
	switch {
	case len(same) > 0:
		sortByPlace(same)
		return []Finding{p.sameAs(same)}
	case p.combination:
		return nil
	}
	return similarTitle(p)
}

// sameAs: a second title is refused, but one title may well be combined twice.
func (p *proposal) sameAs(same []Existing) Finding {
	f := Finding{
		Rule: RuleSameTitle, Level: Error, Key: "same." + same[0].place(),
		Args: same[0].args(), Nearest: same, at: theTitle,
	}
	if p.combination {
		f.Level, f.Key = Note, "again."+same[0].place()
	}
	return f
}

// similarTitle applies 1.2. A title that comes from the library is not asked
// whether it resembles others there: WeChat has let it stand beside them.
func similarTitle(p *proposal) []Finding {
	x := p.options.Index
	matches, n := x.matches(p.title, maxNearest)
	kept := matches[:0]
	for _, m := range matches[:n] {
		if !p.owns(x.titles[m.title]) {
			kept = append(kept, m)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	f := Finding{Rule: RuleSimilarTitle, Level: Warning, Key: "similar.near", Nearest: x.existing(kept), at: theTitle}
	if kept[0].score == sameScore {
		f.Level, f.Key = Error, "similar.same"
	}
	f.Args = f.Nearest[0].args()
	if f.Nearest[0].Source == SourceLibrary {
		f.Suggestion = f.Nearest[0].Title
	}
	return []Finding{f}
}

// owns says whether a known title is the proposal's own.
func (p *proposal) owns(e Existing) bool {
	switch e.Source {
	case SourceLibrary:
		return p.options.SourceID != "" && e.ID == p.options.SourceID
	case SourceDraft:
		return p.options.DraftID != "" && e.ID == p.options.DraftID
	}
	return false
}

// place is the source as the catalogue knows it.
func (e Existing) place() string {
	if e.Source == SourceTemplate || e.Source == SourceDraft {
		return e.Source
	}
	return SourceLibrary
}

func (e Existing) args() map[string]string {
	return map[string]string{"title": e.Title, "id": e.ID}
}

// titleMeanings: each line is one thing to a reader. What differs in kind
// stands on different lines: 成功 and 失败, 申请 and 到账, 开始 and 结束.
var titleMeanings = readThesaurus("meanings_title")
