package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"

	"go.yaml.in/yaml/v3"
)

// composeFile is what is relied on of the Compose specification (compose-spec.io).
type composeFile struct {
	Services map[string]composeService
	Networks map[string]any
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type composeService struct {
	Image       string
	User        string
	Command     []string
	Environment map[string]string
	Secrets     []string
	Networks    []string
	Volumes     []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck *struct {
		Test    []string
		Disable bool
	}
	Restart     string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file composeFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// makeSecrets pastes the commands at the head of docker-compose.yml into a shell,
// in a folder that has that file.
func makeSecrets(t *testing.T) (folder string) {
	t.Helper()
	enginetest.Program(t, "sh")
	enginetest.Program(t, "openssl")
	folder = t.TempDir()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "docker-compose.yml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	var commands strings.Builder
	for _, line := range regexp.MustCompile(`(?m)^#   (.*)$`).FindAllStringSubmatch(string(text), -1) {
		commands.WriteString(line[1] + "\n")
	}
	shell := exec.Command("sh", "-eu", "-c", commands.String())
	shell.Dir = folder
	if said, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return folder
}

func TestComposeHoldsTogether(t *testing.T) {
	file, folder := readCompose(t), makeSecrets(t)
	for name, secret := range file.Secrets {
		info, err := os.Stat(filepath.Join(folder, secret.File))
		if err != nil || info.Mode().Perm() != 0o444 {
			t.Errorf("the secret %s cannot be read by the containers' users: %v", name, err)
		}
	}
	for name, s := range file.Services {
		for _, secret := range s.Secrets {
			if _, ok := file.Secrets[secret]; !ok {
				t.Errorf("%s wants the secret %s, which there is not", name, secret)
			}
		}
		for variable, value := range s.Environment {
			secret, ok := strings.CutPrefix(value, "/run/secrets/")
			if strings.HasSuffix(variable, "_FILE") != ok || ok && !slices.Contains(s.Secrets, secret) {
				t.Errorf("%s: %s=%s is none of its secrets", name, variable, value)
			}
		}
		for _, network := range s.Networks {
			if _, ok := file.Networks[network]; !ok {
				t.Errorf("%s is on the network %s, which there is not", name, network)
			}
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if _, ok := file.Volumes[source]; !ok {
				t.Errorf("%s keeps things in %s, which is no named volume", name, source)
			}
		}
		for other, depends := range s.DependsOn {
			on, ok := file.Services[other]
			switch depends.Condition {
			case "service_healthy":
				ok = ok && on.Healthcheck != nil && len(on.Healthcheck.Test) > 0
			case "service_completed_successfully":
				ok = ok && on.Restart == "no"
			case "service_started":
			default:
				ok = false
			}
			if !ok {
				t.Errorf("%s waits for %s to be %s, which will never be", name, other, depends.Condition)
			}
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.Restart == "" {
			t.Errorf("%s is not hardened, or does not say when it is restarted", name)
		}
		if s.Image != "stempel" && (s.User == "" || strings.HasPrefix(s.User, "0")) {
			t.Errorf("%s runs as root", name)
		}
		if s.Healthcheck == nil {
			t.Errorf("%s says nothing of its health", name)
		}
	}
}

// What the compose file tells our own services is what they understand, and a
// configuration that passes.
func TestComposeConfiguresStempel(t *testing.T) {
	file, folder := readCompose(t), makeSecrets(t)
	seen := map[string]bool{}
	for name, s := range file.Services {
		if s.Image != "stempel" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var known []string
			for _, flag := range flagsOf(t, s.Command[0]) {
				known = append(known, flag.EnvDefaultKey)
			}
			t.Setenv("STEMPEL_DATA", t.TempDir()) // /data in the image
			for variable, value := range s.Environment {
				base := strings.TrimSuffix(variable, "_FILE")
				if !slices.Contains(known, base) {
					t.Errorf("stempel %s does not know %s", s.Command[0], variable)
				}
				seen[base] = true
				if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
					value = filepath.Join(folder, file.Secrets[secret].File)
				}
				t.Setenv(variable, value)
			}
			if _, err := parse(s.Command, streams{}); err != nil {
				t.Error(err)
			}
			if s.Healthcheck.Disable {
				return
			}
			if _, err := parse(s.Healthcheck.Test[2:], streams{}); err != nil || s.Healthcheck.Test[1] != "/stempel" {
				t.Errorf("its health is asked for by %v: %v", s.Healthcheck.Test, err)
			}
		})
	}
	if len(seen) == 0 {
		t.Error("no service of ours")
	}
	for _, variable := range []string{"DATABASE_URL", "REDIS_URL", "STEMPEL_MASTER_KEY"} {
		if !seen[variable] {
			t.Errorf("nobody is told %s: it is %v", variable, slices.Sorted(maps.Keys(seen)))
		}
	}
	// PostgreSQL is made with the password that the URL has.
	url, password := read(t, filepath.Join(folder, "secrets/database_url")), read(t, filepath.Join(folder, "secrets/postgres_password"))
	postgres := file.Services["postgres"]
	if want := "postgres://" + postgres.Environment["POSTGRES_USER"] + ":" + strings.TrimSpace(password) + "@postgres:5432/stempel\n"; url != want {
		t.Error("the URL of the database does not fit the server's user and password")
	}
}

// Compose itself reads the file, wherever it is installed.
func TestComposeReadsIt(t *testing.T) {
	folder := makeSecrets(t)
	compose := []string{"docker-compose"}
	if exec.Command("docker", "compose", "version").Run() == nil {
		compose = []string{"docker", "compose"}
	} else {
		enginetest.Program(t, "docker-compose")
	}
	cmd := exec.Command(compose[0], append(compose[1:], "config", "--quiet")...)
	cmd.Dir = folder
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
