package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/jessevdk/go-flags"
)

// environment gives the flags of a command that were not typed their values from
// the environment: that of the variable NAME, or the content of the file that
// NAME_FILE names, as container secrets are mounted. An empty variable is none:
// the flag's default holds.
func environment(command *flags.Command, wrong *problems) {
	for _, flag := range command.Options() {
		name := flag.EnvDefaultKey
		if name == "" || typed(flag) {
			continue
		}
		value := ""
		// A folder that somebody has just typed is meant, not what a shell has set for others.
		if flag.LongName != "database-url" || !typed(command.FindOptionByLongName("data")) {
			var err error
			if value, err = variable(name); err != nil {
				wrong.add(name, "%v", err)
			}
			if value == "" && len(flag.Default) > 0 {
				value = flag.Default[0]
			}
		}
		if err := flag.Set(&value); err != nil {
			wrong.add(name, "%v", err)
		}
	}
}

// typed tells whether a flag is on the command line.
func typed(flag *flags.Option) bool { return flag.IsSet() && !flag.IsSetDefault() }

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
