package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/passes"
	"stempel/passes/artwork"
	"stempel/passes/poster"
)

type posterCommand struct {
	storage
	PublicURL string `long:"public-url" env:"STEMPEL_PUBLIC_URL" value-name:"URL" description:"Where customers reach the server, https://…: the poster leads there."`
	Format    string `long:"format" default:"pdf" choice:"pdf" choice:"png" choice:"svg" description:"pdf, png (300 pixels to the inch) or svg."`
	Language  string `long:"language" default:"en" choice:"en" choice:"pl" choice:"ro" description:"en, pl or ro."`
	Paper     string `long:"paper" default:"a4" choice:"a4" choice:"a6" description:"a4, or a6 for tables."`
	Out       string `long:"out" required:"yes" value-name:"FILE" description:"The file to write, which must not exist."`

	Args struct {
		Program string `positional-arg-name:"<program>" description:"Its id, program_…"`
	} `positional-args:"yes" required:"yes"`
}

func (p *posterCommand) check(wrong *problems) {
	p.storage.check(wrong)
	checkPublicURL(wrong, p.PublicURL)
	if p.PublicURL == "" {
		wrong.add("STEMPEL_PUBLIC_URL", "is needed: the poster leads there")
	}
	if _, err := loyalty.ParseID[loyalty.ProgramID](p.Args.Program); err != nil {
		wrong.add("program", "%q is no program's id: it must look like program_01m0wyf4npfqdbdnpqxa7mtfh7", p.Args.Program)
	}
}

func (p *posterCommand) Run(ctx context.Context, s streams) error {
	id, err := loyalty.ParseID[loyalty.ProgramID](p.Args.Program)
	if err != nil {
		return err
	}
	var file []byte
	err = p.withStore(ctx, func(db *store.Store) error {
		file, err = p.draw(ctx, db, id)
		return err
	})
	if err != nil {
		return err
	}
	if err := newFile(p.Out, func(f *os.File) error {
		_, err := f.Write(file)
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "Drew", p.Out)
	return err
}

func (p *posterCommand) draw(ctx context.Context, db *store.Store, id loyalty.ProgramID) ([]byte, error) {
	owner, err := db.ProgramOwner(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, fmt.Errorf("there is no program %s", id)
	}
	if err != nil {
		return nil, err
	}
	program, programErr := db.Program(ctx, owner, id)
	merchant, merchantErr := db.Merchant(ctx, owner)
	brand, brandErr := db.Brand(ctx, owner)
	if err := errors.Join(programErr, merchantErr, brandErr); err != nil {
		return nil, err
	}
	if program.Version == 0 {
		return nil, fmt.Errorf("program %s was never published: nobody could join it", id)
	}
	l := passes.Language(p.Language)
	face := passes.Of(passes.Subject{
		Merchant: merchant, Brand: brand, Program: program, Card: &loyalty.Card{Program: id}, Language: l, Now: time.Now(),
	})
	box := artwork.Size{Width: poster.LogoWidth, Height: poster.LogoHeight}
	logo, err := artwork.NewStudio(db, pictureRoom).Logo(ctx, &face, box)
	if err != nil {
		return nil, err
	}
	paper, _ := poster.ParsePaper(p.Paper)
	sheet := poster.Of(&face, l, logo, strings.TrimSuffix(p.PublicURL, "/")+"/join/"+id.String())
	return sheet.Draw(poster.Format(p.Format), paper)
}
