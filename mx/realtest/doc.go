// Package realtest answers: what do programs that others wrote make of it?
//
// Doubles say what their author believes of a protocol. The tests that use this
// package start real servers instead, each in the foreground and under a
// directory of its own, on an address of 127.0.53.0/24 or 127.53.0.0/16, for as
// long as the test runs: Postfix, Exim, Unbound. They are skipped where a
// program is missing; with MXVET_REAL=1 in the environment that is a failure.
// .ci/install installs them all on Debian.
//
// [SignedDNS] is the one that needs two programs: zones that Knot DNS signs, and
// Unbound that validates them, with a root of trust of their own.
//
// Left out: systems that are not Unix.
package realtest
