package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"stempel/api/gen"
)

// scrape reads what a server shows Prometheus.
func scrape(t *testing.T, s *server) map[string]*dto.MetricFamily {
	t.Helper()
	page := call(t, http.MethodGet, s.URL()+"/metrics", "", nil)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page.body))
	if err != nil {
		t.Fatalf("the page is not Prometheus's format: %v", err)
	}
	return families
}

// busyServer is one on which a customer came, came again with the same code, and
// a stranger tried.
func busyServer(t *testing.T) (*server, shop) {
	t.Helper()
	s := bootAt(t, in(t.TempDir()), anyPort())
	t.Cleanup(func() { closeServer(t, s) })
	h := openShop(t, s)
	code := h.token(t, h.card(t))
	for _, want := range []int{http.StatusOK, http.StatusConflict, http.StatusConflict} {
		if got := h.stamp(t, code); got.status != want {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	call(t, http.MethodPost, s.URL()+"/v1/scans", h.notes.TillToken, map[string]any{"credential": h.token(t, h.card(t))})
	call(t, http.MethodGet, s.URL()+"/v1/programs", "nobody", nil)
	eventually(t, "the database was looked at", func() bool { return s.upkeep.databaseUp.Load() })
	return s, h
}

// Names and types follow prometheus.io/docs/practices/naming, every metric says
// what it is, and none is labelled with an id.
func TestMetricsAreWellNamed(t *testing.T) {
	s, _ := busyServer(t)
	anID := regexp.MustCompile(`[a-z]+_[0-9a-hjkmnp-tv-z]{26}`)
	for name, family := range scrape(t, s) {
		ours := strings.HasPrefix(name, "stempel_")
		if !ours && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s has no prefix", name)
		}
		if len(family.GetHelp()) < 10 {
			t.Errorf("%s: help is %q", name, family.GetHelp())
		}
		kind := family.GetType()
		if ours && strings.HasSuffix(name, "_total") != (kind == dto.MetricType_COUNTER) {
			t.Errorf("%s is a %s", name, kind)
		}
		if ours && kind == dto.MetricType_HISTOGRAM && !strings.HasSuffix(name, "_seconds") && !strings.HasSuffix(name, "_commands") {
			t.Errorf("%s names no unit", name)
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if anID.MatchString(label.GetValue()) {
					t.Errorf("%s is labelled with an id: %s=%q", name, label.GetName(), label.GetValue())
				}
			}
		}
	}
}

func TestMetricsTellWhatHappened(t *testing.T) {
	s, _ := busyServer(t)
	families := scrape(t, s)
	for _, want := range []struct {
		name   string
		labels map[string]string
		value  float64
	}{
		{"stempel_scans_total", map[string]string{"action": "scan", "method": "live", "result": "posted", "code": ""}, 1},
		{"stempel_scans_total", map[string]string{"action": "scan", "method": "live", "result": "looked"}, 1},
		{"stempel_scans_total", map[string]string{"result": "refused", "code": "credential_already_used"}, 2},
		{"stempel_scan_duration_seconds", map[string]string{"action": "scan"}, 4},
		{"stempel_replays_refused_total", nil, 2},
		{"stempel_problems_total", map[string]string{"code": "unauthorized"}, 1},
		{"stempel_posting_batch_commands", nil, 3},
		{"stempel_posting_queue_seconds", nil, 3},
		{"stempel_database_up", nil, 1},
		{"stempel_guard_degraded", nil, 0},
		{"stempel_guard_missed_total", nil, 0},
		{"stempel_open_pages", nil, 0},
	} {
		if got := sum(families[want.name], want.labels); got != want.value {
			t.Errorf("%s%v is %v, want %v", want.name, want.labels, got, want.value)
		}
	}
	for _, trip := range []string{"read", "write"} {
		if got := sum(families["stempel_database_trip_seconds"], map[string]string{"trip": trip}); got < 1 {
			t.Errorf("%v trips to %s", got, trip)
		}
	}
	if ages := families["stempel_signing_key_age_seconds"].GetMetric(); len(ages) != 15 {
		t.Errorf("ages of %d keys, want all but the PINs'", len(ages))
	}
}

// sum adds the members that have the labels; of a histogram, how often it was told.
func sum(family *dto.MetricFamily, labels map[string]string) (total float64) {
	for _, metric := range family.GetMetric() {
		own := map[string]string{}
		for _, label := range metric.GetLabel() {
			own[label.GetName()] = label.GetValue()
		}
		fits := true
		for name, value := range labels {
			fits = fits && own[name] == value
		}
		if fits {
			total += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return total
}

// A server whose Redis is away says so without being asked to look.
func TestMetricsTellOfALostRedis(t *testing.T) {
	on := anyPort()
	on.RedisURL = "redis://" + deadAddress(t)
	s := bootAt(t, in(t.TempDir()), on)
	defer closeServer(t, s)
	eventually(t, "the guard is degraded", func() bool { return sum(scrape(t, s)["stempel_guard_degraded"], nil) == 1 })
	before := sum(scrape(t, s)["stempel_guard_missed_total"], nil)
	for range 20 {
		scrape(t, s)
	}
	if after := sum(scrape(t, s)["stempel_guard_missed_total"], nil); before == 0 || after > before+1 { // one look may have come between
		t.Errorf("missed %v, then %v: scrapes ask Redis", before, after)
	}
}

const operations = "../../docs/operations/"

// Whatever dashboard and alerts ask for exists: metrics, their labels, and codes
// of problems.
func TestDashboardAndAlertsKnowTheMetrics(t *testing.T) {
	s, _ := busyServer(t)
	families := scrape(t, s)
	expressions := append(dashboardExpressions(t), slices.Collect(maps.Values(alertExpressions(t)))...)
	if len(expressions) < 40 {
		t.Fatalf("only %d expressions were found", len(expressions))
	}
	used := map[string]bool{}
	for _, expression := range expressions {
		for _, asked := range selectors(expression) {
			name := asked.metric
			if base := suffix.ReplaceAllString(name, ""); families[name] == nil && families[base].GetType() == dto.MetricType_HISTOGRAM {
				name = base
			}
			used[name] = true
			if name != "up" && families[name] == nil {
				t.Errorf("there is no metric %s in %s", asked.metric, expression)
			}
			for label, values := range asked.labels {
				checkLabel(t, families[name], label, values)
			}
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "stempel_") && !used[name] {
			t.Errorf("neither dashboard nor alert shows %s", name)
		}
	}
}

// checkLabel knows that Prometheus adds job and instance.
func checkLabel(t *testing.T, family *dto.MetricFamily, label, values string) {
	t.Helper()
	known := label == "job" || label == "instance"
	for _, metric := range family.GetMetric() {
		for _, pair := range metric.GetLabel() {
			known = known || pair.GetName() == label
		}
	}
	if !known {
		t.Errorf("%s has no label %s", family.GetName(), label)
	}
	if label != "code" {
		return
	}
	for code := range strings.SplitSeq(values, "|") {
		if _, ok := gen.Problems[gen.ProblemCode(code)]; !ok {
			t.Errorf("%s: the contract has no code %s", family.GetName(), code)
		}
	}
}

var (
	suffix   = regexp.MustCompile(`_(bucket|sum|count)$`)
	selector = regexp.MustCompile(`\b((?:stempel|go|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`([a-z]+)(?:=~|!=|=)"([^"]*)"`)
)

// asking is a metric that an expression names, and what it wants of its labels.
type asking struct {
	metric string
	labels map[string]string
}

func selectors(expression string) []asking {
	var found []asking
	for _, match := range selector.FindAllStringSubmatch(expression, -1) {
		one := asking{match[1], map[string]string{}}
		for _, label := range matcher.FindAllStringSubmatch(match[2], -1) {
			one.labels[label[1]] = label[2]
		}
		found = append(found, one)
	}
	return found
}

func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	var dashboard struct {
		Title      string
		UID        string
		Templating struct {
			List []struct{ Name, Type string }
		}
		Panels []struct {
			Type, Title, Description string
			Datasource               struct{ UID string }
			Targets                  []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(readFile(t, "dashboard.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	if v := dashboard.Templating.List; len(v) == 0 || v[0].Name != "datasource" || v[0].Type != "datasource" {
		t.Error("whoever imports the dashboard cannot choose their Prometheus")
	}
	var expressions []string
	for _, panel := range dashboard.Panels {
		if panel.Type == "row" {
			continue
		}
		if panel.Title == "" || len(panel.Targets) == 0 || panel.Datasource.UID != "${datasource}" {
			t.Errorf("panel %q has no title, shows nothing, or is bound to one Prometheus", panel.Title)
		}
		for _, target := range panel.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	return expressions
}

// alertExpressions are the alerts' conditions by name. Unknown fields are an
// error, as for Prometheus.
func alertExpressions(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(readFile(t, "alerts.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if err := decoder.Decode(new(any)); err != io.EOF {
		t.Errorf("more than one document: %v", err)
	}
	expressions := map[string]string{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if _, twice := expressions[rule.Alert]; twice || rule.Alert == "" || rule.Expr == "" || rule.Annotations["summary"] == "" {
				t.Errorf("the alert %q of %s stands twice, or says nothing", rule.Alert, group.Name)
			}
			if !slices.Contains([]string{"page", "warn", "info"}, rule.Labels["severity"]) {
				t.Errorf("%s: severity is %q", rule.Alert, rule.Labels["severity"])
			}
			expressions[rule.Alert] = rule.Expr
		}
	}
	return expressions
}

// Whoever is woken by an alert finds what customers notice and what to do.
func TestEveryAlertIsExplained(t *testing.T) {
	page := string(readFile(t, "README.md"))
	alerts := alertExpressions(t)
	for _, section := range strings.Split(page, "\n### ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		if _, ok := alerts[name]; !ok {
			t.Errorf("the page explains %s, which is no alert", name)
		}
		for _, part := range []string{"**Customers:**", "**Do:**"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %s", name, part)
			}
		}
		delete(alerts, name)
	}
	for name := range alerts {
		t.Errorf("the page does not explain %s", name)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(operations, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
