package main

import (
	"context"
	"errors"
	"fmt"

	"stempel/api"
	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/internal/templates"
	contract "stempel/mobile-contracts"
)

type exportPrograms struct {
	storage
	Program  string `long:"program" value-name:"ID" description:"The program."`
	Merchant string `long:"merchant" value-name:"ID" description:"Or all published programs of this merchant."`
}

func (e *exportPrograms) check(wrong *problems) {
	e.storage.check(wrong)
	if (e.Program == "") == (e.Merchant == "") {
		wrong.add("--program", "is needed, or --merchant in its place for all of a merchant's")
	}
}

// Run writes programs as files that apply reads.
func (e *exportPrograms) Run(ctx context.Context, s streams) error {
	return e.withStore(ctx, func(db *store.Store) error {
		programs, keys, err := e.which(ctx, db)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, schemaLine)
		written := 0
		for _, p := range programs {
			if p.Version == 0 || p.Archived && e.Program == "" {
				continue
			}
			text, err := api.ProgramText(keys[p.ID], &p.Rules)
			if err != nil {
				return err
			}
			if written++; written > 1 {
				fmt.Fprintln(s.out, "---")
			}
			if _, err := s.out.Write(text); err != nil {
				return err
			}
		}
		return nil
	})
}

// schemaLine tells editors how to check and complete the file: the language servers
// for YAML know it.
const schemaLine = "# yaml-language-server: $schema=program.schema.json"

// which are the programs to write, with what names each of the merchant's in files.
func (e *exportPrograms) which(ctx context.Context, db *store.Store) (programs []*loyalty.Program, keys map[loyalty.ProgramID]string, err error) {
	if e.Program != "" {
		return e.one(ctx, db)
	}
	merchant, err := loyalty.ParseID[loyalty.MerchantID](e.Merchant)
	if err != nil {
		return nil, nil, fmt.Errorf("--merchant: %q is not the id of a merchant", e.Merchant)
	}
	if _, err := db.Merchant(ctx, merchant); err != nil {
		return nil, nil, fmt.Errorf("merchant %s: %w", merchant, err)
	}
	programs, err = db.Programs(ctx, merchant)
	return programs, loyalty.FileKeys(programs), err
}

func (e *exportPrograms) one(ctx context.Context, db *store.Store) (programs []*loyalty.Program, keys map[loyalty.ProgramID]string, err error) {
	id, err := loyalty.ParseID[loyalty.ProgramID](e.Program)
	if err != nil {
		return nil, nil, fmt.Errorf("--program: %q is not the id of a program", e.Program)
	}
	program, err := db.ProgramByID(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil, fmt.Errorf("--program: there is no published program %s", e.Program)
	}
	if err != nil {
		return nil, nil, err
	}
	all, err := db.Programs(ctx, program.Merchant)
	return []*loyalty.Program{program}, loyalty.FileKeys(all), err
}

type showTemplate struct {
	Args struct {
		Name string `positional-arg-name:"<template>" description:"Its name, as in cafe. Any other word lists them all."`
	} `positional-args:"yes" required:"yes"`
}

func (t *showTemplate) Run(_ context.Context, s streams) error {
	text, err := templates.File(t.Args.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\n%s", schemaLine, text)
	return err
}

type programSchema struct{}

func (programSchema) Run(_ context.Context, s streams) error {
	_, err := s.out.Write(contract.Program())
	return err
}
