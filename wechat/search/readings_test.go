package search

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
)

var update = flag.Bool("update", false, "write readings.txt anew")

// dictionary is what readings.txt has to say, from go-pinyin (MIT).
func dictionary() string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	var order []string
	characters := map[string]string{}
	for r := firstHan; r <= lastHan; r++ {
		all := pinyin.SinglePinyin(r, args)
		var distinct []string
		for _, reading := range all {
			plain := !strings.ContainsFunc(reading, func(r rune) bool { return !isLetter(r) }) // 欸 is also ê
			if plain && !slices.Contains(distinct, reading) {
				distinct = append(distinct, reading)
			}
		}
		if len(distinct) == 0 {
			continue
		}
		key := strings.Join(distinct, ",")
		if characters[key] == "" {
			order = append(order, key)
		}
		characters[key] += string(r)
	}
	slices.Sort(order)
	var b strings.Builder
	for _, key := range order {
		b.WriteString(key + " " + characters[key] + "\n")
	}
	return b.String()
}

func TestReadingsAreThoseOfGoPinyin(t *testing.T) {
	want := dictionary()
	if *update {
		if err := os.WriteFile("readings.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if readingsText != want {
		t.Error("readings.txt is not go-pinyin's dictionary; run go test ./wechat/search -run Readings -update")
	}
}

func TestReadingsAreLettersAlone(t *testing.T) {
	s := readSounds()
	for _, syllable := range s.syllables {
		if syllable == "" || strings.ContainsFunc(syllable, func(r rune) bool { return !isLetter(r) }) ||
			len(syllable) > 6 {
			t.Errorf("%q", syllable)
		}
	}
}

func TestEveryReadingOfACharacterIsKnown(t *testing.T) {
	s := readSounds()
	for r, want := range map[rune]string{'行': "xing hang", '重': "zhong chong", '参': "can shen",
		'还': "huan hai", '绿': "lv", '女': "nv", '购': "gou"} {
		var all []string
		for _, n := range s.of(r) {
			all = append(all, s.syllables[n])
		}
		for _, reading := range strings.Fields(want) {
			if !slices.Contains(all, reading) {
				t.Errorf("%c is read %v, not %s", r, all, reading)
			}
		}
	}
}
