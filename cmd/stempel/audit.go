package main

type auditCommand struct{ storage }
