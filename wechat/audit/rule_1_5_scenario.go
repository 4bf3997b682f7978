package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scenario applies 审核说明 1.5. Reviewers ask for the subject, the act and the
// state of a service (服务主体、服务行为、服务状态), and yet plenty of approved
// titles lack one of them: what is missing is named, mostly as a note, with how
// sure that is, and with titles that lack nothing.
func scenario(p *proposal) []Finding {
	text := p.body
	parts := partsOf(text)
	f := Finding{Rule: RuleScenario, at: theTitle}
	switch substanceOf(text) {
	case noScenario:
		f.Level, f.Key = Error, "scenario.none"
	case vagueScenario:
		f.Level, f.Key = Warning, "scenario.vague"
	case unreadable:
		f.Level, f.Key = Warning, "scenario.unreadable"
	case stateless:
		f.Level, f.Key = Warning, "scenario.stateless"
		if parts.act != "" {
			f.Level, f.Key = Note, "scenario.open"
		}
	default:
		f.Level, f.Key = parts.missing()
	}
	if f.Level == "" {
		return nil
	}
	if !p.trial && utf8.RuneCountInString(text) <= maxCleaned {
		if user := userEvent(p); len(user) == 0 || user[0].Level == Note {
			f.Rewrites = rewrites(p.Kind, text, parts) // other words do not make a report an event of the user's
		}
		f.Approved = p.approvedLike(f.Rewrites)
	}
	return []Finding{f}
}

// missing says which part reviewers would miss, or nothing.
func (t titleParts) missing() (Level, string) {
	switch {
	case t.state != "" && t.subject+t.act == "" && (t.machine != "" || t.weak == "" && t.game+t.around != ""):
		return Warning, "scenario.subjectless" // 构建完成通知, 抽奖结果通知, 附近故障提醒: of what?
	case t.state != "":
		return "", ""
	case t.act == "" && t.machine == "" && t.game == "":
		return Note, "scenario.bare" // 警方通知
	case t.subject == "" && t.weak+t.around != "":
		return Warning, "scenario.unfinished" // 顾客预约提醒, 账号登录提醒
	}
	return Note, "scenario.open" // 家政预约通知
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

// substanceOf judges what a tight title without its ending says. A title of
// words that fit every service alike names none.
func substanceOf(text string) scene {
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
	"filler": filler, "carrier": carrier, "datum": datum, "state": state, "event": event, "concrete": concrete,
})
