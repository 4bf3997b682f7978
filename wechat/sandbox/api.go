package sandbox

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// The paths of api.weixin.qq.com that the simulator answers.
const (
	pathToken       = "/cgi-bin/token"
	pathStableToken = "/cgi-bin/stable_token"
	pathLibraryList = "/cgi-bin/wxopen/template/library/list"
	pathLibraryGet  = "/cgi-bin/wxopen/template/library/get"
	pathAdd         = "/cgi-bin/wxopen/template/add"
	pathList        = "/cgi-bin/wxopen/template/list"
	pathDelete      = "/cgi-bin/wxopen/template/del"
	pathSend        = "/cgi-bin/message/wxopen/template/send"

	pathCategories        = "/wxaapi/newtmpl/getcategory"
	pathSubscribeTitles   = "/wxaapi/newtmpl/getpubtemplatetitles"
	pathSubscribeKeywords = "/wxaapi/newtmpl/getpubtemplatekeywords"
	pathSubscribeAdd      = "/wxaapi/newtmpl/addtemplate"
	pathSubscribeList     = "/wxaapi/newtmpl/gettemplate"
	pathSubscribeDelete   = "/wxaapi/newtmpl/deltemplate"
	pathSubscribeSend     = "/cgi-bin/message/subscribe/send"

	pathRid   = "/cgi-bin/openapi/rid/get"
	pathQuota = "/cgi-bin/openapi/quota/get"
)

// The limits of one call.
const (
	maxRequest     = 64 << 10 // bytes; what is sent is kept in memory
	maxPage        = 20       // records (获取小程序模板库标题列表)
	maxCombination = 10       // keywords (组合模板并添加至帐号下的个人模板库)
)

// Paths are the paths of WeChat's that the simulator answers, and that faults can be set on; the sends come first.
func Paths() []string {
	return []string{
		pathSend, pathSubscribeSend, pathToken, pathStableToken,
		pathLibraryList, pathLibraryGet, pathAdd, pathList, pathDelete,
		pathCategories, pathSubscribeTitles, pathSubscribeKeywords, pathSubscribeAdd, pathSubscribeList,
		pathSubscribeDelete, pathRid, pathQuota,
	}
}

func known(path string) bool {
	switch path {
	case pathToken, pathStableToken, pathLibraryList, pathLibraryGet, pathAdd, pathList, pathDelete, pathSend:
		return true
	}
	return ofSubscribe(path) || path == pathRid || path == pathQuota
}

// ofTemplates tells the calls for template messages, which can be retired.
func ofTemplates(path string) bool {
	switch path {
	case pathLibraryList, pathLibraryGet, pathAdd, pathList, pathDelete, pathSend:
		return true
	}
	return false
}

// ofSubscribe tells the calls for subscribe messages.
func ofSubscribe(path string) bool {
	return path == pathSubscribeSend || byGet(path) || path == pathSubscribeAdd || path == pathSubscribeDelete
}

// byGet tells the calls that read with GET; all others of an account are a POST.
func byGet(path string) bool {
	switch path {
	case pathCategories, pathSubscribeTitles, pathSubscribeKeywords, pathSubscribeList:
		return true
	}
	return false
}

// answer carries out a call and returns what WeChat would.
func (s *Server) answer(c call) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !known(c.path):
		return s.refuse(codeURL)
	case c.path == pathToken:
		return s.token(c)
	case c.path == pathStableToken:
		return s.stableToken(c)
	}
	app, code := s.authorize(c.param("access_token"))
	if code == 0 {
		code = s.unfit(c)
	}
	if code == 0 {
		code = s.count(app, c.path)
	}
	if code != 0 {
		return s.refuse(code)
	}
	return s.act(app, c)
}

// unfit says what is wrong with a POST whose token is good, or 0.
// The order is assumed: WeChat's gate looks at the token before the verb.
func (s *Server) unfit(c call) int {
	switch retired := s.state.Retired && ofTemplates(c.path); {
	case retired && !s.now().Before(offlineFrom): // as a send was answered in 2022
		return codeUnsupported
	case retired && c.path == pathSend:
		return codeRetired
	case retired:
		return codeExpiredAPI
	case byGet(c.path) && c.method != http.MethodGet:
		return codeWrongVerb
	case byGet(c.path):
		return 0
	case ofSubscribe(c.path) && c.path != pathSubscribeSend && c.method != http.MethodPost:
		return codeWrongVerb
	}
	return badPost(c)
}

func badPost(c call) int {
	switch {
	case c.method != http.MethodPost:
		return codePostNeeded
	case len(bytes.TrimSpace(c.body)) == 0:
		return codeEmptyBody
	case len(c.body) > maxRequest: // assumed: no source tells what too much is
		return codeFormat
	}
	return 0
}

func (s *Server) act(app *app, c call) any {
	switch c.path {
	case pathLibraryList:
		return decoded(s, c.body, s.libraryList)
	case pathLibraryGet:
		return decoded(s, c.body, s.libraryGet)
	case pathAdd:
		return decoded(s, c.body, func(q addRequest) any { return s.add(app, q) })
	case pathList:
		return decoded(s, c.body, func(q pageRequest) any { return s.list(app, q) })
	case pathDelete:
		return decoded(s, c.body, func(q deleteRequest) any { return s.delete(app, q) })
	case pathSend:
		return decoded(s, c.body, func(q sendRequest) any { return s.send(app, q) })
	case pathRid:
		return decoded(s, c.body, func(q ridRequest) any { return s.lookUp(app, q) })
	case pathQuota:
		return decoded(s, c.body, func(q quotaRequest) any { return s.quota(app, q) })
	}
	return s.actSubscribe(app, c)
}

// param is the first value of a query parameter; one that is malformed is not there.
func (c call) param(name string) string {
	for pair := range strings.SplitSeq(c.query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key != name {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			return plain
		}
	}
	return ""
}
