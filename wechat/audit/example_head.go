package audit

import "strings"

// fitHead compares the head noun of a keyword with what its tight example says: a
// stage has to be a stage, a result a result, a reason a reason (审核说明 2.4).
// Reviewers refused 带看即将到期 for 带看阶段 and 待审核 for a result
// (developers.weixin.qq.com/community/develop/doc/00080820e183404173d24ab216d800
// and 0004664ee64dd0667e313727f61400).
func fitHead(asked kind, example string) (fitness, noun) {
	if asked < condition {
		return fitting, ""
	}
	says := sayingOf(example)
	switch asked {
	case stage:
		return doubtfulIf(!says.stage && says.ends(), "state")
	case result:
		return doubtfulIf(says.pending && !says.outcome, "pending")
	case reason:
		return doubtfulIf(says.ends() && !says.reason && says.short, "state")
	case condition:
		return doubtfulIf(says.reason && !says.ends(), "reason")
	case way:
		return doubtfulIf(says.ends() && says.short, "state")
	}
	return fitting, ""
}

func doubtfulIf(doubt bool, looks noun) (fitness, noun) {
	if doubt {
		return doubtful, looks
	}
	return fitting, ""
}

// saying is what a value says of a matter. Several may hold: 审核未通过 is an
// outcome, and 资料不全已退回 gives the reason with it.
type saying struct {
	pending, outcome, reason, stage bool
	short                           bool // too short to explain anything
}

// ends says whether a value tells how the matter stands and no more.
func (s saying) ends() bool { return s.pending || s.outcome }

func sayingOf(text string) saying {
	says := saying{short: len(text) <= 6*len("字")}
	for rest := text; len(rest) > 0; {
		piece, what, known := valueWords().next(rest)
		rest = rest[len(piece):]
		if known {
			switch what {
			case valuePending:
				says.pending = true
			case valueOutcome:
				says.outcome = true
			case valueReason:
				says.reason = true
			case valueOutcomeReason:
				says.outcome, says.reason = true, true
			case valueStage:
				says.stage = true
			}
		}
	}
	says.pending = says.pending || strings.HasSuffix(text, "中")
	return says
}

type valueSense uint8

const (
	valuePlain valueSense = iota // listed to shield a shorter word inside it
	valuePending
	valueOutcome
	valueReason
	valueOutcomeReason // 超时: how it ended, and why
	valueStage
)

var valueWords = readLexicon("values", map[string]valueSense{
	"plain": valuePlain, "pending": valuePending, "outcome": valueOutcome, "reason": valueReason,
	"outcomeReason": valueOutcomeReason, "stage": valueStage,
})
