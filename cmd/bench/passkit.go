package main

import (
	"bufio"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"stempel/passes/apple"
)

// passkit is a node process that makes the same passes with passkit-generator,
// the npm package.
type passkit struct {
	dir     string // of what it reads
	process *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
}

// errNoPasskit says why passkit-generator is not measured.
var errNoPasskit = errors.New("not measured")

// passkitPackage is beside the folder where `make pass-schema` installs it.
const (
	passkitPackage = "stempel/passes/apple"
	passkitEach    = 10 // passes a round: it takes tens of milliseconds for each
)

// startPasskit gives it the files of a pass of ours, and the same certificate and
// key. Errors: errNoPasskit where it cannot run here.
func startPasskit(ctx context.Context, p *press) (*passkit, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("%w: no node", errNoPasskit)
	}
	found, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", passkitPackage).Output()
	if err != nil {
		return nil, fmt.Errorf("%w: its folder was not found", errNoPasskit)
	}
	home := filepath.Join(strings.TrimSpace(string(found)), "testdata", "passkit")
	if _, err := os.Stat(filepath.Join(home, "node_modules")); err != nil {
		return nil, fmt.Errorf("%w: not installed (make pass-schema)", errNoPasskit)
	}
	k := &passkit{}
	if k.dir, err = os.MkdirTemp("", "stempel-passkit-"); err != nil {
		return nil, err
	}
	model, certificates := filepath.Join(k.dir, "model.pass"), filepath.Join(k.dir, "certificates")
	if err := errors.Join(p.writeModel(ctx, model), p.writeCertificates(certificates)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(k.dir))
	}
	k.process = exec.CommandContext(ctx, node, "make.mjs", model, certificates)
	k.process.Dir, k.process.Stderr, k.process.SysProcAttr = home, os.Stderr, attributes()
	if k.input, err = k.process.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := k.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	k.output = bufio.NewReader(output)
	if err := k.process.Start(); err != nil {
		return nil, err
	}
	if _, _, err := k.round(ctx); err != nil { // node compiles what it has seen run
		k.close()
		return nil, err
	}
	return k, nil
}

// writeModel writes the files of a pass; what is made of them it makes itself.
func (p *press) writeModel(ctx context.Context, dir string) error {
	made, err := p.changed(ctx)
	if err != nil {
		return err
	}
	all, err := files(made)
	if err != nil {
		return err
	}
	return writeFiles(dir, all)
}

// writeCertificates writes the leaf and its key. The intermediate certificate is
// Apple's, since the library reads none of another kind; all that becomes of it is
// to be copied into the signature.
func (p *press) writeCertificates(dir string) error {
	leaf, rest := pem.Decode(p.chain)
	key, _ := pem.Decode(rest)
	return writeFiles(dir, map[string][]byte{
		"signer.pem": pem.EncodeToMemory(leaf), "key.pem": pem.EncodeToMemory(key),
		"wwdr.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: apple.WWDRG4().Raw}),
	})
}

func writeFiles(dir string, all map[string][]byte) error {
	for name, content := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// round lets it make some passes, and tells how many it makes for a second of a
// core, and the bytes of one.
func (k *passkit) round(context.Context) (perSecond float64, size int, err error) {
	if _, err := fmt.Fprintln(k.input, passkitEach); err != nil {
		return 0, 0, err
	}
	line, err := k.output.ReadString('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("passkit-generator ended: %w", err)
	}
	var micros int64
	if _, err := fmt.Sscan(line, &micros, &size); err != nil {
		return 0, 0, fmt.Errorf("passkit-generator said %q", line)
	}
	return passkitEach / (time.Duration(micros) * time.Microsecond).Seconds(), size, nil
}

func (k *passkit) close() {
	k.input.Close()
	_ = k.process.Wait() // it has nothing to say
	_ = os.RemoveAll(k.dir)
}
