package web

import "strings"

// agentMarks are what User-Agent headers hold, the more special first: nearly all
// of them also say Safari.
var agentMarks = [2][]struct{ mark, name string }{
	{{"MicroMessenger", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox", "Firefox"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"}},
	{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}},
}

// browserOf is a User-Agent in short, as people know their own: "Firefox · Linux";
// "" for one that nobody knows.
func browserOf(agent string) string {
	var known []string
	for _, marks := range agentMarks {
		for _, m := range marks {
			if strings.Contains(agent, m.mark) {
				known = append(known, m.name)
				break
			}
		}
	}
	return strings.Join(known, " · ")
}
