package audit

// userEvent applies a rule of the reviewers that no clause numbers: a template
// message tells the result of what its user did. Statistics, reports, alarms,
// timed and general reminders were refused as “并非用户触发事件后的通知”
// (developers.weixin.qq.com/community/develop/doc/000662121f88087b6c3982d3550800,
// github.com/polyrabbit/WeCron/issues/8).
func userEvent(p *proposal) []Finding {
	seen := [eventPlain + 1]string{}
	for text := p.body; len(text) > 0; {
		piece, e, known := userEventWords().next(text)
		text = text[len(piece):]
		if known && seen[e] == "" {
			seen[e] = piece
		}
	}
	f := Finding{Rule: RuleUserEvent, Level: Warning, at: theTitle}
	for e, key := range userEventKeys {
		if key != "" && seen[e] != "" {
			f.Key, f.Args = key, map[string]string{"word": seen[e]}
			if seen[eventOwn] != "" || e == int(eventHabit) || e == int(eventAlert) {
				f.Level = Note
			}
			return []Finding{f}
		}
	}
	if endingOf(p.title) != "通知" && substanceOf(p.body) == noScenario {
		f.Key = "user.general"
		return []Finding{f}
	}
	return nil
}

// userEventKind is why no event of the user's stands behind a title.
type userEventKind uint8

const (
	eventReport userEventKind = iota
	eventAlarm
	eventTimed
	eventBroadcast
	eventGreeting
	eventInstruct
	eventAlert
	eventHabit
	eventOwn   // what the user did
	eventPlain // listed to shield a shorter word inside it
)

var userEventKeys = [eventPlain + 1]string{
	eventReport: "user.report", eventAlarm: "user.alarm", eventTimed: "user.timed", eventBroadcast: "user.broadcast",
	eventGreeting: "user.greeting", eventInstruct: "user.instruct", eventAlert: "user.alarm", eventHabit: "user.timed",
}

var userEventWords = readLexicon("user_event", map[string]userEventKind{
	"report": eventReport, "alarm": eventAlarm, "timed": eventTimed, "broadcast": eventBroadcast,
	"greeting": eventGreeting,
	"instruct": eventInstruct, "alert": eventAlert, "habit": eventHabit, "own": eventOwn, "plain": eventPlain,
})
