package api_test

import (
	"bytes"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// picture is a PNG of one colour.
func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, painted(width, height)); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func painted(width, height int) image.Image {
	painted := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(painted.Pix); i += 4 {
		copy(painted.Pix[i:], []byte{200, 30, 60, 255})
	}
	return painted
}

func (s *site) brandCall(method, what string, body any) apitest.Call {
	c := apitest.Call{Method: method, Path: "/v1/merchant/brand" + what, Token: s.Shop.Admin, Body: body}
	if _, ok := body.([]byte); ok {
		c.Header = map[string]string{"Content-Type": "image/png"}
	}
	return c
}

func (s *site) upload(t *testing.T, what string, file []byte) gen.Brand {
	t.Helper()
	return apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodPut, "/"+what, file)))
}

func TestBrand(t *testing.T) {
	t.Parallel()
	s := &site{API: apitest.Boot(t)}
	read := func() gen.Brand {
		t.Helper()
		return apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodGet, "", nil)))
	}
	if got := read(); got != (gen.Brand{}) {
		t.Errorf("nothing was chosen, and it is %+v", got)
	}
	chosen := apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodPut, "", apitest.Map{
		"name": "Aurora", "colors": apitest.Map{"background": "#FFF0F3", "accent": "#d6336c"},
	})))
	if chosen.Name != "Aurora" || *chosen.Colors != (gen.BrandColors{
		Background: "#fff0f3", Foreground: "#000000", Label: chosen.Colors.Label, Accent: "#d6336c",
	}) || chosen.Colors.Label == "" {
		t.Errorf("got %+v, %+v", chosen, chosen.Colors)
	}

	logo, icon := s.upload(t, "logo", picture(t, 320, 100)), s.upload(t, "icon", picture(t, 64, 64))
	if logo.Icon != "" || icon.Logo != logo.Logo || icon.Icon == "" || icon.Icon == icon.Logo || icon.Name != "Aurora" {
		t.Errorf("with a logo %+v, with an icon too %+v", logo, icon)
	}
	kept := s.Do(t, s.brandCall(http.MethodGet, "/logo", nil))
	if config, err := png.DecodeConfig(bytes.NewReader(kept.Body)); err != nil || config.Width != 320 || config.Height != 100 {
		t.Errorf("the logo is kept as %+v, %v", config, err)
	}
	s.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/merchant/brand/logo", Token: s.Rival.Admin}, gen.ProblemCodeImageNotFound)

	if got := apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodPut, "", nil))); got.Name != "" || got.Colors != nil || got.Logo != logo.Logo {
		t.Errorf("an empty body takes back name and colours alone; it left %+v", got)
	}
	if got := apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodDelete, "/logo", nil))); got.Logo != "" || got != read() {
		t.Errorf("without its logo: %+v", got)
	}
	s.Refused(t, s.brandCall(http.MethodGet, "/logo", nil), gen.ProblemCodeImageNotFound)
	s.Do(t, s.brandCall(http.MethodDelete, "/logo", nil)) // nothing is there
}

// A JPEG does as well, under whichever of the two names.
func TestLogoAsJPEG(t *testing.T) {
	t.Parallel()
	s := &site{API: apitest.Boot(t)}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, painted(200, 60), nil); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"image/jpeg", "image/png"} {
		c := s.brandCall(http.MethodPut, "/logo", file.Bytes())
		c.Header["Content-Type"] = kind
		if got := apitest.Read[gen.Brand](t, s.Do(t, c)); len(got.Logo) != hex.EncodedLen(32) {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

func TestUnreadableColors(t *testing.T) {
	t.Parallel()
	s := &site{API: apitest.Boot(t)}
	for field, tt := range map[string]struct {
		colors apitest.Map
		says   []string
	}{
		"colors.foreground": {apitest.Map{"background": "#ffffff", "foreground": "#777777"}, []string{"4.47 to 1", "4.5 to 1", "#767676"}},
		"colors.label":      {apitest.Map{"background": "#000000", "label": "#000080"}, []string{"1.31 to 1", "4.5 to 1"}},
		"colors.accent":     {apitest.Map{"background": "#d6336c", "accent": "#d6336c"}, []string{"1.00 to 1", "3 to 1"}},
	} {
		refused := s.Do(t, s.brandCall(http.MethodPut, "", apitest.Map{"colors": tt.colors}))
		p := refused.Problem()
		if p.Code != gen.ProblemCodeColorsUnreadable || p.Field != field {
			t.Errorf("%s: %s", field, refused.Body)
		}
		for _, says := range tt.says {
			if !strings.Contains(p.Detail, says) {
				t.Errorf("%s: %q does not say %q", field, p.Detail, says)
			}
		}
		// What is recommended is taken.
		_, rest, _ := strings.Cut(p.Detail, "example, ")
		instead, _, _ := strings.Cut(rest, " ")
		colors := apitest.Map{"background": tt.colors["background"], strings.TrimPrefix(field, "colors."): instead}
		apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodPut, "", apitest.Map{"colors": colors})))
	}
}

func TestBadPictures(t *testing.T) {
	t.Parallel()
	eachOperation(t, takesPicture, func(t *testing.T, s *site, o operation) {
		good := picture(t, 96, 96)
		var unseen bytes.Buffer
		if err := png.Encode(&unseen, image.NewPaletted(image.Rect(0, 0, 60, 60), color.Palette{color.Transparent})); err != nil {
			t.Fatal(err)
		}
		before := apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodGet, "", nil)))
		for name, tt := range map[string]struct {
			body []byte
			want gen.ProblemCode
		}{
			"nothing":          {nil, gen.ProblemCodeMissingField},
			"an SVG":           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("/v1/cards")</script></svg>`), gen.ProblemCodeImageUnsupported},
			"JSON":             {[]byte(`{"name":"x"}`), gen.ProblemCodeImageUnsupported},
			"cut off":          {good[:60], gen.ProblemCodeImageBroken},
			"tiny":             {picture(t, 16, 16), gen.ProblemCodeImageWrongSize},
			"a bomb":           {picture(t, 4096, 1025), gen.ProblemCodeImageWrongSize},
			"transparent":      {unseen.Bytes(), gen.ProblemCodeImageInvisible},
			"a byte too many":  {append(bytes.Clone(good), make([]byte, 1<<20+1-len(good))...), gen.ProblemCodeBodyTooLarge},
			"twenty megabytes": {append(bytes.Clone(good), make([]byte, 20<<20)...), gen.ProblemCodeBodyTooLarge},
		} {
			c := s.call(t, o)
			c.Body = tt.body
			refused := s.Do(t, c)
			if p := refused.Problem(); p.Code != tt.want {
				t.Errorf("%s: %d %s, want %s", name, refused.Status, refused.Body, tt.want)
			}
		}
		for _, kind := range []string{"image/svg+xml", "image/gif", "application/json", "application/octet-stream", "image/png; charset=x"} {
			c := s.call(t, o)
			c.Header = map[string]string{"Content-Type": kind}
			s.Refused(t, c, gen.ProblemCodeUnsupportedMediaType)
		}
		c := s.call(t, o)
		c.Header["Content-Encoding"] = "gzip"
		s.Refused(t, c, gen.ProblemCodeUnsupportedMediaType)
		c = s.call(t, o)
		c.Body = append(bytes.Clone(good), make([]byte, 1<<20-len(good))...) // exactly as large as may be
		if answer := s.Do(t, c); answer.Status != http.StatusOK {
			t.Errorf("1 MiB: %s", answer.Body)
		}
		after := apitest.Read[gen.Brand](t, s.Do(t, s.brandCall(http.MethodGet, "", nil)))
		if after != before && after.Logo == before.Logo && after.Icon == before.Icon {
			t.Errorf("was %+v, is %+v", before, after)
		}
	})
}

// Only pictures may be larger than other bodies.
func TestPicturesAloneAreLarge(t *testing.T) {
	t.Parallel()
	s := &site{API: apitest.Boot(t)}
	c := s.brandCall(http.MethodPut, "", make([]byte, 300<<10))
	s.Refused(t, c, gen.ProblemCodeBodyTooLarge)
}
