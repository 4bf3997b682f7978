package audit

import (
	"strings"
	"unicode"
)

// scenario applies 审核说明 1.5 to a tight title.
func (c *checker) scenario(text string) {
	f := Finding{Rule: RuleScenario}
	switch substanceOf(text) {
	case noScenario:
		f.Level, f.Key = Error, "scenario.none"
	case vagueScenario:
		f.Level, f.Key = Warning, "scenario.vague"
	case stateless:
		f.Level, f.Key = Warning, "scenario.stateless"
	case unreadable:
		f.Level, f.Key = Warning, "scenario.unreadable"
	default:
		return
	}
	c.add(theTitle, f)
}

// scene is what a title says of a service, from nothing to enough.
type scene uint8

const (
	namedScenario scene = iota
	noScenario          // 系统通知: nothing
	vagueScenario       // 到期提醒: what happened, but not to what
	stateless           // 医院管理信息通知: about what, but not what happened
	unreadable          // ABC通知: no word of Chinese that could name a service
)

// substanceOf judges what a tight title says apart from its ending. A title of
// words that fit every service alike names none.
func substanceOf(text string) scene {
	text = withoutEnding(text)
	var seen [event + 1]bool
	var last substance
	han, known := false, true
	for len(text) > 0 {
		piece, s, ok := substanceWords().next(text)
		text = text[len(piece):]
		han = han || strings.ContainsFunc(piece, isHan)
		if ok {
			seen[s] = true
			last = s
			continue
		}
		if strings.ContainsFunc(piece, unicode.IsLetter) {
			known, last = false, concrete
		}
	}
	switch {
	case known && !seen[concrete]:
		return sceneOf(seen[carrier] || seen[datum], seen[state], seen[event])
	case !han:
		return unreadable
	case last == datum && !seen[state] && !seen[event]:
		return stateless
	}
	return namedScenario
}

// sceneOf judges a title that holds no word of its own.
func sceneOf(carrier, state, event bool) scene {
	switch {
	case event && carrier:
		return namedScenario // 服务到期提醒, 业务受理通知
	case event, state && carrier:
		return vagueScenario // 到期提醒, 业务状态通知
	}
	return noScenario
}

func withoutEnding(text string) string {
	return strings.TrimSuffix(text, endingOf(text))
}

// substance is how much a word of a title says of a service scenario
// (审核说明 1.5). WeChat's reviewers ask for the service and its state, as in
// 住院缴费成功通知.
type substance uint8

const (
	concrete substance = iota // listed to shield a shorter word inside it
	filler                    // says nothing: 系统, 温馨, 重要
	carrier                   // a thing that every service has: 服务, 用户
	datum                     // a thing that every message is: 信息, 资料
	state                     // how it stands, but not with what: 成功, 状态
	event                     // what happened, but not to what: 到期, 取消
)

var substanceWords = readLexicon("substance", map[string]substance{
	"filler": filler, "carrier": carrier, "datum": datum, "state": state, "event": event,
	"concrete": concrete,
})
