package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/keys"
)

// An empty database becomes a shop that scans: serve, one command, and the API.
func TestFromNothingToATill(t *testing.T) {
	for name, settings := range map[string]func(*testing.T) []string{
		"embedded": func(t *testing.T) []string { return []string{"STEMPEL_DATA=" + filepath.Join(t.TempDir(), "d")} },
		"postgres": func(t *testing.T) []string {
			return []string{"DATABASE_URL=" + enginetest.Postgres(t), "STEMPEL_MASTER_KEY=" + keys.NewMaster()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, setting := range settings(t) {
				variable, value, _ := strings.Cut(setting, "=")
				t.Setenv(variable, value)
			}
			server := launch(t, nil, "serve", "--listen", "127.0.0.1:0")
			url := server.url(t)
			var out, said bytes.Buffer
			if err := run(t.Context(), []string{"merchant", "add", "--name", "Aurora", "--zone", "Europe/Rome"}, &out, &said); err != nil {
				t.Fatal(err)
			}
			printed := map[string]string{}
			for line := range strings.Lines(out.String()) {
				printed[strings.TrimSpace(line[:9])] = strings.TrimSpace(line[9:])
			}
			ask := func(token, method, path, body string) (answer map[string]any) {
				t.Helper()
				request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Authorization", "Bearer "+token)
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				text, err := io.ReadAll(response.Body)
				if err != nil || response.StatusCode >= 300 || json.Unmarshal(text, &answer) != nil {
					t.Fatalf("%s %s: %d %s, %v", method, path, response.StatusCode, text, err)
				}
				return answer
			}
			admin := printed["admin key"]
			if m := ask(admin, "GET", "/v1/merchant", ""); m["id"] != printed["merchant"] || m["name"] != "Aurora" {
				t.Errorf("merchant %v", m)
			}
			till := ask(admin, "POST", "/v1/tills", `{"name": "Counter", "location": "`+printed["location"]+`"}`)
			code := till["pairing"].(map[string]any)["code"].(string)
			paired := ask("", "POST", "/v1/pairings", `{"code": "`+code+`"}`)
			if paired["merchant_name"] != "Aurora" || paired["token"] == "" {
				t.Errorf("paired %v", paired)
			}
			server.stop(t)
			if log := read(t, server.log); strings.Contains(log, code) || strings.Contains(log, admin[strings.Index(admin, ".")+1:]) {
				t.Errorf("the log holds a secret: %s", log)
			}
		})
	}
}
