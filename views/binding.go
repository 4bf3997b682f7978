package views

import "strings"

// BindingSnippet is how a mini program's server reports the openid of the person
// who typed code, to the console at base.
func BindingSnippet(base, appID, code string) string {
	return strings.NewReplacer("{base}", base, "{appid}", appID, "{code}", code).Replace(`curl -X POST '{base}/api/v1/testers/bind' \
  -H "Authorization: Bearer $MUBAN_KEY" \
  -d '{"appid":"{appid}","code":"{code}","openid":"OPENID"}'`)
}
