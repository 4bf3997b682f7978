package audit

// The rules for a title of subscribe messages. WeChat numbers none of them: most were told by its staff in the
// developers' community in October 2019, the limits of a combination stand with addTemplate. What is assumed says so
// in its name.
const (
	RuleLength      = "sub-length"
	RuleSubEnding   = "sub-ending"
	RuleSubScenario = "sub-scenario"
	RuleSigns       = "sub-signs"
	RuleKnownTitle  = "sub-known"
	RuleKeyword     = "sub-name"
	RuleUnique      = "sub-unique"
	RuleAlike       = "sub-alike"
	RuleVague       = "sub-vague"
	RuleSubExample  = "sub-example"
	RuleType        = "sub-type"
	RuleSubCount    = "sub-count"
	RuleScene       = "sub-scene"
	RuleCategory    = "sub-category"
	RuleTerm        = "sub-term"
)

// subscribeClause is where the rules that both kinds share stand for subscribe messages.
var subscribeClause = map[string]string{
	RuleSameTitle: RuleKnownTitle, RuleSimilarTitle: RuleKnownTitle, RuleEnding: RuleSubEnding,
	RuleTitleWording: RuleSigns, RuleScenario: RuleSubScenario, RuleSameKeyword: RuleUnique, RuleSimilarKeyword: RuleAlike,
	RuleKeywordWording: RuleKeyword, RuleOneNoun: RuleKeyword, RuleExample: RuleSubExample, RuleBroadKeyword: RuleVague,
	RuleCount: RuleSubCount,
}

// OfSubscribe tells whether a rule is one for subscribe messages.
func OfSubscribe(rule string) bool {
	for _, c := range subscribeClauses {
		if c.rule == rule {
			return true
		}
	}
	return false
}

// Where the rules for subscribe messages stand.
const (
	ofStaff = "微信开放社区，官方人员 2019 年 10 月的说明"
	ofAdd   = "https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/addMessageTemplate.html"
	ofGuide = "https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/subscribe-message.html"
)

// subscribeClauses are in our words: the sources tell them in passing.
var subscribeClauses = []clause{
	{RuleLength, "订阅审核：标题字数", "Subscribe review: title length", "标题为 4 至 10 个字", "A title has 4 to 10 characters."},
	{RuleSubEnding, "订阅审核：标题结尾", "Subscribe review: title ending", "标题以“提醒”或“通知”结尾",
		"A title ends in 提醒 (reminder) or 通知 (notice)."},
	{RuleSubScenario, "订阅审核：具体场景", "Subscribe review: concrete scene", "标题要写出具体的场景",
		"A title names a concrete scene."},
	{RuleSigns, "订阅审核：特殊符号", "Subscribe review: symbols", "标题不能有特殊符号", "A title has no special symbols."},
	{RuleKnownTitle, "订阅模板库：已有标题（推测）", "Subscribe library: known title (assumed)",
		"模板库里已有的标题不会再收一次。推测：没有公开的说明，不同类目里也有同名的标题",
		"A title that the library has is not taken again. Assumed: no public source says so, and several categories " +
			"have titles of one name."},
	{RuleKeyword, "订阅审核：关键词", "Subscribe review: keyword", "关键词是 2 至 5 个字的名词短语",
		"A keyword is a noun phrase of 2 to 5 characters."},
	{RuleUnique, "订阅审核：关键词不重复", "Subscribe review: unique keywords", "关键词不能重复", "No two keywords are the same."},
	{RuleAlike, "订阅审核：意思相同（推测）", "Subscribe review: one meaning (assumed)",
		"意思相同的关键词也算重复。推测：说明里只写了不能重复",
		"Keywords of one meaning count as the same. Assumed: the source only says that they are unique."},
	{RuleVague, "订阅审核：含糊的关键词", "Subscribe review: vague keyword", "关键词不能含糊", "A keyword is not vague."},
	{RuleSubExample, "订阅审核：示例", "Subscribe review: example", "示例要与关键词相符，也要与参数类型相符",
		"An example fits its keyword and its type."},
	{RuleType, "订阅审核：参数类型", "Subscribe review: type", "每个关键词有一个参数类型；已有关键词的类型不能更改",
		"Every keyword has a type; that of a keyword that exists cannot be changed."},
	{RuleSubCount, "订阅模板：关键词数量", "Subscribe template: count", "一个模板组合 2 至 5 个关键词",
		"A template combines 2 to 5 keywords."},
	{RuleScene, "订阅模板：场景描述", "Subscribe template: scene description", "场景描述必填，最多 15 个字",
		"The scene description is required and has at most 15 characters."},
	{RuleCategory, "订阅模板库：类目（推测）", "Subscribe library: category (assumed)",
		"标题属于帐号的一个类目。推测：模板库按类目排列，申请时也要选类目",
		"A title belongs to one of the account's categories. Assumed: the library is ordered by them, so a request names one."},
	{RuleTerm, "订阅消息：一次性与长期", "Subscribe messages: one-time and long-term",
		"长期订阅只向政务、医疗、交通、金融、教育等公共服务开放，其他都是一次性",
		"Long-term is for public services alone, such as government, health, transport, finance and education; all " +
			"else is one-time."},
}
