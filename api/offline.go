package api

import (
	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
)

// Not built yet.

func (s *Server) MintStatement(*fiber.Ctx, gen.CardInPath, gen.VoucherInPath) error {
	return fiber.ErrNotFound
}

func (s *Server) GetStatementQRCode(*fiber.Ctx, gen.CardInPath, gen.VoucherInPath, gen.GetStatementQRCodeParams) error {
	return fiber.ErrNotFound
}
func (s *Server) ListContested(*fiber.Ctx, gen.ListContestedParams) error { return fiber.ErrNotFound }

func (s *Server) SettleContested(*fiber.Ctx, gen.ContestedInPath, gen.SettleContestedParams) error {
	return fiber.ErrNotFound
}
func (s *Server) TakeLease(*fiber.Ctx) error     { return fiber.ErrNotFound }
func (s *Server) RegisterQueue(*fiber.Ctx) error { return fiber.ErrNotFound }
func (s *Server) SyncQueue(*fiber.Ctx) error     { return fiber.ErrNotFound }
