package web_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// Every language says everything, with the same gaps.
func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	texts := func(l passes.Language) map[string]string {
		file, err := os.ReadFile("translations/" + string(l) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		in := map[string]string{}
		if err := json.Unmarshal(file, &in); err != nil {
			t.Fatal(err)
		}
		return in
	}
	gap := regexp.MustCompile(`\{\w+\}`)
	english := texts(passes.English)
	for _, l := range passes.Languages() {
		in := texts(l)
		if got, want := slices.Sorted(maps.Keys(in)), slices.Sorted(maps.Keys(english)); !slices.Equal(got, want) {
			t.Errorf("%s has other texts than English", l)
		}
		for id, text := range in {
			if text == "" || !slices.Equal(gap.FindAllString(text, -1), gap.FindAllString(english[id], -1)) {
				t.Errorf("%s in %s: %q", id, l, text)
			}
		}
	}
}

// No text is left over: each is named in the program, or is one of a family.
func TestTextsAreUsed(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, room := range []string{".", "../../api"} {
		files, err := fs.Glob(os.DirFS(room), "*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := fs.ReadFile(os.DirFS(room), name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "_test.go") {
				source.Write(file)
			}
		}
	}
	family := regexp.MustCompile(`^(entry|consent|wallet|join\.wrong|join\.for)\.\w+$|^join\.(name|phone|email)$`)
	file, err := os.ReadFile("translations/en.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	for id := range texts {
		// A refusal's text and a notice's go by the name of the heading.
		if named := `"` + strings.TrimSuffix(id, ".text") + `"`; !strings.Contains(source.String(), named) && !family.MatchString(id) {
			t.Errorf("nothing says %s", id)
		}
	}
}

// What a card page says of each kind of entry.
func TestEveryKindOfEntryHasAName(t *testing.T) {
	t.Parallel()
	for _, kind := range []loyalty.EntryKind{
		loyalty.Earn, loyalty.Complete, loyalty.Redeem, loyalty.Expire, loyalty.Void, loyalty.Adjust, loyalty.Opening, loyalty.Merge,
	} {
		for _, l := range passes.Languages() {
			if web.Say(l, "entry."+kind.String(), "") == "" {
				t.Errorf("%s has no name in %s", kind, l)
			}
		}
	}
}

func page(l passes.Language) web.Page {
	return web.Page{Language: l, Languages: passes.Languages(), Brand: `<b>"Aurora"</b>`, Style: "/style.css", Logo: "/logo.png", Here: "/here", Notice: "https://aurora.example/privacy"}
}

// each renders every page, with everything on it, in every language.
func each(t *testing.T, test func(name, html string)) {
	t.Helper()
	for _, l := range passes.Languages() {
		face := &passes.Face{Title: "<script>alert(1)</script>", Brand: loyalty.Brand{Name: "Aurora"}}
		link := &web.Link{URL: "https://cards.example/recover/x", QR: web.QR{Size: 10, Path: "M0 0h1v1h-1z"}}
		card := web.Card{
			Page: page(l), Face: face, Texts: &passes.Texts{Notice: "No", Expiry: "today", Next: "2 more"}, Ready: []web.Ready{{Line: "A cone"}}, Told: "card.fresh", Holder: "Zofia", Zone: time.UTC,
			Consents: []web.Decision{{Consent: web.Consent{Purpose: "a", Wording: "Yes"}, Given: true, At: time.Unix(0, 0)}, {Consent: web.Consent{Purpose: "b", Wording: "No"}}},
			History:  []web.Line{{At: web.Moment(time.Unix(0, 0), time.UTC, l), What: "Collected", Units: "+1", Receipt: "/r"}},
			Wallets:  []web.Wallet{{Kind: "apple", URL: "/a"}, {Kind: "google", URL: "https://pay.google.com/x"}},
			Manifest: "/m", Offline: "/offline", Honoured: []string{`<i>River</i>`}, Earlier: "/here?before=2#history", Latest: "/here#history",
		}
		kept := card
		kept.Recovery = link
		for name, render := range map[string]func() ([]byte, error){
			"join": func() ([]byte, error) {
				return web.RenderJoin(&web.Join{Page: page(l), Title: face.Title, Gets: []string{"A cone"}, Wrong: "phone", Lost: "/lost", Consents: []web.Consent{{Purpose: "p", Wording: "Yes"}}})
			},
			"closed":   func() ([]byte, error) { return web.RenderJoin(&web.Join{Page: page(l), Closed: "No cards"}) },
			"card":     func() ([]byte, error) { return web.RenderCard(&card) },
			"recovery": func() ([]byte, error) { return web.RenderCard(&kept) },
			"recover":  func() ([]byte, error) { return web.RenderRecover(&web.Recover{Page: page(l), Title: face.Title}) },
			"lost": func() ([]byte, error) {
				return web.RenderLost(&web.Lost{Page: page(l), Title: face.Title, Wrong: true})
			},
			"offline": func() ([]byte, error) {
				return web.RenderOffline(&web.Offline{Page: page(l), Title: face.Title, Code: "/qr.png", Rewards: []web.OfflineReward{{Name: face.Title, Code: "/a.png"}}, Back: "/card"})
			},
			"notice": func() ([]byte, error) {
				return web.RenderNotice(&web.Notice{Page: page(l), Heading: "No", Text: "text", Retry: "/here", Forget: true})
			},
		} {
			html, err := render()
			if err != nil {
				t.Fatalf("%s in %s: %v", name, l, err)
			}
			test(name+" "+string(l), string(html))
		}
	}
}

// The policy forbids scripts and styles on the page itself, so none may stand there;
// and what merchants write is text.
func TestPagesKeepToThePolicy(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`(?i)<script>|<style|\sstyle=|\son[a-z]+=|javascript:|<b>"|src="https?:|ZgotmplZ`)
	each(t, func(name, html string) {
		if found := forbidden.FindString(html); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	})
	for _, source := range strings.Split(web.Policy, ";") {
		if strings.Contains(source, "unsafe") || strings.Contains(source, "http") || strings.Contains(source, "*") {
			t.Errorf("the policy allows %s", source)
		}
	}
}

// hostile is what a merchant or a member may be called.
const hostile = `</script></title><img src=x onerror="alert(1)">'"&<!--`

// Wherever a page shows a text, or leads to an address, that text stays text, and
// that address runs nothing.
func TestNamesStayText(t *testing.T) {
	t.Parallel()
	all := web.Page{Language: passes.Romanian, Languages: passes.Languages(), Brand: hostile, Style: hostile, Logo: hostile, Here: hostile}
	face := &passes.Face{Title: hostile, Brand: loyalty.Brand{Name: hostile}}
	texts := &passes.Texts{
		Count: hostile, Description: hostile, Next: hostile, Ready: hostile, ReadyLabel: hostile, Expiry: hostile, ExpiryLabel: hostile, Change: hostile,
	}
	noticed := *texts
	noticed.Notice = hostile
	card := web.Card{
		Page: all, Face: face, Texts: texts, Card: hostile, Strip: "javascript:alert(1)", Manifest: " javascript:alert(1)", Told: "others.done", Holder: hostile, Zone: time.UTC,
		Consents: []web.Decision{{Consent: web.Consent{Purpose: hostile, Wording: hostile}, Given: true, At: time.Unix(0, 0), Read: hostile}},
		History:  []web.Line{{At: hostile, What: hostile, Units: hostile, Receipt: "data:text/html,x"}},
		Wallets:  []web.Wallet{{Kind: "apple", URL: "JavaScript:alert(1)"}, {Kind: "google", URL: "//evil.example"}},
	}
	kept := card
	kept.Texts, kept.Ready, kept.Recovery = &noticed, []web.Ready{{Line: hostile}}, &web.Link{URL: "javascript:alert(1)", QR: web.QR{Path: hostile}}
	for name, page := range map[string]func() ([]byte, error){
		"card": func() ([]byte, error) { return web.RenderCard(&card) },
		"kept": func() ([]byte, error) { return web.RenderCard(&kept) },
		"join": func() ([]byte, error) {
			return web.RenderJoin(&web.Join{
				Page: all, Title: hostile, Gets: []string{hostile}, Once: hostile, Consents: []web.Consent{{Purpose: hostile, Wording: hostile}},
				Values: web.JoinValues{Name: hostile, Phone: hostile, Email: hostile}, Wrong: "name", Strip: hostile,
			})
		},
		"recover": func() ([]byte, error) { return web.RenderRecover(&web.Recover{Page: all, Title: hostile}) },
		"notice": func() ([]byte, error) {
			return web.RenderNotice(&web.Notice{Page: all, Heading: hostile, Text: hostile, Retry: "vbscript:x", Typed: hostile, Another: "data:x"})
		},
	} {
		html, err := page()
		if err != nil {
			t.Fatal(err)
		}
		text := string(html)
		if !strings.Contains(text, "&lt;/script&gt;&lt;/title&gt;&lt;img src=x onerror=&#34;alert(1)&#34;&gt;&#39;&#34;&amp;&lt;!--") {
			t.Errorf("%s shows no name", name)
		}
		if found := regexp.MustCompile(`(?i)<img src=x|</script></title>|onerror="|<!--|(href|src|action)="\s*(\w+script|data|//)`).FindString(text); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

// A style sheet takes nothing but colours.
func TestStylesAreColours(t *testing.T) {
	t.Parallel()
	sheet := web.Style(&passes.Face{Brand: loyalty.Brand{Name: hostile, Colors: loyalty.ColorsOn(loyalty.White)}})
	if !regexp.MustCompile(`^:root\{(--[a-z-]+:#[0-9a-f]{6};?){4}\}\n$`).Match(sheet) {
		t.Errorf("%s", sheet)
	}
}

// What people who hear pages, or walk them by keyboard, need (WCAG 2.2: 1.1.1,
// 1.3.1, 2.4.1, 2.4.2, 3.1.1, 3.3.2).
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	input := regexp.MustCompile(`<input id="(\w+)"`)
	image := regexp.MustCompile(`<img [^>]*>`)
	each(t, func(name, html string) {
		for _, want := range []string{`<html lang="` + name[len(name)-2:] + `"`, "<title>", `class="skip" href="#content"`, `<main id="content">`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		if n := strings.Count(html, "<h1>"); n != 1 {
			t.Errorf("%s has %d main headings", name, n)
		}
		for _, field := range input.FindAllStringSubmatch(html, -1) {
			if !strings.Contains(html, `<label for="`+field[1]+`"`) {
				t.Errorf("%s: the field %s has no label", name, field[1])
			}
		}
		for _, picture := range image.FindAllString(html, -1) {
			if !strings.Contains(picture, " alt=") {
				t.Errorf("%s: %s has no text", name, picture)
			}
		}
		if strings.Contains(html, " checked") {
			t.Errorf("%s ticks a box by itself", name)
		}
	})
}

func TestAssets(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(os.DirFS("assets"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if file, mediaType, ok := web.Asset(name); !ok || len(file) == 0 || mediaType == "" {
			t.Errorf("%s is not sent, or of no type", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../doc.go", "none.js", "assets", "../translations/en.json"} {
		if _, _, ok := web.Asset(name); ok {
			t.Errorf("%q is sent", name)
		}
	}
}

// A letter says the same in both forms, and what merchants write is text.
func TestLetters(t *testing.T) {
	t.Parallel()
	for _, l := range passes.Languages() {
		letter := web.Letter{Language: l, Brand: `Lody & "Kawa" <b>`, Cards: []web.LetterCard{
			{Title: "<script>alert(1)</script>", URL: "https://cards.example/recover/one?lang=pl&x=y"}, {Title: "Card", URL: "https://cards.example/recover/two"},
		}}
		if subject := letter.Subject(); !strings.Contains(subject, letter.Brand) || strings.ContainsAny(subject, "\r\n{}") {
			t.Errorf("%s: the subject %q", l, subject)
		}
		text, html := letter.Text(), letter.HTML()
		for _, card := range letter.Cards {
			if !strings.Contains(text, card.Title+":\n"+card.URL+"\n") {
				t.Errorf("%s: the text does not lead to %s", l, card.URL)
			}
		}
		for _, want := range []string{`href="https://cards.example/recover/one?lang=pl&amp;x=y"`, "&lt;script&gt;", "Lody &amp; &#34;Kawa&#34; &lt;b&gt;", `lang="` + string(l) + `"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: there is no %s in %s", l, want, html)
			}
		}
		for _, forbidden := range []string{"<script", "<b>", "<img", "{brand}"} {
			if strings.Contains(html, forbidden) {
				t.Errorf("%s: there is %s in %s", l, forbidden, html)
			}
		}
	}
}

// Whoever owes points reads so, and how that ends; nobody else does.
func TestPointsBelowNone(t *testing.T) {
	t.Parallel()
	for l, says := range map[passes.Language]string{
		passes.English: "Your next purchases make up for it.", passes.Polish: "Wyrównają to następne zakupy.", passes.Romanian: "Se acoperă cu următoarele cumpărături.",
	} {
		for count, want := range map[string]string{"-120 points": ">−120 points</p><p class=\"owed\">" + says + "<", "120 points": ">120 points</p></section>"} {
			html, err := web.RenderCard(&web.Card{Page: page(l), Face: &passes.Face{}, Texts: &passes.Texts{Count: count}})
			if err != nil || !strings.Contains(string(html), want) {
				t.Errorf("%s: no %q in %s, %v", l, want, html, err)
			}
		}
	}
}

// A tier that takes something off says how much; a discount card has said it.
func TestWhatATierBrings(t *testing.T) {
	t.Parallel()
	for l, says := range map[passes.Language]string{passes.English: "3\u00a0% off", passes.Polish: "3\u00a0% rabatu", passes.Romanian: "3\u00a0% reducere"} {
		for kind, times := range map[loyalty.ProgramKind]int{loyalty.Points: 1, loyalty.Stamps: 1, loyalty.Discount: 0} {
			face := &passes.Face{Kind: kind, Standing: passes.Standing{Rate: 300, Tier: "Silver", Perks: []string{"Parking"}}}
			html, err := web.RenderCard(&web.Card{Page: page(l), Face: face, Texts: &passes.Texts{TierLabel: "Status", Tier: "Silver", TierNext: "More to Gold"}})
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(html), "Silver</p><ul><li>"+says+"</li><li>Parking</li></ul>"); n != times {
				t.Errorf("%s, %s: said %d times in %s", l, kind, n, html)
			}
		}
	}
}
