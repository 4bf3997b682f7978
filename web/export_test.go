package web

import "net/http"

// AddRoute is for faults that no route has by itself, such as a panic.
func (s *Server) AddRoute(pattern string, f http.HandlerFunc) { s.mux.HandleFunc(pattern, f) }
