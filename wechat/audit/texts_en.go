package audit

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

	"scenario.none":       "The title does not say what service it is about: any notice could be called so, and a reviewer would refuse it. Name the service and its state, as in 订单发货通知.",
	"scenario.vague":      "The title says what happened, but not to which service, so a reviewer might refuse it. Add the service, as in 会员服务到期提醒.",
	"scenario.stateless":  "The title says what it is about, but not what happened, so a reviewer might refuse it. Add the state, as in 住院缴费成功通知.",
	"scenario.unreadable": "The title holds no Chinese word that names a service, so a reviewer might refuse it. Name the service and its state in Chinese.",

	"marketing.advert":  "“{word}” is a word of advertising, so a reviewer would refuse the title as marketing. Tell users only what happened to their own business: credited, expiring, done or failed.",
	"marketing.goods":   "News of “{word}” being new or changed is marketing of goods, and a reviewer would refuse it. Tell users only about their own orders and bookings.",
	"marketing.gives":   "The title invites users or gives away “{word}”, which is marketing, so a reviewer would refuse it. Tell users only what they have received or used.",
	"marketing.bare":    "The title only mentions “{word}” and says nothing that happened to the user's own business, so a reviewer would refuse it as marketing. Name the result: credited, expiring, changed.",
	"marketing.alone":   "The title only mentions “{word}” and not what happened, so a reviewer might take it for marketing. Name the result: credited, expiring, changed, cancelled.",
	"marketing.invites": "The title mentions “{word}” and could be a result or an invitation, so a reviewer might take it for marketing. Name the result: done, failed or credited.",
	"marketing.sale":    "“{word}” is a selling event, so a reviewer might take the title for marketing. It suits only users who booked or joined it: say so in the title.",
	"marketing.ask":     "The title mentions “{word}”; it names a result, yet a reviewer might take it for marketing. Explain in the application what the user did to receive it.",
	"marketing.prize":   "The title mentions “{word}” and no result, so a reviewer might take it for marketing. Say what the user has received: collected, or sent out.",
	"marketing.own":     "The title mentions “{word}” about the user's own business, which usually passes. Do not use it for invitations or discounts.",

	"count.none": "There is no keyword yet, and a template needs at least one. Add a keyword.",
	"count.many": "There are {count} keywords, and a template holds {most} at most. Remove {over} of them.",

	"keyword.empty":      "The keyword is empty. Name it, or remove the row.",
	"keyword.same":       "The keyword “{name}” is the same as keyword {position}, “{other}”, so a reviewer would refuse it. Remove one of them.",
	"keyword.similar":    "The keyword “{name}” means the same as keyword {position}, “{other}”, so a reviewer would refuse it. Keep only one.",
	"keyword.near":       "The keyword “{name}” is close to keyword {position}, “{other}”, so a reviewer might refuse it. Keep only one, or make the difference plain.",
	"keyword.alike":      "The keyword “{name}” is close in meaning to keyword {position}, “{other}”, so users will read the same thing twice. Keep one, unless both are needed.",
	"keyword.broad":      "The keyword “{name}” is too broad: anything could stand there, so a reviewer would refuse it. Say of what, as in 留言内容 or 订单信息.",
	"keyword.messaging":  "The keyword “{name}” is about the message and not about the service, so a reviewer might call it too broad. Say what the content is.",
	"keyword.accustomed": "The keyword “{name}” is rather broad. The library holds the like, but a closer name is safer, as in 订单备注.",

	"example.empty":       "The keyword “{name}” has no example, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.placeholder": "The example “{example}” of the keyword “{name}” only holds the place, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.long":        "The example of the keyword “{name}” is too long for the card, so a reviewer might refuse it. Give a short one.",
	"example.name":        "The example of the keyword “{name}” only repeats the keyword, so a reviewer cannot tell what will stand there. Give a real example.",
	"example.mismatch":    "The keyword “{name}” asks for {asked}, but the example “{example}” looks like {looks}, so a reviewer would refuse it. Give an example that fits.",
	"example.odd":         "The keyword “{name}” asks for {asked}, and the example “{example}” does not show it, so a reviewer might refuse it. Give a plainer example.",

	"values.lure":    "“{word}” seems to lure users into an action so that more messages can be sent, which is penalised. Delete it and state only the result of the user's own business.",
	"values.harass":  "“{word}” seems to press users or call them back, which counts as harassment and is penalised. Put it plainly.",
	"values.loud":    "“{word}” is too loud and may count as harassment, which is penalised. Use one full stop, or no sign at all.",
	"values.selling": "“{word}” is a word of marketing, and template messages may not serve marketing, which is penalised. Delete it and state only the result of the user's own business.",

	"noun.time": "a time", "noun.length": "a length of time", "noun.money": "an amount of money", "noun.count": "a number of things", "noun.ratio": "a ratio", "noun.phone": "a telephone number", "noun.contact": "a way to get in touch",
	"noun.code": "a number or code", "noun.account": "a number or a name", "noun.mail": "an e-mail address", "noun.address": "an address or a place", "noun.person": "a person's name", "noun.label": "the name of a thing", "noun.phrase": "a description in words",
	"noun.company": "the name of a firm or institution", "noun.number": "bare digits", "noun.words": "ordinary words",

	"lint.malformed": "Line {line} is not valid JSON: {detail}. Correct that line, or write one bare title a line.",
	"lint.untitled":  "Line {line} has no title. Write it as {open}\"title\":\"…\"{close}.",
	"lint.long":      "Line {line} is longer than 1 MiB and can hardly be a title. Check the file.",
}
