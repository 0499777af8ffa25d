package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// environment gives flags that are not on the command line their values from the
// environment: that of the variable NAME, or the content of the file that
// NAME_FILE names, as container secrets are mounted. An empty variable is none:
// the flag's default holds.
func environment(wrong *problems) kong.Resolver {
	return kong.ResolverFunc(func(line *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if len(flag.Envs) == 0 {
			return nil, nil
		}
		if flag.Name == "database-url" && onCommandLine(line, "data") {
			return "", nil // the folder that somebody has just typed is meant, not what a shell has set for others
		}
		name := flag.Envs[0]
		value, err := variable(name)
		if err != nil {
			wrong.add(name, "%v", err)
		}
		if value == "" {
			value = flag.Default
		}
		return value, nil
	})
}

func onCommandLine(line *kong.Context, flag string) bool {
	return slices.ContainsFunc(line.Path, func(p *kong.Path) bool {
		return p.Flag != nil && p.Flag.Name == flag && !p.Resolved
	})
}

// variable reads NAME or the file that NAME_FILE names, less its line end.
// Errors never show a value, nor the file's name: it may be a secret that was
// put into the wrong variable.
func variable(name string) (string, error) {
	value, file := os.Getenv(name), os.Getenv(name+"_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("is given, and %s_FILE is too: keep one", name)
	}
	content, err := os.ReadFile(file)
	var named *fs.PathError
	if errors.As(err, &named) {
		err = named.Err
	}
	if err != nil {
		return "", fmt.Errorf("the file that %s_FILE names cannot be read: %w", name, err)
	}
	value = string(content)
	if utf8.Valid(content) { // else it is no text, as a .p12 file
		value = strings.TrimRight(value, "\r\n")
	}
	if value == "" {
		return "", fmt.Errorf("the file that %s_FILE names is empty", name)
	}
	return value, nil
}
