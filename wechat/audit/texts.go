package audit

import "strings"

// Message renders the finding in "zh", or in English for any other language.
// It says what was found, why it matters and what to do next.
func (f Finding) Message(lang string) string {
	return say(lang, f.Key, f.Args)
}

// say fills the placeholders of one sentence of the catalogue. An argument
// named noun:x is itself a word of the catalogue, and fills {x}.
func say(lang, key string, args map[string]string) string {
	texts := textsOf(lang)
	sentence := texts[key]
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if word, ok := args["noun:"+name]; ok {
			b.WriteString(texts["noun."+word])
		} else {
			b.WriteString(shown(args[name]))
		}
		sentence = after
	}
}

func textsOf(lang string) map[string]string {
	if lang == "zh" {
		return textsZH
	}
	return textsEN
}

// shown shortens what a sentence quotes, so that a pasted page does not hide
// the sentence, and leaves out what cannot be shown.
func shown(s string) string {
	const most = 40
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			return b.String() + "…"
		}
		if isInvisible(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// textsZH is the catalogue in Chinese. {…} is what the finding names.
var textsZH = map[string]string{
	"title.empty": "标题还没有填写。审核员只看标题和关键词，请写出服务场景，并以“提醒”或“通知”结尾。",

	"same.library":   "模板库里已有标题「{title}」（{id}），相同的标题不会通过审核。请直接选用它，或写出与它不同的服务场景。",
	"same.template":  "本帐号已有标题为「{title}」的模板，相同的标题不会通过审核。请直接使用那个模板，或换一个服务场景。",
	"same.draft":     "另一份草稿的标题也是「{title}」，同时提交会被拒。请与那份草稿合并，或换一个服务场景。",
	"again.library":  "模板库里另有一个同名标题（{id}），关键词可能不同。请先比较两者，再决定选用哪一个。",
	"again.template": "本帐号已有标题为「{title}」的模板。如果关键词也相同，请直接使用那个模板。",
	"again.draft":    "另一份草稿也在组合「{title}」。请先看两份草稿是否重复。",
	"similar.same":   "标题的意思与已有的「{title}」（{id}）相同，只是用词不同，审核会拒绝。请选用已有的标题，或写出不同的服务场景。",
	"similar.near":   "标题的意思与已有的「{title}」（{id}）很接近，审核员可能认为重复。请先看已有的标题能否使用，不能再写明区别。",

	"ending.missing": "标题没有以“提醒”或“通知”结尾，审核会拒绝。请改写结尾。",
	"ending.trimmed": "标题去掉末尾的空白后才以“提醒”或“通知”结尾，按原样提交可能被拒。请删去末尾的空白。",

	"wording.markup":      "这里有程序用的标记「{text}」，用户会看到原样的标记，审核会拒绝。请只保留文字。",
	"wording.invisible":   "这里有看不见的字符（{text}），多半是从别处粘贴来的，审核会拒绝。请删去它。",
	"wording.emoji":       "这里有表情或图形「{text}」，标题和关键词不能带特殊符号。请删去它。",
	"wording.repeated":    "这里有连续重复的符号「{text}」，标题和关键词不能带特殊符号。请删去它。",
	"wording.symbol":      "这里有特殊符号「{text}」，审核会拒绝。请删去它，或改用文字。",
	"wording.punctuation": "这里有标点「{text}」，审核员可能认为是特殊符号。能用文字说清楚的，请删去标点。",
	"wording.space":       "这里有多余的空白（{text}），审核员可能认为书写不规范。请删去它。",
	"wording.foreign":     "这里有中文和英文以外的文字「{text}」，不具有行业通用性，审核员可能拒绝。请改用中文。",
	"wording.chatty":      "「{text}」是口语、网络用语或个性化称呼，不具有行业通用性，审核会拒绝。请删去它，只写服务本身。",
	"wording.sentence":    "「{text}」像一句话的一部分，而标题和关键词应是名称。请改成名词性的短语。",
	"wording.pronoun":     "「{text}」是对某个人说话的口吻，不具有行业通用性，审核员可能拒绝。请删去人称。",
	"wording.brand":       "「{text}」是某一家公司的名字，其他公司无法使用这样的模板，审核员可能拒绝。请换成行业通用的说法。",

	"scenario.none":        "标题没有说明是什么服务，任何通知都可以这样写，审核会拒绝。请写出服务和它的状态，例如「订单发货通知」。",
	"scenario.vague":       "标题说了发生什么，却没有说是哪项服务，审核员可能拒绝。请补上服务的名称，例如「会员服务到期提醒」。",
	"scenario.stateless":   "标题说了与什么有关，却没有说发生了什么，审核员可能拒绝。请补上具体的状态，例如「住院缴费成功通知」。",
	"scenario.unreadable":  "标题里没有能说明服务的中文词语，审核员可能拒绝。请用中文写出服务和它的状态。",
	"scenario.open":        "标题说了与什么有关、做了什么，却没有说结果如何。审核员常要求同时写出服务主体、服务行为和服务状态，例如把「顾客预约提醒」改为「预约成功提醒」。",
	"scenario.unfinished":  "标题只说了谁做了什么，没有说是哪项服务、结果如何，这样的标题曾被拒。请补上服务和状态，例如「预约成功提醒」。",
	"scenario.bare":        "标题只说了与什么有关，没有服务行为，也没有服务状态，审核员可能要求细分场景。请写出用户做了什么、结果如何。",
	"scenario.subjectless": "标题说了做了什么、结果如何，却没有说是对什么做的，这样的标题曾以“未能说明具体的服务主体”被拒。请补上对象。",

	"user.report":    "「{word}」类通知不是用户操作的结果，审核员不支持统计、报表、报告。请改为通知用户自己提交或申请的事情有了结果。",
	"user.alarm":     "「{word}」类通知不是用户操作的结果，曾以“并非用户触发事件后的通知”被拒。请写明是用户开通的哪项服务、出现了什么状态。",
	"user.timed":     "「{word}」是定时或习惯性的提醒，不是用户操作的结果，审核员认为有骚扰倾向。请改为通知用户预约或申请的结果。",
	"user.broadcast": "「{word}」是主动播发的资讯，不是用户操作的结果，审核员可能拒绝。请改为通知用户自己的业务结果。",
	"user.greeting":  "「{word}」是问候或纪念，不是用户操作的结果，审核员可能拒绝。请改为通知用户自己的业务结果。",
	"user.instruct":  "「{word}」是操作前的说明，不是用户操作的结果，这样的通知曾被拒。请改为通知预约或申请的结果，说明放进关键词。",
	"user.general":   "标题只是一般的提醒，没有说用户做了什么。审核员认为模板消息是服务后的凭证，不作提醒用途。请写出用户的操作和它的结果。",

	"marketing.advert":   "「{word}」是营销用语，这样的标题会被当作广告，审核会拒绝。请只通知用户自己的业务结果，例如到账、到期、成功或失败。",
	"marketing.goods":    "关于「{word}」上新或更新的通知属于商品更新类营销，审核会拒绝。请只通知用户自己的订单或预约。",
	"marketing.gives":    "标题在邀请用户或赠送「{word}」，属于营销，审核会拒绝。请只通知用户已经得到或使用的结果。",
	"marketing.bare":     "标题只提到「{word}」，没有说用户自己的业务发生了什么，会被当作营销，审核会拒绝。请写出到账、到期、变动等结果。",
	"marketing.alone":    "标题只提到「{word}」，没有说发生了什么，审核员可能当作营销。请写出到账、到期、变动、取消等结果。",
	"marketing.invites":  "标题提到「{word}」，可能是结果，也可能是邀请，审核员可能当作营销。请写明结果，例如成功、失败或到账。",
	"marketing.sale":     "「{word}」是促销活动，审核员可能当作营销。只有用户自己预约过或参加过，才适合通知，请在标题里写明。",
	"marketing.ask":      "标题提到「{word}」，虽然说了结果，审核员仍可能当作营销。请在申请说明里写清用户做了什么才会收到。",
	"marketing.prize":    "标题提到「{word}」，却没有说结果，审核员可能当作营销。请写出用户已经得到什么，例如领取成功或已发货。",
	"marketing.formerly": "较早的模板里有「{word}」领取类标题，现在新申请的会以营销被拒。请改用已有的模板，或只通知用户自己的业务结果。",
	"marketing.launch":   "「{word}」上线的通知可能被当作商品更新类营销。请写明是用户自己申请或预约的哪项服务上线。",
	"marketing.game":     "标题提到「{word}」，这样的标题曾以没有体现服务、关键词与标题不符被拒，也容易被当作活动类营销。请写明用户参加了什么。",
	"marketing.own":      "标题提到「{word}」，说的是用户自己的业务，一般可以通过。请不要用它发送邀请或优惠。",

	"count.none": "还没有关键词，模板至少需要一个关键词。请先添加关键词。",
	"count.many": "共有 {count} 个关键词，最多只能组合 {most} 个。请删去 {over} 个。",

	"keyword.empty":      "关键词还没有填写。请写出名称，或删去这一行。",
	"keyword.same":       "关键词「{name}」与第 {position} 个关键词「{other}」相同，审核会拒绝。请删去其中一个。",
	"keyword.similar":    "关键词「{name}」与第 {position} 个关键词「{other}」是一个意思，审核会拒绝。请只保留一个。",
	"keyword.near":       "关键词「{name}」与第 {position} 个关键词「{other}」很接近，审核员可能认为重复。请只保留一个，或写明区别。",
	"keyword.alike":      "关键词「{name}」与第 {position} 个关键词「{other}」意思相近，用户会看到重复的内容。不需要两个时，请只保留一个。",
	"keyword.broad":      "关键词「{name}」太宽泛，什么都可以填，审核会拒绝。较早的模板里有这样的关键词，新申请的不行。请写明是什么，例如「留言内容」「订单信息」。",
	"keyword.messaging":  "关键词「{name}」说的是消息本身，而不是服务，审核员可能认为太宽泛。请写明是什么内容。",
	"keyword.accustomed": "关键词「{name}」比较宽泛，模板库里虽有先例，写得更具体会更稳妥，例如「订单备注」。",
	"keyword.known":      "标题「{title}」（{id}）已有关键词「{other}」，再申请「{name}」会以“已存在”被拒，换一种参数类型也一样。请直接选用已有的关键词。",

	"noun.sentence": "关键词「{name}」像一句话（「{word}」），审核员要求关键词是一个名词性词语。请改成一个名词，例如「预约时间」。",
	"noun.loose":    "关键词「{name}」以「{word}」结尾，审核员曾以“应为一个词语”拒绝「支付凭证」「诊疗业务」。可改成更确定的名词，例如「缴费单号」。",
	"noun.summary":  "关键词「{name}」是对一组内容的概括，审核员可能要求改为一个具体的名词。能拆开的，请拆成几个关键词。",

	"fit.trade":    "关键词「{name}」说的是「{word}」，标题说的却是「{title}」，审核员要求关键词与标题匹配。请确认它属于这项服务，或换一个关键词。",
	"fit.contrary": "关键词「{name}」（「{word}」）与标题的结果相反，审核员要求关键词与标题匹配。请删去它，或改写标题。",
	"fit.absent":   "标题说的是「{word}」，关键词里却没有哪一个写出它，审核员要求关键词与标题匹配。请加上相应的关键词。",

	"example.empty":       "关键词「{name}」没有示例，审核员无法判断它填什么。请填写一个真实的示例。",
	"example.placeholder": "关键词「{name}」的示例「{example}」只是占位，审核员无法判断它填什么。请换成真实的示例。",
	"example.long":        "关键词「{name}」的示例太长，卡片上显示不下，审核员可能拒绝。请换成一个简短的示例。",
	"example.name":        "关键词「{name}」的示例只是重复了关键词，审核员无法判断它填什么。请换成真实的示例。",
	"example.partial":     "关键词「{name}」的示例「{example}」没有写完，审核员曾以“请补充完整内容示例”拒绝。请写出一个完整、真实的值。",
	"example.mismatch":    "关键词「{name}」要填{asked}，示例「{example}」看起来却是{looks}，审核会拒绝。请换成对应的示例。",
	"example.odd":         "关键词「{name}」要填{asked}，示例「{example}」看不出来，审核员可能拒绝。请换成更明确的示例。",

	"values.lure":    "「{word}」像是在诱导用户操作，以便继续下发消息，违规会受处罚。请删去，只写用户自己的业务结果。",
	"values.harass":  "「{word}」像是在催促或召回用户，会被当作骚扰，违规会受处罚。请改成平实的说明。",
	"values.loud":    "「{word}」语气过重，会被当作骚扰，违规会受处罚。请改用一个句号，或不用标点。",
	"values.selling": "「{word}」是营销用语，模板消息不能用于营销，违规会受处罚。请删去，只写用户自己的业务结果。",

	"noun.time": "时间", "noun.length": "时长", "noun.money": "金额", "noun.count": "数量", "noun.ratio": "比例", "noun.phone": "电话号码", "noun.contact": "联系方式",
	"noun.code": "编号", "noun.account": "编号或名称", "noun.mail": "邮箱地址", "noun.address": "地址或地点", "noun.person": "姓名", "noun.label": "名称", "noun.phrase": "文字说明",
	"noun.company": "公司或机构的名称", "noun.state": "状态", "noun.reason": "原因", "noun.result": "结果", "noun.stage": "阶段", "noun.way": "方式", "noun.pending": "还没有结果的状态", "noun.number": "一串数字", "noun.words": "一般文字",

	"lint.malformed": "第 {line} 行不是有效的 JSON：{detail}。请改正这一行，或每行只写一个标题。",
	"lint.untitled":  "第 {line} 行没有 title。请写成 {open}\"title\":\"…\"{close}。",
	"lint.long":      "第 {line} 行超过 1 MiB，不像是一个标题。请检查文件。",
	"lint.object":    "第 {line} 行不是 JSON 对象，这不是模板库文件。请用控制台导出的 JSON，或每行写一个 {open}\"id\":\"…\",\"title\":\"…\"{close}。",

	"file.html":    "文件是网页（HTML），不是标题或模板库，多半是登录页或出错页被存成了文件。请重新导出。",
	"file.format":  "文件是 {format}，不是 UTF-8、GB18030（GBK）或 UTF-16 的文本，没有读取。请另存为 UTF-8 的文本后再试。",
	"file.damaged": "文件是不完整的 {format} 文本，没有读取。请重新导出或重新传输。",
	"file.binary":  "文件不是文本，没有读取。请使用每行一个标题的文本，或控制台导出的 JSON。",
	"file.unknown": "认不出文件的编码，没有读取。请另存为 UTF-8 的文本后再试。",
	"file.large":   "文件超过 64 MiB，没有读取。请拆成几个文件。",
	"file.empty":   "文件里没有标题，无法比较。请用控制台导出的 JSON，或 muban sandbox -print-library 的输出。",
}

// textsEN is the catalogue in English: the same keys and placeholders as textsZH.
var textsEN = map[string]string{
	"title.empty": "The title is empty. Reviewers see only the title and the keywords: name the service, and end in 提醒 or 通知.",

	"same.library":   "The library already has the title “{title}” ({id}), and a second one is refused. Use that title, or name a different scenario.",
	"same.template":  "This account already has a template titled “{title}”, and a second one is refused. Use that template, or name a different scenario.",
	"same.draft":     "Another draft is titled “{title}” too, and one of the two would be refused. Join it, or name a different scenario.",
	"again.library":  "The library has another title of this name ({id}), whose keywords may differ. Compare the two before you choose.",
	"again.template": "This account already has a template titled “{title}”. If the keywords are the same too, use that template.",
	"again.draft":    "Another draft combines “{title}” too. See whether the two are one.",
	"similar.same":   "The title means the same as “{title}” ({id}) in other words, so a reviewer would refuse it. Use that title, or name a different scenario.",
	"similar.near":   "The title means nearly the same as “{title}” ({id}), so a reviewer might refuse it. See whether that title serves, and if not, make the difference plain.",

	"ending.missing": "The title does not end in 提醒 or 通知, so a reviewer would refuse it. Change how it ends.",
	"ending.trimmed": "The title ends in 提醒 or 通知 only after the white space behind it is trimmed, and might be refused as it stands. Delete that white space.",

	"wording.markup":      "There is markup here, “{text}”, which readers would see as it stands, so a reviewer would refuse it. Keep the words only.",
	"wording.invisible":   "There is an invisible character here ({text}), most likely pasted from elsewhere, and a reviewer would refuse it. Delete it.",
	"wording.emoji":       "There is an emoji or a picture here, “{text}”, and titles and keywords may hold no special symbols. Delete it.",
	"wording.repeated":    "There are repeated signs here, “{text}”, and titles and keywords may hold no special symbols. Delete them.",
	"wording.symbol":      "There is a special symbol here, “{text}”, so a reviewer would refuse it. Delete it, or use words.",
	"wording.punctuation": "There is punctuation here, “{text}”, which a reviewer might take for a special symbol. Where words can say it, delete it.",
	"wording.space":       "There is needless white space here ({text}), which a reviewer might call careless. Delete it.",
	"wording.foreign":     "There is writing here that is neither Chinese nor English, “{text}”, so a reviewer might refuse it. Write it in Chinese.",
	"wording.chatty":      "“{text}” is slang, chat or a pet name and in no general use, so a reviewer would refuse it. Delete it and name only the service.",
	"wording.sentence":    "“{text}” reads like part of a sentence, where a title or keyword should be a name. Turn it into a noun phrase.",
	"wording.pronoun":     "“{text}” speaks to a person, which is in no general use, so a reviewer might refuse it. Delete the pronoun.",
	"wording.brand":       "“{text}” is the name of one company, and others could not use such a template, so a reviewer might refuse it. Use the general term of the trade.",

	"scenario.none":        "The title does not say what service it is about: any notice could be called so, and a reviewer would refuse it. Name the service and its state, as in 订单发货通知.",
	"scenario.vague":       "The title says what happened, but not to which service, so a reviewer might refuse it. Add the service, as in 会员服务到期提醒.",
	"scenario.stateless":   "The title says what it is about, but not what happened, so a reviewer might refuse it. Add the state, as in 住院缴费成功通知.",
	"scenario.unreadable":  "The title holds no Chinese word that names a service, so a reviewer might refuse it. Name the service and its state in Chinese.",
	"scenario.open":        "The title says what it is about and what was done, but not how that ended. Reviewers often ask for the subject, the act and the state of the service: they turned 顾客预约提醒 into 预约成功提醒.",
	"scenario.unfinished":  "The title only says who did what, not which service it is and how it ended; such titles have been refused. Add the service and its state, as in 预约成功提醒.",
	"scenario.bare":        "The title only says what it is about: there is no act and no state of a service, and a reviewer may ask for a narrower scene. Say what the user did and how it ended.",
	"scenario.subjectless": "The title says what was done and how it ended, but not to what; such a title has been refused for naming no subject of the service. Add what it was done to.",

	"user.report":    "A notice of the kind “{word}” is no result of what the user did, and reviewers do not support statistics and reports. Tell the result of what the user handed in or applied for.",
	"user.alarm":     "A notice of the kind “{word}” is no result of what the user did; it has been refused for following no event of the user’s. Say which service the user opened and what state it is in.",
	"user.timed":     "“{word}” is a reminder by the clock or of a habit and no result of what the user did; reviewers take it for harassment. Tell the result of what the user booked or applied for.",
	"user.broadcast": "“{word}” is news sent out to everybody and no result of what the user did, so a reviewer might refuse it. Tell the result of the user’s own business.",
	"user.greeting":  "“{word}” is a greeting or an anniversary and no result of what the user did, so a reviewer might refuse it. Tell the result of the user’s own business.",
	"user.instruct":  "“{word}” is advice and no result of what the user did; such notices have been refused. Tell the result of the booking or application, and put the advice into a keyword.",
	"user.general":   "The title only reminds, and does not say what the user did. Reviewers take a template message for a receipt of a service and no reminder. Say what the user did and how it ended.",

	"marketing.advert":   "“{word}” is a word of advertising, so a reviewer would refuse the title as marketing. Tell users only what happened to their own business: credited, expiring, done or failed.",
	"marketing.goods":    "News of “{word}” being new or changed is marketing of goods, and a reviewer would refuse it. Tell users only about their own orders and bookings.",
	"marketing.gives":    "The title invites users or gives away “{word}”, which is marketing, so a reviewer would refuse it. Tell users only what they have received or used.",
	"marketing.bare":     "The title only mentions “{word}” and says nothing that happened to the user's own business, so a reviewer would refuse it as marketing. Name the result: credited, expiring, changed.",
	"marketing.alone":    "The title only mentions “{word}” and not what happened, so a reviewer might take it for marketing. Name the result: credited, expiring, changed, cancelled.",
	"marketing.invites":  "The title mentions “{word}” and could be a result or an invitation, so a reviewer might take it for marketing. Name the result: done, failed or credited.",
	"marketing.sale":     "“{word}” is a selling event, so a reviewer might take the title for marketing. It suits only users who booked or joined it: say so in the title.",
	"marketing.ask":      "The title mentions “{word}”; it names a result, yet a reviewer might take it for marketing. Explain in the application what the user did to receive it.",
	"marketing.prize":    "The title mentions “{word}” and no result, so a reviewer might take it for marketing. Say what the user has received: collected, or sent out.",
	"marketing.formerly": "Older titles tell of taking a “{word}”, but new ones are refused as marketing. Use a template that is there, or tell the result of the user’s own business.",
	"marketing.launch":   "A notice that a “{word}” goes online may be taken for one of new goods, which is marketing. Say which service the user applied for or booked.",
	"marketing.game":     "The title tells of “{word}”: such a title has been refused for showing no service and for keywords that did not fit, and it is easily taken for an activity. Say what the user took part in.",
	"marketing.own":      "The title mentions “{word}” about the user's own business, which usually passes. Do not use it for invitations or discounts.",

	"count.none": "There is no keyword yet, and a template needs at least one. Add a keyword.",
	"count.many": "There are {count} keywords, and a template holds {most} at most. Remove {over} of them.",

	"keyword.empty":      "The keyword is empty. Name it, or remove the row.",
	"keyword.same":       "The keyword “{name}” is the same as keyword {position}, “{other}”, so a reviewer would refuse it. Remove one of them.",
	"keyword.similar":    "The keyword “{name}” means the same as keyword {position}, “{other}”, so a reviewer would refuse it. Keep only one.",
	"keyword.near":       "The keyword “{name}” is close to keyword {position}, “{other}”, so a reviewer might refuse it. Keep only one, or make the difference plain.",
	"keyword.alike":      "The keyword “{name}” is close in meaning to keyword {position}, “{other}”, so users will read the same thing twice. Keep one, unless both are needed.",
	"keyword.broad":      "The keyword “{name}” is too broad: anything could stand there, so a reviewer would refuse it. Older templates have such keywords, new ones may not. Say of what, as in 留言内容 or 订单信息.",
	"keyword.messaging":  "The keyword “{name}” is about the message and not about the service, so a reviewer might call it too broad. Say what the content is.",
	"keyword.accustomed": "The keyword “{name}” is rather broad. The library holds the like, but a closer name is safer, as in 订单备注.",
	"keyword.known":      "The title “{title}” ({id}) has the keyword “{other}” already: “{name}” would be refused as existing, under another type as well. Use the keyword that is there.",

	"noun.sentence": "The keyword “{name}” is like a sentence (“{word}”), and reviewers want one noun. Make it a noun, such as 预约时间.",
	"noun.loose":    "The keyword “{name}” ends in “{word}”: reviewers have refused 支付凭证 and 诊疗业务 as not one noun. A more definite noun is safer, such as 缴费单号.",
	"noun.summary":  "The keyword “{name}” sums several things up, and a reviewer may ask for one concrete noun. Where it can be split, make it several keywords.",

	"fit.trade":    "The keyword “{name}” speaks of “{word}”, but the title of “{title}”; reviewers want keywords that fit the title. Make sure that it belongs to this service, or take another.",
	"fit.contrary": "The keyword “{name}” (“{word}”) is contrary to what the title tells; reviewers want keywords that fit the title. Take it out, or change the title.",
	"fit.absent":   "The title speaks of “{word}”, but no keyword says it; reviewers want keywords that fit the title. Add a keyword for it.",

	"example.empty":       "The keyword “{name}” has no example, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.placeholder": "The example “{example}” of the keyword “{name}” only holds the place, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.long":        "The example of the keyword “{name}” is too long for the card, so a reviewer might refuse it. Give a short one.",
	"example.name":        "The example of the keyword “{name}” only repeats the keyword, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.partial":     "The example “{example}” of the keyword “{name}” stops before its end; reviewers have asked for whole examples. Write one real, whole value.",
	"example.mismatch":    "The keyword “{name}” asks for {asked}, but the example “{example}” looks like {looks}, so a reviewer would refuse it. Give an example that fits.",
	"example.odd":         "The keyword “{name}” asks for {asked}, and the example “{example}” does not show it, so a reviewer might refuse it. Give a plainer example.",

	"values.lure":    "“{word}” seems to lure users into an action so that more messages can be sent, which is penalised. Delete it and state only the result of the user's own business.",
	"values.harass":  "“{word}” seems to press users or call them back, which counts as harassment and is penalised. Put it plainly.",
	"values.loud":    "“{word}” is too loud and may count as harassment, which is penalised. Use one full stop, or no sign at all.",
	"values.selling": "“{word}” is a word of marketing, and template messages may not serve marketing, which is penalised. Delete it and state only the result of the user's own business.",

	"noun.time": "a time", "noun.length": "a length of time", "noun.money": "an amount of money", "noun.count": "a number of things", "noun.ratio": "a ratio", "noun.phone": "a telephone number", "noun.contact": "a way to get in touch",
	"noun.code": "a number or code", "noun.account": "a number or a name", "noun.mail": "an e-mail address", "noun.address": "an address or a place", "noun.person": "a person's name", "noun.label": "the name of a thing", "noun.phrase": "a description in words",
	"noun.company": "the name of a firm or institution", "noun.state": "a state", "noun.reason": "a reason", "noun.result": "a result", "noun.stage": "a stage", "noun.way": "a way", "noun.pending": "a state without a result", "noun.number": "bare digits", "noun.words": "ordinary words",

	"lint.malformed": "Line {line} is not valid JSON: {detail}. Correct that line, or write one bare title a line.",
	"lint.untitled":  "Line {line} has no title. Write it as {open}\"title\":\"…\"{close}.",
	"lint.long":      "Line {line} is longer than 1 MiB and can hardly be a title. Check the file.",
	"lint.object":    "Line {line} is no JSON object, so this is no file of a title library. Use the JSON that the console exports, or write {open}\"id\":\"…\",\"title\":\"…\"{close} a line.",

	"file.html":    "The file is a web page (HTML) and holds no titles: most likely a sign-in or an error page was saved. Export it anew.",
	"file.format":  "The file is {format} and no text in UTF-8, GB18030 (GBK) or UTF-16, so it was not read. Save it as text in UTF-8 and try again.",
	"file.damaged": "The file is damaged {format}, so it was not read. Export or transfer it anew.",
	"file.binary":  "The file is no text, so it was not read. Use text with a title a line, or the JSON that the console exports.",
	"file.unknown": "The encoding of the file is unknown, so it was not read. Save it as text in UTF-8 and try again.",
	"file.large":   "The file has more than 64 MiB, so it was not read. Split it.",
	"file.empty":   "There is no title in the file, so nothing can be compared. Use the JSON that the console exports, or the output of muban sandbox -print-library.",
}
