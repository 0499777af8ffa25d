package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/internal/loyalty"
)

// What merchants and members call themselves is text on every page and in every
// file of one.
func TestHostileNamesStayText(t *testing.T) {
	t.Parallel()
	const hostile = `</script><img src=x onerror="alert(1)">'"&`
	escaped := regexp.MustCompile(`&lt;/script&gt;&lt;img src=x onerror=&#34;alert\(1\)&#34;&gt;&#39;&#34;&amp;`)
	alive := regexp.MustCompile(`<img src=x|</script><img|onerror="`)

	s := &site{API: apitest.Boot(t)}
	v := newVisitor(s.API)
	s.Do(t, s.brandCall(http.MethodPut, "", apitest.Map{"name": hostile}))
	s.Publish(t, s.Shop, s.Shop.Stamps.ID, func(r *loyalty.Rules) {
		r.Name = hostile
		for i := range r.Rewards {
			r.Rewards[i].Name = hostile
		}
	})
	form := v.form(t)
	form.Set("name", hostile)
	form.Set("email", "hostile@mail.example")
	at := v.send(t, form)
	v.Stamp(t, v.Shop, v.Shop.Front, v.cardOf(t, at), 10)

	wrong := url.Values{"once": v.form(t)["once"], "name": {hostile}, "phone": {hostile}, "email": {hostile}}
	_, refused := v.ask(t, v.door(), wrong)
	_, recovery := v.ask(t, at+"/recovery", url.Values{})
	pages := map[string]string{
		"join": v.read(t, v.door()), "join, wrong": refused, "card": v.read(t, at), "recovery": recovery,
		"recover": v.read(t, recoveryLink.FindStringSubmatch(recovery)[1]), "poster": v.read(t, v.door()+"/poster.svg"),
	}
	for name, text := range pages {
		if !escaped.MatchString(text) && name != "poster" { // there its lines are broken
			t.Errorf("%s shows no name: %s", name, text)
		}
		if found := alive.FindString(text); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	if !strings.Contains(pages["card"], "hostile@mail.example") {
		t.Error("the card does not show the member")
	}
	var manifest struct{ Name string }
	if err := json.Unmarshal([]byte(v.read(t, at+"/manifest.webmanifest")), &manifest); err != nil || !strings.Contains(manifest.Name, hostile) {
		t.Errorf("the manifest says %q, %v", manifest.Name, err)
	}
	if sheet := v.read(t, at+"/style.css") + v.read(t, v.door()+"/style.css"); strings.Contains(sheet, "img") {
		t.Errorf("a style sheet says %s", sheet)
	}
}
