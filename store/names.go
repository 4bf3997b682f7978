package store

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// alike are characters by what they look like. Capitals are folded first where they have the shape of their small
// letters; those that look like another small letter are listed.
var alike = func() map[rune]rune {
	table := map[rune]rune{}
	for _, pair := range []string{
		"аa", "еe", "оo", "рp", "сc", "уy", "хx", "іi", "јj", "ѕs", "ԁd", "һh", "ӏl", "вb", "кk", "мm", "тt", "нh", "гr", "пn", "ѡw", "ԛq", "ԝw", "ғf", "ьb", // Cyrillic
		"αa", "εe", "οo", "ρp", "τt", "υu", "νv", "χx", "ιi", "κk", "γy", "ηn", "ωw", "σo", "ϲc", "ϳj", "μu", "βb", "ζz", // Greek
		"ａa", "օo", "ոn", "սu", "հh", "ցg", "ɑa", "ɡg", "ıi", "ɩi", "ʏy", "ʀr", "ᴏo", "ᴄc", "ᴠv", "ᴡw", "ᴢz", "ꜱs", // Armenian, and Latin's own
		"0o", "1l", "Il", "|l", "ǀl", "〇o", "○o", "５5", "ЗЗ", "з3", "б6",
		"カ力", "エ工", "ロ口", "囗口", "ニ二", "ハ八", "タ夕", "ト卜", "一-", "ー-", "丨l", "‐-", "‑-", "–-", "—-", "−-", "·.", "・.", "•.", "’'", "‘'", "`'", "´'", "＿_",
	} {
		r := []rune(pair)
		table[r[0]] = r[1]
	}
	return table
}()

// skeleton is what a name looks like: two people whose skeletons are the same could be taken for each other. Accents
// are seen, so they stay.
func skeleton(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(name) {
		if like, ok := alike[r]; ok { // the capital I looks like a small L
			b.WriteRune(like)
			continue
		}
		for _, small := range strings.ToLower(string(r)) {
			if like, ok := alike[small]; ok {
				small = like
			}
			b.WriteRune(small)
		}
	}
	text := strings.ReplaceAll(b.String(), "rn", "m")
	return strings.Join(strings.Fields(text), " ")
}
