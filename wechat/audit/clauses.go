package audit

// The rules, named as the clauses of 审核说明 number them. The count comes from
// the description of template/add, the violations from 违规说明. What reviewers
// ask for beyond that has a name of our own.
const (
	RuleSameTitle      = "1.1"
	RuleSimilarTitle   = "1.2"
	RuleEnding         = "1.3"
	RuleTitleWording   = "1.4"
	RuleScenario       = "1.5"
	RuleMarketing      = "1.6"
	RuleSameKeyword    = "2.1"
	RuleSimilarKeyword = "2.2"
	RuleKeywordWording = "2.3"
	RuleExample        = "2.4"
	RuleBroadKeyword   = "2.5"
	RuleCount          = "count"
	RuleInducement     = "violation-1"
	RuleHarassment     = "violation-2"
	RuleAdvertising    = "violation-3"
	RuleUserEvent      = "user" // of the reviewers: no clause numbers it
	RuleOneNoun        = "noun" // of the reviewers
	RuleFit            = "fit"  // of the reviewers
)

// Rules returns every rule for a kind of message, those of template messages in
// the order of the document.
func Rules(kind string) []string {
	var rules []string
	for _, c := range clausesOf(kind) {
		rules = append(rules, c.rule)
	}
	return rules
}

func clausesOf(kind string) []clause {
	if kind == Subscribe {
		return subscribeClauses
	}
	return clauses
}

// Clause returns the clause's own words in "zh", or our English rendering of
// them in any other language. It is empty for an unknown rule.
func Clause(rule, lang string) string {
	c := clauseOf(rule)
	if lang == "zh" {
		return c.zh
	}
	return c.en
}

// RuleName returns how a page refers to the rule: 审核说明 1.3, Review rule 1.3.
func RuleName(rule, lang string) string {
	c := clauseOf(rule)
	if lang == "zh" {
		return c.nameZH
	}
	return c.nameEN
}

type clause struct{ rule, nameZH, nameEN, zh, en string }

func clauseOf(rule string) clause {
	for _, list := range [][]clause{clauses, subscribeClauses} {
		for _, c := range list {
			if c.rule == rule {
				return c
			}
		}
	}
	return clause{}
}

// clauses holds the words of the API documentation (审核说明, 违规说明, and for
// the count 组合模板并添加至帐号下的个人模板库) with a rendering into English.
var clauses = []clause{
	{RuleSameTitle, "审核说明 1.1", "Review rule 1.1", "标题不能存在相同", "No two titles may be the same."},
	{RuleSimilarTitle, "审核说明 1.2", "Review rule 1.2", "标题意思不能存在过度相似",
		"No two titles may be too similar in meaning."},
	{RuleEnding, "审核说明 1.3", "Review rule 1.3",
		"标题必须以“提醒”或“通知”结尾",
		"A title must end in 提醒 (reminder) or 通知 (notice)."},
	{RuleTitleWording, "审核说明 1.4", "Review rule 1.4",
		"标题不能带特殊符号、个性化字词等没有行业通用性的内容",
		"A title may hold no special symbols, personal wording or anything else that is not in general use " +
			"in the trade."},
	{RuleScenario, "审核说明 1.5", "Review rule 1.5", "标题必须能体现具体服务场景",
		"A title must show a concrete service scenario."},
	{RuleMarketing, "审核说明 1.6", "Review rule 1.6",
		"标题不能涉及营销相关内容，包括不限于：消费优惠类、购物返利类、商品更新类、优惠券类、代金券类、红包类、会员卡类、积分类、活动类等营销倾向通知",
		"A title may not touch on marketing, including but not limited to notices that tend to marketing " +
			"about discounts, rebates, new goods, coupons, vouchers, red packets, membership cards, points and " +
			"activities."},
	{RuleSameKeyword, "审核说明 2.1", "Review rule 2.1",
		"同一标题下，关键词不能存在相同",
		"Under one title no two keywords may be the same."},
	{RuleSimilarKeyword, "审核说明 2.2", "Review rule 2.2",
		"同一标题下，关键词不能存在过度相似",
		"Under one title no two keywords may be too similar."},
	{RuleKeywordWording, "审核说明 2.3", "Review rule 2.3",
		"关键词不能带特殊符号、个性化字词等没有行业通用性的内容",
		"A keyword may hold no special symbols, personal wording or anything else that is not in general use " +
			"in the trade."},
	{RuleExample, "审核说明 2.4", "Review rule 2.4",
		"关键词内容示例必须与关键词对应匹配",
		"The example of a keyword must match the keyword."},
	{RuleBroadKeyword, "审核说明 2.5", "Review rule 2.5", "关键词不能太过宽泛，需要具有限制性，例如：“内容”这个就太宽泛，不能审核通过",
		"A keyword may not be too broad, it has to be limiting: 内容 (content), for example, is too broad and " +
			"does not pass."},
	{RuleCount, "组合模板", "Combining a template", "最多支持10个关键词组合",
		"A combination holds at most 10 keywords."},
	{RuleInducement, "违规说明 1", "Violation 1",
		"不允许恶意诱导用户进行触发操作，以达到可向用户下发模板目的",
		"It is not allowed to lure users into an action for the purpose of being able to send them templates."},
	{RuleHarassment, "违规说明 2", "Violation 2",
		"不允许恶意骚扰，下发对用户造成骚扰的模板",
		"It is not allowed to harass users with templates."},
	{RuleAdvertising, "违规说明 3", "Violation 3",
		"不允许恶意营销，下发营销目的模板",
		"It is not allowed to send templates for the purpose of marketing."},
	{RuleUserEvent, "审核员：用户触发", "Reviewers: an event of the user's",
		"并非用户触发事件后的通知，不支持此类模板消息",
		"It is no notice after an event of the user's: this kind of template message is not supported."},
	{RuleOneNoun, "审核员：一个名词", "Reviewers: one noun", "关键词设置应为一个名词性词语",
		"A keyword has to be one noun."},
	{RuleFit, "审核员：与标题相符", "Reviewers: fits the title", "关键词与标题设置需匹配",
		"The keywords have to fit the title."},
}
